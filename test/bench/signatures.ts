import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { create } from '@bufbuild/protobuf';
import { signEnvelope, verifyEnvelope, verifyEnvelopes } from '@subnetes/keys/envelope';
import { newSessionKey } from '@subnetes/keys/session-key';
import { batchKeyOf, sessionIdOf, signBatch, signSession, verifyBatch } from '@subnetes/keys/spend-session';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { SessionBatchSchema, SessionScope } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';

/** Long enough that a pause of the collector does not count, short enough for a run in between. */
const MEASURE_MS = 3000;
const ORDERS_A_BATCH = 100;
const AT_ONCE = 64;

type Progress = (line: string) => void;

interface Cost {
  readonly perSecond: number;
  /** Of all threads. */
  readonly cpuMicrosecondsEach: number;
}

/**
 * What it costs to verify one order that a wallet signed itself, many such orders of different wallets together, and a batch of
 * orders that a session's key signed.
 */
export async function measureSignatures(progress: Progress): Promise<Record<string, unknown>> {
  const networkId = Uint8Array.from(randomBytes(32));
  const wallet = pairOfSeed(Uint8Array.from(randomBytes(32)), 'bench');
  const payload = Uint8Array.from(randomBytes(60));
  const terms = { networkId, type: EnvelopeType.WALLET_ORDER, sequence: 1n, expiresAtBlock: 9n, payload };
  const order = signEnvelope(terms, wallet);
  const demand = { networkId, type: EnvelopeType.WALLET_ORDER, block: 1n, isDirect: true };
  progress('sr25519: one order a signature');
  const sr25519 = await measure(async () => {
    if (!verifyEnvelope(order, demand).ok) throw new Error('a good order was refused');
  });

  progress(`sr25519: ${AT_ONCE} orders of as many wallets together`);
  const many = Array.from({ length: AT_ONCE }, (_, at) => {
    const signer = pairOfSeed(Uint8Array.from(randomBytes(32)), `bench ${at}`);
    return { envelope: signEnvelope(terms, signer), demand };
  });
  const together = await measure(async () => {
    if (verifyEnvelopes(many).some(({ ok }) => !ok)) throw new Error('a good order was refused');
  }, AT_ONCE);

  const key = newSessionKey();
  const batch = batchOf({ networkId, wallet, key });
  const publicKey = batchKeyOf(key.publicKey);
  if (publicKey === undefined) throw new Error('a new key is one');
  progress(`ed25519: ${ORDERS_A_BATCH} orders a signature`);
  const ed25519 = await measure(async () => {
    const verified = Array.from({ length: AT_ONCE }, () => verifyBatch(batch, networkId, publicKey));
    if ((await Promise.all(verified)).includes(false)) throw new Error('a good batch was refused');
  }, AT_ONCE);
  return {
    sr25519OrdersPerSecond: sr25519.perSecond,
    sr25519CpuMicrosecondsPerOrder: sr25519.cpuMicrosecondsEach,
    sr25519TogetherPerSecond: together.perSecond,
    sr25519TogetherCpuMicrosecondsPerOrder: together.cpuMicrosecondsEach,
    ed25519BatchesPerSecond: ed25519.perSecond,
    ed25519CpuMicrosecondsPerBatch: ed25519.cpuMicrosecondsEach,
    ordersPerBatch: ORDERS_A_BATCH,
    ed25519CpuMicrosecondsPerOrder: round(ed25519.cpuMicrosecondsEach / ORDERS_A_BATCH),
    batchBytes: batch.payload.length,
  };
}

function batchOf(of: {
  readonly networkId: Uint8Array;
  readonly wallet: ReturnType<typeof pairOfSeed>;
  readonly key: ReturnType<typeof newSessionKey>;
}) {
  const { networkId, wallet, key } = of;
  const session = signSession(
    {
      networkId,
      publicKey: key.publicKey,
      scopes: [SessionScope.FUND],
      maxPerOrder: 1n,
      maxTotal: 1000n,
      expiresAtBlock: 9n,
      nonce: Uint8Array.from(randomBytes(16)),
    },
    wallet,
  );
  const orders = Array.from({ length: ORDERS_A_BATCH }, () => ({
    order: { case: 'transfer' as const, value: { to: 'billing:shop', amountRao: '1', code: 'top-up' } },
  }));
  const terms = {
    networkId,
    sessionId: sessionIdOf(session),
    wallet: wallet.address,
    sequence: 1n,
    expiresAtBlock: 9n,
  };
  return signBatch(terms, create(SessionBatchSchema, { orders }), key);
}

/** Repeats some work, each run of it `items` verifications. */
async function measure(work: () => Promise<void>, items = 1): Promise<Cost> {
  for (let warmUp = 0; warmUp < 20; warmUp += 1) await work();
  const [from, cpuFrom] = [performance.now(), process.cpuUsage()];
  let done = 0;
  while (performance.now() - from < MEASURE_MS) {
    await work();
    done += items;
  }
  const { user, system } = process.cpuUsage(cpuFrom);
  const seconds = (performance.now() - from) / 1000;
  return { perSecond: Math.round(done / seconds), cpuMicrosecondsEach: round((user + system) / done) };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
