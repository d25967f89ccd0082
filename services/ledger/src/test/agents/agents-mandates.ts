import { type Mandate, mandateKey } from '#domain/economy/mandate.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import { carryOutMandated } from '#domain/mandates/mandated-order.ts';
import type { AgentWorld } from './agent-world.ts';
import { type ActionName, type Agent, CATALOGUE } from './catalogue.ts';
import type { Draws } from './draws.ts';

const TAO = 1_000_000_000n;

/** What may be asked for by mandate among what actors try at all; the rest is asked for as well, and has to be refused. */
const TRIED: readonly ActionName[] = ['Transfer', 'Transfer', 'AddStake', 'AddStake', 'RemoveStake', 'MoveStake', 'SetTake', 'Register']; // prettier-ignore
const OPERATIONS = ['Transfer', 'Stake', 'Delegate', 'RemoveStake', 'MoveStake', 'SetTake'] as const;

/** Mandates that are remembered, so that old ones are tried again. */
const GIVEN_MAX = 600;
/** Blocks that one is good for at most. */
const LIFE = 800;
/** Orders that an actor tries in a turn. */
const TRIES = 3;
/** Mandates that are used one after the other, each of the holder of the one before; and times that one is. */
const CHAIN = 4;

/** A mandate with all that was done by it, counted in the plainest way. Money in rao. */
interface Given {
  readonly mandate: Mandate;
  readonly payer: Agent;
  /** Whose namespace it is for. */
  readonly holder: string;
  /** What left the payer altogether, and by operations that the mandate limits. */
  readonly gone: Map<string, bigint>;
  isRevoked: boolean;
  orders: number;
}

type Money = Extract<WalletOrder, { readonly type: 'Transfer' | 'AddStake' | 'RemoveStake' | 'MoveStake' }>;

/**
 * Watches what actors do with each other's money by mandate: never more than it allows, never after its last block or once it was
 * revoked, and nobody but whom it was given to. Throws at the first that the rules do not give.
 */
export class MandateWatch {
  readonly #world: AgentWorld;
  readonly #given: Given[] = [];
  #last = 0;

  constructor(world: AgentWorld) {
    this.#world = world;
  }

