import { create, toBinary } from '@bufbuild/protobuf';
import { EXAMPLE_FUNCTIONS_BASE64 } from '@subnetes/incentive/gen/example-functions';
import { signEnvelope } from '@subnetes/keys/envelope';
import { signMandate } from '@subnetes/keys/mandate';
import type { Mandate } from '@subnetes/keys/mandate';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { IncentiveFunctionOrderSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { fromHex } from '#adapters/messages.ts';
import { sha256 } from '#adapters/sha256.ts';
import type { FunctionAuthority } from '#application/publish-function.ts';
import { NETUID, NETWORK_ID } from './market.ts';

export const owner = pairOfSeed(new Uint8Array(32).fill(9));
export const stranger = pairOfSeed(new Uint8Array(32).fill(10));

export function exampleModule(name: keyof typeof EXAMPLE_FUNCTIONS_BASE64): Uint8Array {
  return new Uint8Array(Buffer.from(EXAMPLE_FUNCTIONS_BASE64[name], 'base64'));
}

/** What a coldkey signs for a module. */
export function orderFor(
  module: Uint8Array,
  { key = owner, netuid = NETUID, expiresAtBlock = 10_000n } = {},
): Extract<FunctionAuthority, { kind: 'order' }> {
  const order = create(IncentiveFunctionOrderSchema, { netuid, sha256: fromHex(sha256(module)) });
  const terms = {
    networkId: fromHex(NETWORK_ID),
    type: EnvelopeType.INCENTIVE_FUNCTION,
    sequence: 1n,
    expiresAtBlock,
    payload: toBinary(IncentiveFunctionOrderSchema, order),
  };
  return { kind: 'order', envelope: signEnvelope(terms, key) };
}

export function mandateFor(change: Partial<Mandate> = {}, key = owner): FunctionAuthority {
  const terms: Mandate = {
    networkId: NETWORK_ID,
    payer: key.address,
    owner: key.address,
    grantee: { cluster: 'c1', namespace: 'finance' },
    operations: ['SetPolicy'],
    netuids: [],
    maxPerOperation: '0',
    maxTotal: '0',
    notAfterBlock: '10000',
    nonce: 'a1',
    ...change,
  };
  return { kind: 'mandate', envelope: signMandate(terms, key) };
}
