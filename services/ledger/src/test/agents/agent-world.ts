import { stakeOf } from '#domain/book/account.ts';
import { delegationOf } from '#domain/economy/delegation.ts';
import { produceBlock } from '#domain/economy/emission.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import type { Neuron } from '#domain/economy/neuron.ts';
import { payEpoch } from '#domain/economy/payout.ts';
import type { SealedEpoch } from '#domain/economy/sealed-epoch.ts';
import { carryOut, type WalletOrder } from '#domain/economy/wallet-order.ts';
import { isGovernanceOrder } from '#domain/governance/governance-order.ts';
import type { SimulatedScoring } from '../simulated-scoring.ts';
import { SharePrices } from './agent-checks.ts';
import { VoteWatch } from './agents-governance.ts';
import { MandateWatch } from './agents-mandates.ts';
import type { Draws } from './draws.ts';
import { placeOf, type ShadowEconomy } from './shadow-economy.ts';

export type Place = Pick<Neuron, 'netuid' | 'hotkey'>;

const NEVER = 1_000_000_000;

/** The ledger and its shadow, side by side: whatever is carried out in one is in the other. */
export class AgentWorld {
  readonly ledger: Ledger;
  readonly shadow: ShadowEconomy;
  readonly wallets: readonly string[];
  /** Orders that were carried out, and refusals, by name. */
  readonly counts = new Map<string, number>();
  readonly votes = new VoteWatch(this);
  readonly mandates = new MandateWatch(this);
  readonly #scoring: SimulatedScoring;
  readonly #sequences = new Map<string, number>();
  readonly #prices = new SharePrices();
  readonly #unpaid: { readonly sealed: SealedEpoch; readonly dueAt: number }[] = [];
  /** Wallets and places that this block touched. */
  readonly touched = { wallets: new Set<string>(), places: new Set<string>() };

  constructor(parts: {
    readonly ledger: Ledger;
    readonly shadow: ShadowEconomy;
    readonly wallets: readonly string[];
    readonly scoring: SimulatedScoring;
  }) {
    this.ledger = parts.ledger;
    this.shadow = parts.shadow;
    this.wallets = parts.wallets;
    this.#scoring = parts.scoring;
  }

  /** An epoch is sealed and waits for its payment: the time for whoever would change what it pays. */
  get isUnpaid(): boolean {
    return this.#unpaid.length > 0;
  }

  /** Whether the next block seals an epoch. */
  get isSealNear(): boolean {
    return this.shadow.netuids().some((netuid) => {
      const subnet = this.ledger.subnet(netuid);
      if (subnet === undefined || subnet.lastPaidIndex !== subnet.epochIndex) return false;
      const from = subnet.epochIndex === 0 ? subnet.startBlock : subnet.epochBlock;
      return this.ledger.block + 1 >= from + subnet.active.policy.hyperparameters.tempo;
    });
  }

  freeOf(wallet: string): bigint {
    return this.ledger.book.posted(this.ledger.asset, wallet);
  }

  /** All that a wallet has on a neuron, by the ledger. */
  stakeOf(wallet: string, { netuid, hotkey }: Place): bigint {
    const neuron = this.ledger.neuronByHotkey(netuid, hotkey);
    if (neuron?.coldkey === wallet) return this.ledger.book.posted(this.ledger.asset, stakeOf(netuid, hotkey, wallet));
    const { worth, waiting } = delegationOf(this.ledger, wallet, { netuid, hotkey });
    return worth + waiting;
  }

  anyNeuron(draws: Draws): Place | undefined {
    const netuid = draws.pick(this.shadow.netuids());
    const neurons = [...this.shadow.subnet(netuid).neurons.values()];
    return neurons.length === 0 ? undefined : { netuid, hotkey: draws.pick(neurons).hotkey };
  }

  /** The same, or its hotkey on root. */
  anyPlace(draws: Draws): Place | undefined {
    const neuron = this.anyNeuron(draws);
    return neuron !== undefined && draws.below(4) === 0 ? { netuid: 0, hotkey: neuron.hotkey } : neuron;
  }

  /** The neuron that earned most by what is staked on it. */
  bestNeuron(): Place | undefined {
    let best: (Place & { readonly earned: bigint }) | undefined;
    for (const netuid of this.shadow.netuids()) {
      for (const { hotkey, earned } of this.shadow.subnet(netuid).neurons.values()) {
        if (earned > (best?.earned ?? 0n)) best = { netuid, hotkey, earned };
      }
    }
    return best && { netuid: best.netuid, hotkey: best.hotkey };
  }