  /** A wallet signs one; nobody is told before it is shown with an order. */
  give(payer: Agent, holder: string, draws: Draws): void {
    const each = TAO * BigInt(1 + draws.below(4));
    const limits = [{ operation: 'Transfer', maxPerOperation: each / 2n, maxTotal: each }];
    this.#last += 1;
    const mandate: Mandate = {
      sha256: `mandate-${this.#last}`,
      payer: payer.wallet,
      owner: payer.wallet,
      cluster: 'c',
      namespace: holder,
      operations: draws.below(3) === 0 ? OPERATIONS.filter(() => draws.below(2) === 0) : [...OPERATIONS],
      netuids: draws.below(4) === 0 ? [1] : [],
      maxPerOperation: each,
      maxTotal: each * BigInt(1 + draws.below(3)),
      transferTo: [holder, ...payer.friends],
      notAfterBlock: this.#world.ledger.block + draws.below(LIFE),
      ...(draws.below(2) === 0 ? { limits } : {}),
    };
    this.#given.push({ mandate, payer, holder, gone: new Map(), isRevoked: false, orders: 0 });
    if (this.#given.length > GIVEN_MAX) this.#given.shift();
  }

  /** One of a wallet's own that it has not revoked. */
  ownOf(wallet: string, draws: Draws): Mandate | undefined {
    const own = this.#given.filter((given) => given.mandate.payer === wallet && !given.isRevoked);
    return anyOf(own, draws)?.mandate;
  }

  revoked(payer: string, sha256: string): void {
    const given = this.#given.find(({ mandate }) => mandate.payer === payer && mandate.sha256 === sha256);
    if (given !== undefined) given.isRevoked = true;
  }

  /**
   * Spends by one of the mandates, whoever holds it: for its holder, or for an actor that holds none; and what came of it by whoever
   * holds the holder's own: a chain.
   */
  spend(agent: Agent, draws: Draws): void {
    const good = this.#given.filter((given) => this.#isGood(given));
    let given = anyOf(draws.pick([good, good, good, this.#given]), draws);
    for (let link = 0; link < CHAIN && given !== undefined; link += 1) {
      const { holder } = given;
      const asker = draws.below(6) === 0 ? agent.wallet : holder;
      const order = this.#orderOf(given, draws);
      // Until the mandate is used up, or once.
      let isDone = order !== undefined;
      for (let left = draws.below(3) === 0 ? CHAIN : 1; left > 0 && isDone && order !== undefined; left -= 1) {
        isDone = this.#ask(given, { order, asker, id: `o${given.orders}` });
        given.orders += 1;
        if (isDone && draws.below(8) === 0) this.#repeat(given, order, asker);
      }
      given = anyOf(
        good.filter(({ mandate }) => mandate.payer === holder),
        draws,
      );
    }
  }

  #isGood({ mandate, isRevoked }: Given): boolean {
    return !isRevoked && mandate.notAfterBlock >= this.#world.ledger.block;
  }

  /** What its owner could order, often with an amount around which the mandate's limits turn. */
  #orderOf(given: Given, draws: Draws): WalletOrder | undefined {
    const { mandate, payer, gone, holder } = given;
    if (draws.below(30) === 0) return { type: 'RevokeMandate', mandateSha256: mandate.sha256 };
    const order = CATALOGUE[draws.pick(TRIED)](this.#world, payer, draws);
    if (order === undefined || !isMoney(order) || draws.below(3) === 0) return order;
    const left = mandate.maxTotal - (gone.get('whole') ?? 0n);
    const amount = draws.pick([mandate.maxPerOperation, mandate.maxPerOperation + 1n, left, left + 1n, TAO / 3n]);
    const [limit] = mandate.limits ?? [];
    if (order.type === 'Transfer' && limit !== undefined && draws.below(2) === 0) {
      return { ...order, to: holder, amount: limit.maxPerOperation + BigInt(draws.below(2)) };
    }
    if (order.type === 'Transfer') return { ...order, to: draws.below(8) === 0 ? order.to : holder, amount };
    return { ...order, amount };
  }

  #ask(given: Given, asked: { readonly order: WalletOrder; readonly asker: string; readonly id: string }): boolean {
    const { ledger } = this.#world;
    const { mandate } = given;
    const { order, asker, id } = asked;
    const key = mandateKey(mandate.payer, mandate.sha256);
    const before = { head: ledger.journal.head.sequence, record: ledger.mandates.get(key) };
    const free = this.#world.freeOf(mandate.payer);
    const taken = this.#world.takenBy(mandate.payer, order);
    const mandated = { id, order, mandate, cause: causeOf(asker) };
    const done = ledger.decide((state) => carryOutMandated(state, mandated));
    this.#world.count(done.ok ? `Mandated${order.type}` : done.code);
    if (!done.ok || done.value.repeated) {
      const isSame = ledger.journal.head.sequence === before.head && ledger.mandates.get(key) === before.record;
      if (!isSame) throw new Error(`${order.type} by ${mandate.sha256} was refused or repeated, and wrote something`);
      return false;
    }
    this.#judge(given, asked, free - this.#world.freeOf(mandate.payer));
    this.#world.follow(mandate.payer, order, { taken, neuron: null });
    return true;
  }

  /** The rules once more, by nothing but the mandate's words. */
  #judge(given: Given, { order, asker }: { readonly order: WalletOrder; readonly asker: string }, gone: bigint): void {
    const { mandate, holder, isRevoked } = given;
    const { block } = this.#world.ledger;
    const found = (what: string): never => {
      throw new Error(`${asker} had ${order.type} of ${mandate.payer} by ${mandate.sha256} ${what}`);
    };
    if (isRevoked) found('after it was revoked');
    if (block > mandate.notAfterBlock) found(`in block ${block}, after its last, ${mandate.notAfterBlock}`);
    if (asker !== holder) found(`that was given to ${holder}`);
    const operation = this.#operationOf(mandate.payer, order);
    if (!mandate.operations.includes(operation)) found(`which does not name ${operation}`);
    const isElsewhere = 'netuid' in order && order.netuid !== undefined && !mandate.netuids.includes(order.netuid);
    if (mandate.netuids.length > 0 && (isElsewhere || order.type === 'SetTake')) found('in another subnet');
    if (order.type === 'Transfer' && mandate.transferTo?.includes(order.to) !== true) found(`to ${order.to}`);
    if (!isMoney(order)) return gone === 0n ? undefined : found(`and ${gone} rao are gone`);
    const amount = order.amount ?? found('without an amount');
    if (amount > mandate.maxPerOperation) found(`of ${amount} rao, more than an operation may move`);
    if (order.type === 'RemoveStake' || order.type === 'MoveStake') return;
    if (gone !== amount) found(`of ${amount} rao, and ${gone} are gone`);
    this.#count(given, 'whole', { gone, most: mandate.maxTotal }, found);
    const limit = mandate.limits?.find((each) => each.operation === operation);
    if (limit === undefined) return;
    if (gone > limit.maxPerOperation) found(`of ${gone} rao, more than its limit for one ${operation}`);
    this.#count(given, operation, { gone, most: limit.maxTotal }, found);
  }

  #count(
    given: Given,
    name: string,
    { gone, most }: { readonly gone: bigint; readonly most: bigint },
    found: (what: string) => never,
  ): void {
    const sum = (given.gone.get(name) ?? 0n) + gone;
    given.gone.set(name, sum);
    if (sum > most) found(`and ${sum} rao are gone by it, more than ${most}`);
  }

