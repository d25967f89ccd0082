import { SimulatedScoring, mixed, steadyRates } from '@subnetes/ledger/test/simulated-scoring';
import { MINT, delegatedOf } from '@subnetes/ledger/domain/book/account';
import { produceBlock } from '@subnetes/ledger/domain/economy/emission';
import type { Ledger } from '@subnetes/ledger/domain/economy/ledger';
import { payEpoch } from '@subnetes/ledger/domain/economy/payout';
import type { SealedEpoch } from '@subnetes/ledger/domain/economy/sealed-epoch';
import type { WalletOrder } from '@subnetes/ledger/domain/economy/wallet-order';
import { PaidSums, type Promised, promisesOf, worstOf } from './projections.ts';
import {
  type Command,
  drain,
  foundingOf,
  hotkey,
  nominator,
  openInMemory,
  type Scale,
  scaledGenesis,
  SignedWallets,
  TAO,
} from './simulated-network.ts';

export interface SimulatedEconomy {
  readonly epochs: number;
  readonly blocks: number;
  readonly halvings: number;
  readonly supplyRao: string;
  readonly capRao: string;
  /** Largest difference, after any epoch, between what all accounts hold and what was minted. */
  readonly differenceRao: string;
  readonly projections: number;
  readonly projectionErrorPct: number;
  readonly seconds: number;
}

/** Orders of nominators an epoch, where they go on to act. */
const ORDERS_AN_EPOCH = 40;
const PROGRESS_EVERY = 256;

interface Run {
  readonly scale: Scale;
  readonly ledger: Ledger;
  readonly command: Command;
  readonly wallets: SignedWallets;
  readonly scoring: SimulatedScoring;
  readonly paid: PaidSums;
  readonly progress: (line: string) => void;
  epochs: number;
  difference: bigint;
  rewards: Set<bigint>;
}

/**
 * Runs the ledger's own domain through so many epochs, each scored by the real consensus. In subnets of odd number opinions change
 * from epoch to epoch and nominators come and go; in the others nothing changes, and there the calculators are held to what they
 * said when half of the epochs were over.
 */
export function simulateEconomy(
  scale: Scale,
  epochsEach: number,
  { seed, progress }: { readonly seed: number; readonly progress: (line: string) => void },
): SimulatedEconomy {
  const started = performance.now();
  const run = openRun(scale, seed, progress);
  const halfTime = Math.floor(epochsEach / 2) * scale.tempo + 1;
  const blocks = epochsEach * scale.tempo;
  const first = run.ledger.block;
  passBlocks(run, halfTime);
  const promised = promise(run, first + blocks - run.ledger.block);
  progress(`${promised.length} projections over ${first + blocks - run.ledger.block} blocks`);
  passBlocks(run, first + blocks - run.ledger.block);
  const worst = worstOf(promised);
  progress(`furthest off: ${worst.what}, ${worst.errorPct} %`);
  const { ledger } = run;
  return {
    epochs: run.epochs,
    blocks: ledger.block,
    halvings: run.rewards.size - 1,
    supplyRao: ledger.issued.toString(),
    capRao: ledger.network.genesis.cap.toString(),
    differenceRao: run.difference.toString(),
    projections: promised.length,
    projectionErrorPct: worst.errorPct,
    seconds: Math.round((performance.now() - started) / 10) / 100,
  };
}

function openRun(scale: Scale, seed: number, progress: Run['progress']): Run {
  const { ledger, command } = openInMemory(scaledGenesis(scale));
  const wallets = new SignedWallets();
  const isMiner = ({ uid }: { readonly uid: number }): boolean => uid >= scale.validators;
  const scoring = new SimulatedScoring((rater, epoch) => {
    const drawn = epoch.netuid % 2 === 1 ? seed + 31 * epoch.index : seed;
    return steadyRates({ seed: drawn + 1000 * epoch.netuid, isMiner })(rater, epoch);
  });
  const [paid, rewards] = [new PaidSums(), new Set<bigint>()];
  const run: Run = { scale, ledger, command, wallets, scoring, paid, progress, rewards, epochs: 0, difference: 0n };
  for (let netuid = 1; netuid <= scale.subnets; netuid += 1) {
    for (const found of foundingOf(scale, netuid)) command(found);
    drain(ledger);
  }
  for (let at = 0; at < scale.nominators; at += 1) {
    const [netuid, uid] = placeOf(scale, at);
    const amount = TAO + (BigInt(at % 97) * TAO) / 100n;
    command(wallets.next(nominator(at), { type: 'AddStake', netuid, hotkey: hotkey(netuid, uid), amount }));
    if (at % 500 === 0) drain(ledger);
  }
  drain(ledger);
  progress(`${scale.subnets} subnets of ${scale.validators + scale.miners} neurons, ${scale.nominators} nominators`);
  return run;
}

