import { delegatedOf, stakeOf } from '#domain/book/account.ts';
import { poolAt } from '#domain/economy/delegation-rows.ts';
import { delegationsOf } from '#domain/economy/delegation.ts';
import { type ProducedBlock, produceBlock } from '#domain/economy/emission.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import type { Neuron } from '#domain/economy/neuron.ts';
import { payEpoch } from '#domain/economy/payout.ts';
import { ROOT_NETUID } from '#domain/economy/root-netuid.ts';
import { deregister } from '#domain/economy/stake.ts';
import { carryOut, type WalletOrder } from '#domain/economy/wallet-order.ts';
import { swapCost } from '#domain/keys/swap-hotkey.ts';
import { childrenOf, parentsOf } from '#domain/children/links.ts';
import { type DoubleSigning, slashId } from '#domain/slashing/report.ts';
import { isOpen, type Slash } from '#domain/slashing/slash.ts';
import { causeOf, done, mandateOf } from '../ledger-state.ts';
import { unpaid } from '../simulated-scoring.ts';

const PPM = 1_000_000n;
/** What a rao on root counts for. */
export const ROOT_WEIGHT_PPM = 180_000;
/** Rao that flooring may keep from one wallet's part, or give it, each time that its shares are cut or taken off. */
const ROUNDING = 3n;

/** What a hotkey signed twice, and who had how much on it then. */
export interface Crime {
  readonly pair: DoubleSigning;
  /** Rao that counted, by wallet: the owner's stake on the registration, and what each had delegated. */
  readonly answers: ReadonlyMap<string, bigint>;
  readonly block: number;
  /** Which of the hotkey's registrations it was, counted by hand: ids are what is tested. */
  readonly attempt: number;
  /** Rao that slashes have taken from those wallets since. */
  lost: bigint;
  /** Empty until it is reported. */
  slashId: string;
}

/**
 * A ledger without rewards, on which people run away from slashes: all that anybody has may only change by what they pay, and by their
 * part of a slash, wherever they put it meanwhile. Throws at the first step after which somebody has more or less than that.
 */
export class FugitiveWorld {
  readonly ledger: Ledger;
  readonly wallets: readonly string[];
  /** Those that are not decided yet. */
  crimes: Crime[] = [];
  /** Orders that were carried out, and refusals, by name. */
  readonly counts = new Map<string, number>();
  #sequence = 0;
  #signed = 0;

  constructor(ledger: Ledger, wallets: readonly string[]) {
    this.ledger = ledger;
    this.wallets = wallets;
  }

  /** Lets an order be carried out; answers why it was refused, empty where it was not. Only what it costs may be gone. */
  order(signer: string, order: WalletOrder): string {
    const before = this.worthOf(signer);
    this.#sequence += 1;
    const signed = { signer, sequence: this.#sequence, expiresAtBlock: Number.MAX_SAFE_INTEGER, order };
    const carried = this.ledger.decide((state) => carryOut(state, signed));
    this.count(carried.ok ? order.type : carried.code);
    if (!carried.ok) return carried.code;
    if (order.type === 'MoveStake') this.count(`${kindOf(order.netuid)} to ${kindOf(order.toNetuid)}`);
    const after = this.worthOf(signer) + this.#costOf(order, carried.value.neuron);
    if (after > before || after < before - ROUNDING) {
      throw new Error(`${order.type} made ${after} rao of ${signer} out of ${before}`);
    }
    return '';
  }

  #costOf(order: WalletOrder, neuron: Neuron | null): bigint {
    if (order.type === 'Transfer') return order.amount;
    if (order.type === 'Register') return neuron?.cost ?? 0n;
    if (order.type === 'SwapHotkey') return swapCost(order);
    const { slashing } = this.ledger.network.genesis;
    return order.type === 'ReportDoubleSigning' ? (slashing?.reportDeposit ?? 0n) : 0n;
  }

  leave({ netuid, hotkey, coldkey }: Neuron): void {
    const end = { netuid, hotkey, mandate: mandateOf(coldkey), cause: causeOf(hotkey) };
    const ended = this.ledger.decide((state) => deregister(state, end));
    this.count(ended.ok ? 'Deregister' : ended.code);
  }

