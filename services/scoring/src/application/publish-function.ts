import { fromBinary } from '@bufbuild/protobuf';
import { MODULE_BYTES_MAX } from '@subnetes/incentive/limits';
import type { ModuleRefusalCode } from '@subnetes/incentive/refusal';
import { type EnvelopeRefusalReason, verifyEnvelope } from '@subnetes/keys/envelope';
import { readMandate } from '@subnetes/keys/mandate';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  type IncentiveFunctionOrder,
  IncentiveFunctionOrderSchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { FunctionRunner, FunctionStore } from './incentive-functions.ts';
import type { Sha256, Store } from './ports.ts';

/** What one subnet may publish in all: nothing is ever deleted, and most functions take a few kilobytes. */
export const FUNCTION_QUOTA = { bytes: 8_388_608, modules: 1024 } as const;

/** What the owner signed. */
export type FunctionAuthority =
  | { readonly kind: 'order'; readonly envelope: SignedEnvelope }
  | { readonly kind: 'mandate'; readonly envelope: SignedEnvelope };

/** Why a module is not kept. Stable: callers match on it. In the order of the guide. */
export const PUBLISH_REFUSAL_CODES = [
  'AUTHORITY_MISSING',
  'MALFORMED_ORDER',
  'DIGEST_DIFFERS',
  'WRONG_SUBNET',
  'MALFORMED_MANDATE',
  'MANDATE_NOT_GRANTED',
  'UNKNOWN_SUBNET',
  'NOT_OWNER',
  'FUNCTION_QUOTA',
] as const;
export type PublishRefusalCode = (typeof PUBLISH_REFUSAL_CODES)[number] | EnvelopeRefusalReason | ModuleRefusalCode;

export interface PublishRefusal {
  readonly kind: 'refused';
  readonly code: PublishRefusalCode;
  readonly message: string;
}

export interface Published {
  readonly kind: 'published';
  /** Hex. */
  readonly sha256: string;
  readonly repeated: boolean;
  readonly bytesPublished: number;
}

export type PublishFunction = (request: {
  readonly netuid: number;
  readonly module: Uint8Array;
  readonly authority: FunctionAuthority | undefined;
}) => Promise<Published | PublishRefusal>;

/** Who owns subnets: the ledger says. Outages are typed. */
export interface SubnetOwners {
  /** SS58 of the coldkey; undefined where there is no such subnet. */
  owner(netuid: number): Promise<string | undefined>;
}

/**
 * Keeps a module for whom the subnet's owner signed that it may be kept. What costs little is looked at first: size,
 * signature, owner; the module itself last, beside this thread.
 */
export function makePublishFunction(ports: {
  readonly store: Pick<Store, 'position'>;
  readonly functions: FunctionStore;
  readonly runner: FunctionRunner;
  readonly owners: SubnetOwners;
  readonly sha256: Sha256;
  readonly networkId: Uint8Array;
}): PublishFunction {
  const { functions, runner, owners } = ports;
  return async ({ netuid, module, authority }) => {
    if (module.length > MODULE_BYTES_MAX) {
      return refuse('MODULE_TOO_LARGE', `${module.length} bytes, ${MODULE_BYTES_MAX} at most`);
    }
    const sha256 = ports.sha256(module);
    const block = BigInt((await ports.store.position()).block);
    const signer = signerOf(authority, { netuid, sha256, block, networkId: ports.networkId });
    if (typeof signer !== 'string') return signer;
    const owner = await owners.owner(netuid);
    if (owner === undefined) return refuse('UNKNOWN_SUBNET', `the ledger knows no subnet ${netuid}`);
    if (owner !== signer) return refuse('NOT_OWNER', `subnet ${netuid} belongs to ${owner}, ${signer} signed`);
    const refusal = (await functions.has(sha256)) ? undefined : await runner.check(module);
    if (refusal !== undefined) {
      const place = refusal.offset === null ? '' : ` at byte ${refusal.offset}`;
      return refuse(refusal.code, `${refusal.message}${place}`);
    }
    const { kind, bytesPublished } = await functions.publish(netuid, { sha256, bytes: module }, FUNCTION_QUOTA);
    if (kind === 'over-quota') {
      const room = `${FUNCTION_QUOTA.bytes} bytes in at most ${FUNCTION_QUOTA.modules} modules`;
      return refuse('FUNCTION_QUOTA', `subnet ${netuid} has published ${bytesPublished} bytes: it may publish ${room}`);
    }
    return { kind: 'published', sha256, repeated: kind === 'repeated', bytesPublished };
  };
}

interface Claim {
  readonly netuid: number;
  readonly sha256: string;
  readonly block: bigint;
  readonly networkId: Uint8Array;
}

/** SS58 of whose signature it is. */
function signerOf(authority: FunctionAuthority | undefined, claim: Claim): string | PublishRefusal {
  if (authority === undefined) return refuse('AUTHORITY_MISSING', 'an order or a mandate of the owner is needed');
  return authority.kind === 'order' ? orderSigner(authority.envelope, claim) : mandateOwner(authority.envelope, claim);
}

function orderSigner(envelope: SignedEnvelope, claim: Claim): string | PublishRefusal {
  const verified = verifyEnvelope(envelope, { ...claim, type: EnvelopeType.INCENTIVE_FUNCTION });
  if (!verified.ok) return refuse(verified.reason, verified.message);
  const order = orderOf(verified.payload);
  if (order === undefined) return refuse('MALFORMED_ORDER', 'the payload is no IncentiveFunctionOrder');
  if (order.netuid !== claim.netuid) {
    return refuse('WRONG_SUBNET', `signed for subnet ${order.netuid}, sent for subnet ${claim.netuid}`);
  }
  const named = Buffer.from(order.sha256).toString('hex');
  if (named !== claim.sha256) return refuse('DIGEST_DIFFERS', `signed for ${named}, the module is ${claim.sha256}`);
  return verified.signer;
}

function orderOf(payload: Uint8Array): IncentiveFunctionOrder | undefined {
  try {
    return fromBinary(IncentiveFunctionOrderSchema, payload);
  } catch {
    return undefined; // bytes from outside that are no message: the caller is told so by undefined
  }
}

/** Whether it was revoked, and whose cluster may use it, the ledger watches; publishing neither spends nor changes anything. */
function mandateOwner(envelope: SignedEnvelope, claim: Claim): string | PublishRefusal {
  const read = readMandate(envelope, claim);
  if (!read.ok) return refuse(read.reason, read.message);
  const { operations, netuids, owner } = read.mandate;
  if (!operations.includes('SetPolicy')) {
    return refuse('MANDATE_NOT_GRANTED', 'the mandate does not name SetPolicy among its operations');
  }
  if (netuids.length > 0 && !netuids.includes(claim.netuid)) {
    return refuse('MANDATE_NOT_GRANTED', `the mandate is for netuids ${netuids.join(', ')}, not for ${claim.netuid}`);
  }
  return owner;
}

function refuse(code: PublishRefusalCode, message: string): PublishRefusal {
  return { kind: 'refused', code, message };
}
