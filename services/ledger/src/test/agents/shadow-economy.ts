import { bumpBurn, decayBurn, decayFactorQ32 } from '@subnetes/consensus/burn';
import { blockReward } from '@subnetes/consensus/issuance';
import { U64F64 } from '@subnetes/consensus/number-form';
import type { ContinuousBurn } from '#domain/economy/burn-terms.ts';
import type { Genesis } from '#domain/economy/genesis.ts';
import type { ScoredEpoch } from '#domain/economy/payout.ts';
import type { SealedEpoch } from '#domain/economy/sealed-epoch.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import { rootOfEpoch } from './shadow-root.ts';
import { ShadowPools } from './shadow-pools.ts';

const TAKE_DEFAULT = 11_796;

/** A neuron as the shadow knows it. */
interface ShadowNeuron {
  readonly hotkey: string;
  readonly coldkey: string;
  readonly since: number;
  stake: bigint;
  earned: bigint;
}

interface ShadowSubnet {
  readonly burn: ContinuousBurn;
  readonly neurons: Map<number, ShadowNeuron>;
  price: bigint;
  pot: bigint;
}

/** What an accepted order came to, as far as the shadow cannot know it. */
export interface Accepted {
  readonly signer: string;
  readonly order: WalletOrder;
  /** Rao that an order without an amount took off. */
  readonly taken: bigint;
  /** Where a registration was given a place. */
  readonly uid: number | undefined;
}

/**
 * The rules once more, in their plainest form: who has what after each order, seal and payment. What the ledger says has to agree with
 * it, so whatever anybody gains otherwise shows. Money in rao.
 */
export class ShadowEconomy {
  readonly free = new Map<string, bigint>();
  readonly pools = new ShadowPools();
  readonly #genesis: Genesis;
  readonly #subnets = new Map<number, ShadowSubnet>();
  readonly #owners = new Map<string, string>();
  readonly #takes = new Map<string, number>();
  readonly #ended = new Map<string, number>();
  /** Hotkeys with stake on root in the epoch of a subnet that is not paid yet. */
  readonly #rooted = new Map<number, ReadonlySet<string>>();
  issued: bigint;
  burned = 0n;
  block = 0;

  constructor(genesis: Genesis) {
    this.#genesis = genesis;
    for (const { account, amount } of genesis.accounts) this.free.set(account, amount);
    this.issued = genesis.accounts.reduce((sum, { amount }) => sum + amount, 0n);
  }

  open(netuid: number, burn: ContinuousBurn): void {
    this.#subnets.set(netuid, { burn, neurons: new Map(), price: 1_000_000_000n, pot: 0n });
  }

  subnet(netuid: number): ShadowSubnet {
    const subnet = this.#subnets.get(netuid);
    if (subnet === undefined) throw new Error(`there is no subnet ${netuid}`);
    return subnet;
  }