  /** A neuron signs two contents under one sequence. */
  signTwice(neuron: Neuron): void {
    const { netuid, hotkey, coldkey, registrationId, attempt } = neuron;
    const answers = new Map([[coldkey, this.#ownStake(neuron)]]);
    const place = poolAt(this.ledger, { netuid, hotkey });
    for (const wallet of this.wallets) {
      for (const { worth, ...at } of delegationsOf(this.ledger, wallet)) {
        if (at.netuid !== netuid || poolAt(this.ledger, at).hotkey !== place.hotkey) continue;
        answers.set(wallet, (answers.get(wallet) ?? 0n) + worth);
      }
    }
    this.#signed += 1;
    const { block } = this.ledger;
    const pair = { netuid, hotkey, registrationId, envelopeType: 'Commit', sequence: String(this.#signed) };
    this.crimes.push({
      pair: { ...pair, expiresAtBlock: block + 20, evidenceSha256: String(this.#signed).padStart(64, '0') },
      answers,
      block,
      attempt,
      lost: 0n,
      slashId: '',
    });
    this.count('signed twice');
  }

  /** Somebody shows it. Nothing that was done since may keep it from being heard. */
  report(reporter: string, crime: Crime): void {
    const code = this.order(reporter, { type: 'ReportDoubleSigning', ...crime.pair });
    if (code !== '') this.crimes = this.crimes.filter((each) => each !== crime);
    const { netuid, hotkey, registrationId, envelopeType, sequence } = crime.pair;
    const place = poolAt(this.ledger, { netuid, hotkey });
    const instance = `${envelopeType}/${sequence}`;
    crime.slashId = slashId(this.ledger, { type: 'DoubleSigning', ...place, registrationId, instance });
    // Bounds of what is taken, and an offence of somebody who had nothing.
    if (!['', 'SLASH_COUNT', 'SLASH_BOUND', 'NOTHING_AT_STAKE'].includes(code)) {
      throw new Error(`a report of ${crime.pair.hotkey} is refused: ${code}`);
    }
  }

  /** A block, with the slashes that it decides; epochs are paid at once. `meddle`: between what was and what comes of it. */
  block(meddle: () => void): ProducedBlock {
    const due = this.openSlashes().filter(({ dueBlock }) => dueBlock <= this.ledger.block + 1);
    const before = due.length === 0 ? undefined : this.#worths();
    const reach = due.map((slash) => this.#reachOf(slash));
    meddle();
    const produced = done(this.ledger.decide((state) => produceBlock(state, 0)));
    if (before !== undefined) this.#judge(due, { before, reach });
    for (const sealed of produced.sealed) {
      this.#judgeSeal(sealed);
      done(this.ledger.decide((state) => payEpoch(state, unpaid(sealed))));
    }
    return produced;
  }

  openSlashes(): readonly Slash[] {
    return this.crimes.flatMap((crime) => {
      const slash = this.ledger.slashes.get(crime.slashId);
      return slash !== undefined && isOpen(slash) ? [slash] : [];
    });
  }

  /** All that a wallet has: in hand, on neurons, delegated and on its way out. */
  worthOf(wallet: string): bigint {
    const { ledger } = this;
    let sum = ledger.book.posted('TAO', wallet);
    for (const neuron of ledger.neurons.values()) if (neuron.coldkey === wallet) sum += this.#ownStake(neuron);
    for (const { worth, waiting } of delegationsOf(ledger, wallet)) sum += worth + waiting;
    for (const { amount } of ledger.unbondings.find(`wallet/${wallet}`)) sum += amount;
    return sum;
  }

  #ownStake({ netuid, hotkey, coldkey }: Neuron): bigint {
    return this.ledger.book.posted('TAO', stakeOf(netuid, hotkey, coldkey));
  }

  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  #worths(): ReadonlyMap<string, bigint> {
    return new Map(this.wallets.map((wallet) => [wallet, this.worthOf(wallet)]));
  }

  /** Rao of each wallet of which a slash may take a part. */
  #reachOf(slash: Slash): ReadonlyMap<string, bigint> {
    const { ledger } = this;
    const reach = new Map<string, bigint>();
    const add = (wallet: string, rao: bigint): void => void reach.set(wallet, (reach.get(wallet) ?? 0n) + rao);
    const crime = this.crimes.find(({ slashId: id }) => id === slash.id);
    for (const { netuid, hotkey, coldkey, registrationId, attempt } of ledger.neurons.values()) {
      if (registrationId === slash.registrationId && attempt === crime?.attempt)
        add(coldkey, ledger.book.posted('TAO', stakeOf(netuid, hotkey, coldkey)));
    }
    const isThere = (place: { readonly netuid: number; readonly hotkey: string }): boolean =>
      place.netuid === slash.netuid && poolAt(ledger, place).hotkey === slash.hotkey;
    for (const wallet of this.wallets) {
      for (const { worth, ...at } of delegationsOf(ledger, wallet)) if (isThere(at)) add(wallet, worth);
    }
    for (const row of [...ledger.unbondings.values(), ...ledger.movedBonds.values()]) {
      if (isThere(row)) add(row.wallet, row.amount);
    }
    return reach;
  }

  /** Each slash took what was there when it was signed, as its condition says; nobody lost more than their part, and others nothing. */
  #judge(
    due: readonly Slash[],
    {
      before,
      reach,
    }: { readonly before: ReadonlyMap<string, bigint>; readonly reach: readonly ReadonlyMap<string, bigint>[] },
  ): void {
    const ended = due.map(({ id }) => this.ledger.slashes.get(id)).filter((slash) => slash !== undefined);
    const lost = new Map<string, bigint>();
    for (const wallet of this.wallets) {
      const rewards = ended.reduce((sum, slash) => sum + (slash.reporter === wallet ? rewardOf(slash) : 0n), 0n);
      const loss = (before.get(wallet) ?? 0n) + rewards - this.worthOf(wallet);
      const most = ended.reduce((sum, slash, at) => {
        const isTaken = slash.status === 'Executed';
        return sum + (isTaken ? ((reach[at]?.get(wallet) ?? 0n) * BigInt(slash.ppm)) / PPM : 0n);
      }, 0n);
      const rounding = ROUNDING * BigInt(10 + ended.length);
      if (loss > most + rounding || loss < -rounding) throw new Error(`${wallet} lost ${loss} rao, of ${most} at most`);
      lost.set(wallet, loss);
    }
    const all = ended.reduce((sum, { taken }) => sum + taken, 0n);
    for (const slash of ended) this.#judgeTaken(slash, all - slash.taken);
    // A block decides so many at most: the others go on.
    const over = new Set(ended.filter((slash) => !isOpen(slash)).map(({ id }) => id));
    this.crimes = this.crimes.filter(({ slashId: id }) => !over.has(id));
    for (const crime of this.crimes) {
      for (const wallet of crime.answers.keys()) {
        const loss = lost.get(wallet) ?? 0n;
        if (loss > 0n) crime.lost += loss;
      }
    }
  }

  /** `others`: rao that other slashes took in the same block, maybe before. */
  #judgeTaken(slash: Slash, others: bigint): void {
    this.count(slash.status);
    const crime = this.crimes.find((each) => each.slashId === slash.id);
    if (crime === undefined || slash.status !== 'Executed') return;
    const answered = [...crime.answers.values()].reduce((sum, rao) => sum + rao, 0n) - crime.lost - others;
    const least = (answered * BigInt(slash.ppm)) / PPM - ROUNDING * BigInt(20 + crime.answers.size);
    if (slash.taken < least) {
      throw new Error(`${answered} rao answered for ${slash.hotkey}, and ${slash.taken} of ${least} were taken`);
    }
  }

  /** Stake counts once, whoever it was given to, and nobody is parent and child. */
  #judgeSeal({ netuid, neurons }: ProducedBlock['sealed'][number]): void {
    const { ledger } = this;
    let [counts, lies, onRoot] = [0n, 0n, 0n];
    for (const { hotkey, coldkey, stake } of neurons) {
      const pool = poolAt(ledger, { netuid, hotkey });
      counts += stake;
      lies += ledger.book.posted('TAO', stakeOf(netuid, hotkey, coldkey));
      lies += ledger.book.posted('TAO', delegatedOf(netuid, pool.hotkey));
      const { hotkey: poolOnRoot } = poolAt(ledger, { netuid: ROOT_NETUID, hotkey });
      onRoot += ledger.book.posted('TAO', delegatedOf(ROOT_NETUID, poolOnRoot));
      if (childrenOf(ledger, netuid, hotkey).length > 0 && parentsOf(ledger, netuid, hotkey).length > 0) {
        throw new Error(`${hotkey} is both parent and child`);
      }
    }
    const most = lies + (onRoot * BigInt(ROOT_WEIGHT_PPM)) / PPM;
    if (counts > most)
      throw new Error(`subnet ${netuid} sealed ${counts} rao, and ${lies} are there and ${onRoot} on root`);
  }
}

function kindOf(netuid: number): string {
  return netuid === ROOT_NETUID ? 'root' : 'subnet';
}

/** What a reporter has of a slash, its deposit beside; of one that was dropped nothing. */
function rewardOf({ status, taken, deposit }: Slash): bigint {
  return status === 'Executed' ? taken / 5n + deposit : 0n;
}