  neuronOf(wallet: string, draws: Draws): Place | undefined {
    const own = this.shadow
      .netuids()
      .flatMap((netuid) =>
        [...this.shadow.subnet(netuid).neurons.values()]
          .filter(({ coldkey }) => coldkey === wallet)
          .map(({ hotkey }) => ({ netuid, hotkey })),
      );
    return own.length === 0 ? undefined : draws.pick(own);
  }

  anyStakeOf({ wallet }: { readonly wallet: string }, draws: Draws): Place | undefined {
    const delegated = (this.ledger.delegationLists.get(wallet) ?? []).map(({ netuid, hotkey }) => ({ netuid, hotkey }));
    const own = this.neuronOf(wallet, draws);
    const all = own === undefined ? delegated : [...delegated, own];
    return all.length === 0 ? undefined : draws.pick(all);
  }

  /** Lets a wallet's order be carried out, in both; a refusal must change nothing. */
  order(signer: string, order: WalletOrder, sequence = (this.#sequences.get(signer) ?? 0) + 1): boolean {
    const before = this.ledger.journal.head.sequence;
    const taken = this.takenBy(signer, order);
    const done = this.ledger.decide((state) => carryOut(state, { signer, sequence, expiresAtBlock: NEVER, order }));
    this.count(done.ok ? order.type : done.code);
    if (!done.ok) {
      if (this.ledger.journal.head.sequence !== before) throw new Error(`a refused ${order.type} wrote an entry`);
      return false;
    }
    this.#sequences.set(signer, sequence);
    this.follow(signer, order, { taken, neuron: done.value.neuron });
    return true;
  }

  /** What an order without an amount would take off. */
  takenBy(wallet: string, order: WalletOrder): bigint {
    return order.type === 'RemoveStake' || order.type === 'MoveStake' ? this.stakeOf(wallet, order) : 0n;
  }

  /** What the ledger did for a wallet, however it was ordered, done in the shadow. */
  follow(
    signer: string,
    order: WalletOrder,
    { taken, neuron }: { readonly taken: bigint; readonly neuron: Neuron | null },
  ): void {
    if ('netuid' in order && order.netuid === 0) this.count('OnRoot');
    this.touched.wallets.add(signer);
    if (order.type === 'RevokeMandate') return this.mandates.revoked(signer, order.mandateSha256);
    if (isGovernanceOrder(order)) return this.votes.accept(signer, order);
    if (neuron !== null && order.type === 'Register') this.#judgePlace(order.netuid, neuron);
    this.shadow.accept({ signer, order, taken, uid: neuron?.uid });
    if (order.type === 'Transfer') this.touched.wallets.add(order.to);
    const places = [
      ...('hotkey' in order && 'netuid' in order && order.netuid !== undefined
        ? [placeOf(order.netuid, order.hotkey)]
        : []),
      ...(order.type === 'MoveStake' ? [placeOf(order.toNetuid, order.toHotkey)] : []),
    ];
    for (const place of places) {
      this.#prices.check(this, place);
      this.touched.places.add(place);
    }
  }

  /** Sends the last order's number again: nobody can have an order carried out twice. */
  replay(signer: string, order: WalletOrder): void {
    const last = this.#sequences.get(signer) ?? 0;
    if (last > 0 && this.order(signer, order, last)) throw new Error(`${signer} had an order carried out twice`);
  }

  /** A block: seals what is due, and pays what was sealed some blocks ago. */
  block(draws: Draws): void {
    const produced = this.ledger.decide((state) => produceBlock(state, 0));
    if (!produced.ok) throw new Error(`${produced.code}: ${produced.message}`);
    this.shadow.pass();
    this.votes.pass();
    for (const sealed of produced.value.sealed) {
      this.#judgeSeal(sealed);
      this.#unpaid.push({ sealed, dueAt: this.ledger.block + draws.below(4) });
    }
  }

  /** Pays what is due; after the orders of a block, so that some of them came between a seal and its payment. */
  payDue(): void {
    for (const each of this.#unpaid.splice(0)) {
      if (each.dueAt > this.ledger.block) this.#unpaid.push(each);
      else this.#pay(each.sealed);
    }
  }

  #pay(sealed: SealedEpoch): void {
    const scored = this.#scoring.score(this.ledger, sealed);
    const paid = this.ledger.decide((state) => payEpoch(state, scored));
    if (!paid.ok) throw new Error(`${paid.code}: ${paid.message}`);
    const again = this.ledger.decide((state) => payEpoch(state, scored));
    if (!again.ok || !again.value.repeated) throw new Error('an epoch was paid twice');
    this.shadow.pay(sealed, scored);
    this.count('EpochPaid');
    if (sealed.root !== undefined) this.count('RootPaid');
    this.touched.wallets.add(sealed.ownerColdkey);
    for (const { coldkey, hotkey } of sealed.neurons) {
      this.touched.wallets.add(coldkey);
      this.touched.places.add(placeOf(sealed.netuid, hotkey));
      this.touched.places.add(placeOf(0, hotkey));
    }
  }