  #operationOf(payer: string, order: WalletOrder): string {
    if (order.type !== 'AddStake') return order.type;
    return this.#world.shadow.ownerOf(order.hotkey) === payer ? 'Stake' : 'Delegate';
  }

  /** The same order again changes nothing, another one under its id neither. */
  #repeat(given: Given, order: WalletOrder, asker: string): void {
    const id = `o${given.orders - 1}`;
    const another: WalletOrder = { type: 'Transfer', to: given.holder, amount: 1n };
    for (const again of [order, another]) {
      if (this.#ask(given, { order: again, asker, id })) throw new Error(`${given.mandate.sha256} did ${id} twice`);
    }
  }
}

function anyOf<T>(list: readonly T[], draws: Draws): T | undefined {
  return list.length === 0 ? undefined : draws.pick(list);
}

function isMoney(order: WalletOrder): order is Money {
  return ['Transfer', 'AddStake', 'RemoveStake', 'MoveStake'].includes(order.type);
}

function causeOf(namespace: string) {
  return { cluster: 'c', kind: 'Miner', namespace, name: 'm', objectUid: 'm', generation: 1 };
}

/** What actors of all kinds do with mandates. */
export function* mandatedTurn(world: AgentWorld, agent: Agent, draws: Draws): Generator<WalletOrder | undefined, void> {
  const plan = draws.below(8);
  if (plan === 0) {
    const own = world.mandates.ownOf(agent.wallet, draws);
    if (own !== undefined) yield { type: 'RevokeMandate', mandateSha256: own.sha256 };
  } else if (plan < 3) {
    const others = world.wallets.filter((wallet) => wallet !== agent.wallet);
    world.mandates.give(agent, draws.pick(draws.below(2) === 0 && agent.friends.length > 0 ? agent.friends : others), draws); // prettier-ignore
  } else for (let tried = 0; tried < TRIES; tried += 1) world.mandates.spend(agent, draws);
}