  netuids(): readonly number[] {
    return [...this.#subnets.keys()];
  }

  neuron(netuid: number, hotkey: string): ShadowNeuron | undefined {
    for (const neuron of this.#subnets.get(netuid)?.neurons.values() ?? []) if (neuron.hotkey === hotkey) return neuron;
    return undefined;
  }

  /** The next attempt of a hotkey. */
  attempt(netuid: number, hotkey: string): number {
    return (this.#ended.get(placeOf(netuid, hotkey)) ?? 0) + 1;
  }

  ownerOf(hotkey: string): string | undefined {
    return this.#owners.get(hotkey);
  }

  takeOf(hotkey: string): number {
    return this.#takes.get(hotkey) ?? TAKE_DEFAULT;
  }

  /** All that is a wallet's. */
  valueOf(wallet: string): bigint {
    let sum = this.free.get(wallet) ?? 0n;
    for (const { neurons } of this.#subnets.values()) {
      for (const { coldkey, stake } of neurons.values()) if (coldkey === wallet) sum += stake;
    }
    for (const place of this.pools.places()) {
      const { worth, waiting } = this.pools.of(place, wallet);
      sum += worth + waiting;
    }
    return sum;
  }

  /** A block: prices fall, and the reward is divided equally, odd rao to the first. */
  pass(): void {
    this.block += 1;
    const reward = blockReward(this.#genesis, this.issued);
    this.issued += reward;
    const count = BigInt(this.#subnets.size);
    for (const [at, subnet] of [...this.#subnets.values()].entries()) {
      subnet.pot += reward / count + (BigInt(at) < reward % count ? 1n : 0n);
      const { minRao, maxRao, halfLifeBlocks } = subnet.burn;
      const bounds = { min: BigInt(minRao), max: BigInt(maxRao) };
      subnet.price = decayBurn(subnet.price, { block: this.block, factorQ32: factorOf(halfLifeBlocks), bounds });
    }
  }

  /** Stakes that were put since the last seal count from this one on; answers what the ledger should have sealed. */
  seal(netuid: number): { readonly pot: bigint; readonly neurons: ReadonlyMap<number, ShadowNeuron> } {
    const subnet = this.subnet(netuid);
    const awaits = new Set([...this.#rooted.values()].flatMap((hotkeys) => [...hotkeys]));
    for (const { hotkey } of subnet.neurons.values()) {
      this.pools.seal(placeOf(netuid, hotkey));
      // What another epoch will pay into a pool on root is for those who stood behind that one.
      if (!awaits.has(hotkey)) this.pools.seal(placeOf(0, hotkey));
    }
    const rooted = [...subnet.neurons.values()].filter(({ hotkey }) => this.pools.total(placeOf(0, hotkey)) > 0n);
    this.#rooted.set(netuid, new Set(rooted.map(({ hotkey }) => hotkey)));
    const { pot } = subnet;
    subnet.pot = 0n;
    return { pot, neurons: subnet.neurons };
  }

  /** A payment by the stakes that were sealed. */
  pay(epoch: SealedEpoch, scored: ScoredEpoch): void {
    const { netuid, pot, owner, ownerColdkey, neurons } = epoch;
    const subnet = this.subnet(netuid);
    this.#rooted.delete(netuid);
    const root = rootOfEpoch(epoch, scored, (hotkey) => this.pools.total(placeOf(0, hotkey)));
    this.credit(ownerColdkey, owner);
    let paid = owner;
    for (const { uid, incentive, dividend } of scored.neurons) {
      const sealed = neurons.find((neuron) => neuron.uid === uid);
      if (sealed === undefined) throw new Error(`uid ${uid} was not sealed`);
      this.credit(sealed.coldkey, incentive + dividend);
      paid += incentive + dividend;
      const now = subnet.neurons.get(uid);
      const part = root.parts.get(uid);
      const earned = part === undefined ? dividend : part.subnet + part.root;
      if (part !== undefined) {
        this.credit(sealed.coldkey, earned - part.passedOn - dividend);
        if (part.passedOn > 0n && !this.pools.pay(placeOf(0, sealed.hotkey), part.passedOn)) {
          throw new Error(`nobody has stake on ${sealed.hotkey} on root`);
        }
      }
      if (now?.hotkey === sealed.hotkey && now.since === sealed.registeredAtBlock) now.earned = incentive + earned;
    }
    for (const [uid, dividend] of root.dividends) {
      const neuron = neurons.find((each) => each.uid === uid);
      if (neuron === undefined) continue;
      const { hotkey, coldkey, delegated = 0n, takeU16 = 0 } = neuron;
      if (delegated === 0n) continue;
      const gross = (dividend * delegated) / (neuron.stake - (neuron.root?.counts ?? 0n));
      const part = gross - (gross * BigInt(takeU16)) / 65_535n;
      if (this.pools.pay(placeOf(netuid, hotkey), part)) this.credit(coldkey, -part);
    }
    subnet.pot += pot - paid + root.unattributed;
  }

  /** An order that the ledger carried out. Throws for one of which the shadow does not know what it does. */
  accept({ signer, order, taken, uid }: Accepted): void {
    if (order.type === 'Transfer') {
      this.credit(signer, -order.amount);
      this.credit(order.to, order.amount);
    } else if (order.type === 'AddStake') {
      this.#put(signer, order, order.amount);
    } else if (order.type === 'RemoveStake') {
      this.#take(signer, order, { rao: order.amount ?? taken, isAll: (order.amount ?? taken) === taken });
    } else if (order.type === 'MoveStake') {
      const rao = order.amount ?? taken;
      this.#take(signer, order, { rao, isAll: rao === taken });
      this.#put(signer, { netuid: order.toNetuid, hotkey: order.toHotkey }, rao);
    } else if (order.type === 'SetTake') {
      this.#takes.set(order.hotkey, order.u16);
    } else if (order.type === 'Register' && uid !== undefined) {
      this.#register(signer, order, uid);
    } else throw new Error(`the shadow does not know what ${order.type} does`);
  }

  #register(signer: string, order: Extract<WalletOrder, { readonly type: 'Register' }>, uid: number): void {
    const { netuid, hotkey, initialStake } = order;
    const subnet = this.subnet(netuid);
    const before = subnet.neurons.get(uid);
    if (before !== undefined) {
      this.credit(before.coldkey, before.stake);
      const key = placeOf(netuid, before.hotkey);
      this.#ended.set(key, (this.#ended.get(key) ?? 0) + 1);
    }
    this.credit(signer, -subnet.price - initialStake);
    this.burned += subnet.price;
    subnet.neurons.set(uid, { hotkey, coldkey: signer, since: this.block, stake: initialStake, earned: 0n });
    this.#owners.set(hotkey, signer);
    const { increasePpm, minRao, maxRao } = subnet.burn;
    const increase = (BigInt(increasePpm) * U64F64.one) / 1_000_000n;
    subnet.price = bumpBurn(subnet.price, increase, { min: BigInt(minRao), max: BigInt(maxRao) });
  }

  #put(signer: string, { netuid, hotkey }: { readonly netuid: number; readonly hotkey: string }, rao: bigint): void {
    const neuron = this.neuron(netuid, hotkey);
    if (netuid === 0) {
      if (!this.#owners.has(hotkey)) throw new Error(`${hotkey} was never registered`);
      this.credit(signer, -rao);
      this.pools.add(placeOf(0, hotkey), signer, rao);
      return;
    }
    if (neuron === undefined) throw new Error(`${hotkey} is not registered in ${netuid}`);
    this.credit(signer, -rao);
    if (neuron.coldkey === signer) neuron.stake += rao;
    else this.pools.add(placeOf(netuid, hotkey), signer, rao);
  }

  #take(
    signer: string,
    { netuid, hotkey }: { readonly netuid: number; readonly hotkey: string },
    { rao, isAll }: { readonly rao: bigint; readonly isAll: boolean },
  ): void {
    const neuron = this.neuron(netuid, hotkey);
    if (neuron?.coldkey === signer) neuron.stake -= rao;
    else this.pools.take(placeOf(netuid, hotkey), signer, rao, isAll);
    this.credit(signer, rao);
  }

  /** Money that comes, or where it is negative goes, by what is watched elsewhere. */
  credit(wallet: string, rao: bigint): void {
    this.free.set(wallet, (this.free.get(wallet) ?? 0n) + rao);
  }
}

export function placeOf(netuid: number, hotkey: string): string {
  return `${netuid}/${hotkey}`;
}

const factors = new Map<number, bigint>();

function factorOf(halfLifeBlocks: number): bigint {
  const known = factors.get(halfLifeBlocks) ?? decayFactorQ32(halfLifeBlocks);
  factors.set(halfLifeBlocks, known);
  return known;
}