  /** What was sealed has to be what was staked before this block, and the takes of now. */
  #judgeSeal(sealed: SealedEpoch): void {
    const { netuid } = sealed;
    const { pot, neurons } = this.shadow.seal(netuid);
    for (const { hotkey } of sealed.neurons) {
      for (const each of [netuid, 0]) this.#prices.check(this, placeOf(each, hotkey));
    }
    if (sealed.pot !== pot) throw new Error(`epoch ${sealed.index} of ${netuid} has ${sealed.pot}, not ${pot} rao`);
    if (sealed.neurons.length !== neurons.size) throw new Error(`${netuid} sealed ${sealed.neurons.length} neurons`);
    for (const neuron of sealed.neurons) {
      const { uid, hotkey, delegated = 0n, takeU16, root } = neuron;
      const stake = neuron.stake - (root?.counts ?? 0n);
      this.#judgeRoot(neuron);
      const own = neurons.get(uid);
      if (own?.hotkey !== hotkey) throw new Error(`uid ${uid} of ${netuid} is ${hotkey}, not ${own?.hotkey}`);
      const place = placeOf(netuid, hotkey);
      const others = this.shadow.pools.total(place);
      const off = delegated > others ? delegated - others : others - delegated;
      const tolerance = BigInt(this.shadow.pools.holders(place).length + 2);
      if (stake - delegated !== own.stake || off > tolerance) {
        throw new Error(`${place} sealed ${stake - delegated} + ${delegated} rao, not ${own.stake} + ${others}`);
      }
      if (takeU16 !== undefined && takeU16 !== this.shadow.takeOf(hotkey)) throw new Error(`${place} sealed a take`);
    }
  }

  #judgeRoot({ hotkey, root }: SealedEpoch['neurons'][number]): void {
    const place = placeOf(0, hotkey);
    const { stake = 0n, counts = 0n } = root ?? {};
    const should = this.shadow.pools.total(place);
    const off = stake > should ? stake - should : should - stake;
    if (off > BigInt(this.shadow.pools.holders(place).length + 2)) {
      throw new Error(`${place} sealed ${stake} rao, not ${should}`);
    }
    // 0.18, of which 2^-32 is all that is kept.
    const exact = (stake * 180_000n) / 1_000_000n;
    if (counts > exact || exact - counts > stake / 2n ** 31n + 1n) throw new Error(`${stake} on root counts ${counts}`);
  }

  /** Nobody is put out who is immune, who is the owner's first, or while another earned less. */
  #judgePlace(netuid: number, { uid, cost }: Neuron): void {
    const { neurons, price } = this.shadow.subnet(netuid);
    if (cost !== price) throw new Error(`a registration in ${netuid} cost ${cost}, not ${price} rao`);
    const out = neurons.get(uid);
    if (out === undefined) return;
    const { immunityPeriodBlocks, maxUids } = this.ledger.subnet(netuid)?.active.policy.hyperparameters ?? {};
    if (immunityPeriodBlocks === undefined || neurons.size !== maxUids) throw new Error('somebody was put out early');
    const isOpen = ({ since }: { readonly since: number }): boolean =>
      this.shadow.block - since >= immunityPeriodBlocks;
    if (!isOpen(out)) throw new Error(`${out.hotkey} was put out while immune`);
    const poorer = [...neurons.values()].find((each) => isOpen(each) && each.earned < out.earned);
    if (poorer !== undefined) throw new Error(`${out.hotkey} was put out, and ${poorer.hotkey} earned less`);
  }

  count(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}
