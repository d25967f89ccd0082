import { SimulatedScoring, steadyRates } from '@subnetes/ledger/test/simulated-scoring';
import { openStore } from '@subnetes/ledger/adapters/open-store';
import { openLedger } from '@subnetes/ledger/application/open-ledger';
import type { Sequencer } from '@subnetes/ledger/application/sequencer';
import type { Decision } from '@subnetes/ledger/domain/book/refusal';
import { produceBlock } from '@subnetes/ledger/domain/economy/emission';
import type { Ledger } from '@subnetes/ledger/domain/economy/ledger';
import { epochKey, payEpoch } from '@subnetes/ledger/domain/economy/payout';
import { LEDGER_MIGRATIONS } from '../ledger/funded-ledger.ts';
import { percentile } from '../ledger/percentile.ts';
import { createDatabase, startServer } from '../ledger/server.ts';
import { measureSigned, type SignedStakes } from './signed-stakes.ts';
import {
  foundingOf,
  HASHES,
  hotkey,
  nominator,
  type Scale,
  scaledGenesis,
  SignedWallets,
  TAO,
} from './simulated-network.ts';

export interface PayoutFigures {
  readonly neurons: number;
  readonly nominators: number;
  /** Median of some epochs, from the call to the answer: decided, hashed, stored, flushed. */
  readonly ms: number;
  readonly maxMs: number;
}

const ROUNDS = 12;
const WARM_UP = 3;
const ORDERS = 20_000;
/** Orders that wait for their answers at once: two batches of the sequencer. */
const AT_ONCE = 1024;

/** One epoch's payout, and orders of stake, through the service's own sequencer on a PostgreSQL of its own. */
export async function measurePayout(
  scale: Scale,
  progress: (line: string) => void,
): Promise<{
  readonly payout: PayoutFigures;
  readonly stakeOpsPerSecond: number;
  readonly signedStakeOps: SignedStakes;
}> {
  await using server = await startServer();
  const url = await createDatabase(server, 'economy');
  await using opening = new AsyncDisposableStack();
  const genesis = scaledGenesis(scale);
  const opened = opening.use(await openStore({ url, migrations: LEDGER_MIGRATIONS }));
  const sequencer = await openLedger({
    store: opened.store,
    genesis,
    hashes: HASHES,
    monotonicMs: () => performance.now(),
    retryDelay: () => Promise.reject(new Error('the database is away')),
    onHalt: () => {},
  });
  opening.defer(() => sequencer.close());
  const wallets = new SignedWallets();
  await submitAll(sequencer, foundingOf(scale, 1));
  await submitAll(
    sequencer,
    Array.from({ length: scale.nominators }, (_, at) => wallets.next(nominator(at), orderOf(scale, at, TAO))),
  );
  progress(`${scale.nominators} nominators in one subnet, on PostgreSQL`);
  const payout = await payouts(sequencer, scale);
  progress(`payout: ${payout.ms} ms, ${payout.maxMs} ms at most`);
  const orders = Array.from({ length: ORDERS }, (_, at) =>
    wallets.next(nominator(at % scale.nominators), orderOf(scale, at, TAO / 100n)),
  );
  const started = performance.now();
  await submitAll(sequencer, orders);
  const stakeOpsPerSecond = Math.round(ORDERS / ((performance.now() - started) / 1000));
  progress(`${stakeOpsPerSecond} stake operations/s`);
  const networkId = Buffer.from(genesis.networkId, 'hex');
  const signedStakeOps = await measureSigned({ sequencer, networkId, wallets, scale });
  const { sr25519PerSecond, sessionPerSecond, ordersPerBatch } = signedStakeOps;
  progress(
    `with signatures: ${sr25519PerSecond}/s one by one (sr25519), ${sessionPerSecond}/s in batches of ${ordersPerBatch} (session keys)`,
  );
  return { payout, stakeOpsPerSecond, signedStakeOps };
}

/** Every nominator has one validator; its second order takes off what the first put on. */
function orderOf({ validators, nominators }: Scale, at: number, amount: bigint) {
  const wallet = at % nominators;
  const place = { netuid: 1, hotkey: hotkey(1, wallet % validators), amount };
  return { type: Math.floor(at / nominators) % 2 === 0 ? 'AddStake' : 'RemoveStake', ...place } as const;
}

async function payouts(sequencer: Sequencer, scale: Scale): Promise<PayoutFigures> {
  const scoring = new SimulatedScoring(steadyRates({ seed: 1, isMiner: ({ uid }) => uid >= scale.validators }));
  const times: number[] = [];
  while (times.length < ROUNDS + WARM_UP) {
    const [sealed] = (await submit(sequencer, (ledger) => produceBlock(ledger, 0))).sealed;
    if (sealed === undefined) continue;
    const scored = await sequencer.read((ledger) => scoring.score(ledger, sealed));
    const from = performance.now();
    const decision = await sequencer.submit({
      keys: [epochKey(sealed.netuid, sealed.index)],
      run: (ledger) => payEpoch(ledger, scored),
    });
    times.push(performance.now() - from);
    if (!decision.ok) throw new Error(decision.message);
  }
  const counted = times.slice(WARM_UP);
  const neurons = scale.validators + scale.miners;
  return {
    neurons,
    nominators: scale.nominators,
    ms: round(percentile(counted, 0.5)),
    maxMs: round(Math.max(...counted)),
  };
}

type Run<T> = (ledger: Ledger) => Decision<T>;

async function submit<T>(sequencer: Sequencer, run: Run<T>): Promise<T> {
  const decision = await sequencer.submit({ run });
  if (!decision.ok) throw new Error(`${decision.code}: ${decision.message}`);
  return decision.value;
}

async function submitAll(sequencer: Sequencer, commands: readonly Run<unknown>[]): Promise<void> {
  const waiting = new Set<Promise<unknown>>();
  for (const command of commands) {
    const one = submit(sequencer, command).finally(() => waiting.delete(one));
    waiting.add(one);
    if (waiting.size >= AT_ONCE) await Promise.race(waiting);
  }
  await Promise.all(waiting);
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