/** Where a nominator delegates: all validators have about as many. */
function placeOf({ subnets, validators }: Scale, at: number): readonly [netuid: number, uid: number] {
  return [1 + (at % subnets), Math.floor(at / subnets) % validators];
}

function promise({ scale, ledger, paid }: Run, blocks: number): readonly Promised[] {
  const promised: Promised[] = [];
  for (let netuid = 2; netuid <= scale.subnets; netuid += 2) {
    const delegators = (uid: number): number | undefined => {
      const at = netuid - 1 + uid * scale.subnets;
      return at < scale.nominators ? at : undefined;
    };
    const validators = Array.from({ length: 8 }, (_, at) => (at * 11) % scale.validators);
    promised.push(...promisesOf(ledger, { netuid, blocks, validators, delegators }, paid));
  }
  return promised;
}

function passBlocks(run: Run, blocks: number): void {
  for (let at = 0; at < blocks; at += 1) {
    const { sealed, minted } = run.command((state) => produceBlock(state, 0));
    run.rewards.add(minted);
    for (const epoch of sealed) payOne(run, epoch);
    run.paid.addEntries(drain(run.ledger));
  }
}

function payOne(run: Run, sealed: SealedEpoch): void {
  const { ledger, scale, scoring, command, paid } = run;
  const { netuid } = sealed;
  const scored = scoring.score(ledger, sealed);
  const pool = (uid: number): bigint => ledger.book.posted(ledger.asset, delegatedOf(netuid, hotkey(netuid, uid)));
  const before = Array.from({ length: scale.validators }, (_, uid) => pool(uid));
  command((state) => payEpoch(state, scored));
  for (const { uid, dividend } of scored.neurons.slice(0, scale.validators)) {
    paid.add(paid.owners, hotkey(netuid, uid), dividend - (pool(uid) - (before[uid] ?? 0n)));
  }
  if (netuid % 2 === 1) act(run, sealed);
  run.epochs += 1;
  check(run);
  if (run.epochs % PROGRESS_EVERY === 0) {
    run.progress(`${run.epochs} epochs, block ${ledger.block}, ${ledger.issued} rao issued`);
  }
}

/** Nominators put more, take some back, or move on; what they have not is refused. */
function act({ scale, wallets, ledger }: Run, { netuid, index }: SealedEpoch): void {
  for (let order = 0; order < ORDERS_AN_EPOCH; order += 1) {
    const drawn = Number(mixed(index * 977 + netuid, order));
    const at = netuid - 1 + scale.subnets * (drawn % Math.max(1, Math.floor(scale.nominators / scale.subnets)));
    const place = { netuid, hotkey: hotkey(netuid, placeOf(scale, at)[1]) };
    const signer = nominator(at);
    const to = { toNetuid: netuid, toHotkey: hotkey(netuid, drawn % scale.validators) };
    const amount = TAO / 100n;
    const orders: readonly WalletOrder[] = [
      { type: 'AddStake', ...place, amount },
      { type: 'RemoveStake', ...place, amount },
      { type: 'MoveStake', ...place, ...to, amount },
    ];
    const chosen = orders[order % orders.length];
    if (chosen !== undefined) ledger.decide(wallets.next(signer, chosen));
  }
}

/** Throws where the supply passes its cap; remembers the largest difference. */
function check(run: Run): void {
  const { ledger } = run;
  if (ledger.issued > ledger.network.genesis.cap) throw new Error(`${ledger.issued} rao are above the cap`);
  let sum = 0n;
  for (const { id, posted } of ledger.book.accounts.values()) {
    if (id !== MINT && posted < 0n) throw new Error(`${id} has ${posted} rao`);
    sum += posted;
  }
  const minted = ledger.network.genesisIssued + ledger.network.rewards - ledger.issued;
  for (const difference of [sum, minted]) {
    const size = difference < 0n ? -difference : difference;
    if (size > run.difference) run.difference = size;
  }
}
