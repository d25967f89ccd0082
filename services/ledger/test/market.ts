import { create, toBinary } from '@bufbuild/protobuf';
import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { signEnvelope } from '@subnetes/keys/envelope';
import { type MandateOperation, signMandate } from '@subnetes/keys/mandate';
import { pairOfSeed, type Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { type WalletOrder, WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { EmissionState, RegistrationMode } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';

export const CLUSTER = '6a1f6b6e-0000-4000-8000-000000000001';
export const NAMESPACE = 'finance';

/** Deterministic keys by name. */
export function keyOf(name: string): Sr25519Pair {
  return pairOfSeed(new Uint8Array(32).fill(7), name);
}

export const owner = keyOf('owner');
export const desk = keyOf('desk');

/** A fast network with two funded wallets. */
export const genesis = {
  token: { symbol: 'TAO', decimals: 9, cap: '21000000' },
  blockTimeMs: 100,
  blockReward: '1',
  emissionPolicy: { name: 'Equal', version: 1 },
  accounts: [
    { address: owner.address, amount: '1000' },
    { address: desk.address, amount: '20000' },
  ],
};

export const networkId = networkIdOf(genesis);

export function causeOf(kind: string, name: string, objectUid = `${kind}-${name}`) {
  return { cluster: CLUSTER, kind, namespace: NAMESPACE, name, objectUid, generation: 1n };
}

export function mandateOf(
  key: Sr25519Pair,
  change: Partial<{
    operations: MandateOperation[];
    maxTotal: string;
    maxPerOperation: string;
    namespace: string;
    nonce: string;
    notAfterBlock: string;
    /** Of another genesis than this file's. */
    networkId: Uint8Array;
  }> = {},
): SignedEnvelope {
  return signMandate(
    {
      networkId: Buffer.from(change.networkId ?? networkId).toString('hex'),
      payer: key.address,
      owner: key.address,
      grantee: { cluster: CLUSTER, namespace: change.namespace ?? NAMESPACE },
      operations: change.operations ?? ['Register', 'Stake', 'SetPolicy', 'Deregister'],
      netuids: [],
      maxPerOperation: change.maxPerOperation ?? '10000000000000',
      maxTotal: change.maxTotal ?? '20000000000000',
      notAfterBlock: change.notAfterBlock ?? '1000000',
      nonce: change.nonce ?? 'n1',
    },
    key,
  );
}

export function bindingOf(hotkey: Sr25519Pair, coldkey: Sr25519Pair, network = networkId): SignedEnvelope {
  return signEnvelope(
    {
      networkId: network,
      type: EnvelopeType.HOTKEY_BINDING,
      sequence: 1n,
      expiresAtBlock: 1_000_000n,
      payload: new TextEncoder().encode(coldkey.address),
    },
    hotkey,
  );
}

/** How wallets order on a network. */
export function orderOn(network: Uint8Array) {
  return (
    key: Sr25519Pair,
    sequence: bigint,
    order: WalletOrder['order'],
    expiresAtBlock = 1_000_000n,
  ): SignedEnvelope => {
    const payload = toBinary(WalletOrderSchema, create(WalletOrderSchema, { order } as never));
    const type = EnvelopeType.WALLET_ORDER;
    return signEnvelope({ networkId: network, type, sequence, expiresAtBlock, payload }, key);
  };
}

export const orderOf = orderOn(networkId);

export const policy = {
  hyperparameters: { tempo: 10, immunityPeriodBlocks: 100, maxUids: 8, maxValidators: 4 },
  mechanisms: [
    {
      id: 0,
      name: 'forecast',
      emissionWeight: 1,
      quantileForecast: { horizonsDays: [1, 5], quantiles: 19 },
      evaluation: {
        scorer: 'Crps',
        replay: { dataset: 'sp500-daily', startDay: '2010-01-04', daysPerBlock: 1 },
        perEpoch: 20,
        timeoutMs: 2000,
        emaPpm: 100_000,
        copiesSimilarityPpm: 999_000,
        rubric: 'Lower CRPS is better.',
      },
    },
  ],
};

export function putSubnetOf(handle: string, mandate = mandateOf(owner)) {
  return {
    handle,
    policy,
    mandate,
    emission: EmissionState.STARTED,
    registration: RegistrationMode.OPEN,
    cause: causeOf('Subnet', handle),
  };
}

export function registerOf(
  netuid: number,
  name: string,
  change: {
    stakeRao?: string;
    maxCostRao?: string;
    attempt?: bigint;
    mandate?: SignedEnvelope;
    networkId?: Uint8Array;
  } = {},
) {
  return {
    netuid,
    binding: bindingOf(keyOf(name), desk, change.networkId),
    mandate: change.mandate ?? mandateOf(desk),
    maxCostRao: change.maxCostRao ?? '2000000000',
    initialStakeRao: change.stakeRao ?? '0',
    attempt: change.attempt ?? 1n,
    cause: causeOf('Miner', name),
  };
}
