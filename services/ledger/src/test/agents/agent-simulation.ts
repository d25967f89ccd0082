import { FORECAST } from '#test/forecast-mechanism.ts';
import { createHash } from 'node:crypto';
import { hashedText } from '../hashed-text.ts';
import type { Genesis } from '#domain/economy/genesis.ts';
import { type Hashes, Ledger } from '#domain/economy/ledger.ts';
import type { Mandate } from '#domain/economy/mandate.ts';
import { putSubnet } from '#domain/economy/put-subnet.ts';
import { startNetwork } from '#domain/economy/start-network.ts';
import { mixed, SimulatedScoring } from '../simulated-scoring.ts';
import { type Character, CHARACTERS } from './actors.ts';
import { checkMoney, checkPool, checkShares, checkWallet } from './agent-checks.ts';
import { AgentWorld } from './agent-world.ts';
import { AGENT_TERMS, politicalTurn } from './agents-governance.ts';
import { mandatedTurn } from './agents-mandates.ts';
import type { Agent } from './catalogue.ts';
import { Draws } from './draws.ts';
import { ShadowEconomy } from './shadow-economy.ts';

const TAO = 1_000_000_000n;
const TEMPOS = [20, 30, 50] as const;
const EACH = 60n * TAO;
/** Actors that have a turn in a block. */
const TURNS = 5;
/** One turn of so many is about proposals, and one about mandates. */
const KINDS = 6;
/** Blocks between two looks at everybody; those who did something are looked at in their block. */
const ALL_EVERY = 100;

export interface AgentPlan {
  readonly seed: number;
  readonly actors: number;
  readonly blocks: number;
}

/** What came of it, by kind of actor. */
export interface AgentOutcome {
  readonly counts: ReadonlyMap<string, number>;
  /** What a kind has at the end and what the rules give it, in rao. */
  readonly classes: ReadonlyMap<string, { readonly has: bigint; readonly due: bigint; readonly actors: number }>;
  readonly issued: bigint;
  readonly halvings: number;
  /** Proposals by how they ended. */
  readonly proposals: ReadonlyMap<string, number>;
}

interface Member extends Agent {
  readonly character: Character;
}

/**
 * Lets actors of all kinds loose on the ledger for some blocks, and holds each of its steps against the rules in their plainest form.
 * Throws at the first step that gave anybody what the rules do not give, or that broke an invariant. `meddle` is called in each
 * block, for tests of these checks.
 */
export function simulateAgents(plan: AgentPlan, meddle?: (world: AgentWorld) => void): AgentOutcome {
  const draws = new Draws(plan.seed);
  const members = populate(plan.actors);
  const world = openWorld(plan, members);
  const rewards = new Set<bigint>();
  let issued = world.shadow.issued;
  for (let block = 1; block <= plan.blocks; block += 1) {
    world.block(draws);
    rewards.add(world.shadow.issued - issued);
    issued = world.shadow.issued;
    for (let turn = 0; turn < TURNS; turn += 1) takeTurn(world, draws.pick(members), draws);
    world.payDue();
    meddle?.(world);
    check(world, block % ALL_EVERY === 0 || block === plan.blocks);
    drain(world.ledger);
  }
  const { counts, votes } = world;
  return {
    counts,
    classes: classesOf(world, members),
    issued,
    halvings: rewards.size - 1,
    proposals: votes.ended,
  };
}

function takeTurn(world: AgentWorld, member: Member, draws: Draws): void {
  const turn = [politicalTurn, mandatedTurn][draws.below(KINDS)] ?? member.character.turn;
  for (const order of turn(world, member, draws)) {
    if (order === undefined) continue;
    if (world.order(member.wallet, order) && draws.below(20) === 0) world.replay(member.wallet, order);
  }
}

function check(world: AgentWorld, everybody: boolean): void {
  checkMoney(world);
  if (everybody) world.votes.check();
  const { wallets, places } = world.touched;
  for (const wallet of everybody ? world.wallets : wallets) checkWallet(world, wallet);
  for (const place of everybody ? world.shadow.pools.places() : places) {
    checkPool(world, place);
    checkShares(world, place);
  }
  wallets.clear();
  places.clear();
}

function populate(actors: number): readonly Member[] {
  const kinds = CHARACTERS.flatMap((character) =>
    Array.from({ length: Math.round((actors * character.percent) / 100) }, (_, at) => ({ character, at })),
  );
  return kinds.map(({ character, at }) => {
    const name = (index: number): string => `${character.name}-${index}`;
    const person = at - (at % character.wallets);
    const friends = Array.from({ length: character.wallets }, (_, of) => name(person + of)).filter(
      (friend) => friend !== name(at),
    );
    const hotkeys = [`v-${name(at)}`, `v2-${name(at)}`, `m-${name(at)}`];
    return { character, name: name(at), wallet: name(at), friends, hotkeys };
  });
}

function classesOf(world: AgentWorld, members: readonly Member[]): AgentOutcome['classes'] {
  const classes = new Map<string, { has: bigint; due: bigint; actors: number }>();
  for (const { character, wallet } of members) {
    const { has, due, actors } = classes.get(character.name) ?? { has: 0n, due: 0n, actors: 0 };
    classes.set(character.name, {
      has: has + valueOf(world, wallet),
      due: due + world.shadow.valueOf(wallet),
      actors: actors + 1,
    });
  }
  return classes;
}

/** All that the ledger says a wallet has. */
function valueOf(world: AgentWorld, wallet: string): bigint {
  const own = world.shadow
    .netuids()
    .flatMap((netuid) => world.ledger.neuronsOf(netuid))
    .filter(({ coldkey }) => coldkey === wallet);
  const places = [...own, ...(world.ledger.delegationLists.get(wallet) ?? [])];
  return places.reduce((sum, place) => sum + world.stakeOf(wallet, place), world.freeOf(wallet));
}

function openWorld({ seed, blocks }: AgentPlan, members: readonly Member[]): AgentWorld {
  const genesis = genesisOf(members, blocks);
  const ledger = new Ledger(HASHES);
  const shadow = new ShadowEconomy(genesis);
  must(ledger.decide((state) => startNetwork(state, genesis)));
  for (const tempo of TEMPOS) {
    const { subnet } = must(ledger.decide((state) => putSubnet(state, subnetOf(tempo))));
    const { burn } = subnet.active.policy.hyperparameters;
    if (burn === undefined || 'type' in burn) throw new Error('the price of a registration should move');
    shadow.open(subnet.netuid, burn);
  }
  const isMiner = (hotkey: string): boolean => hotkey.startsWith('m-');
  const scoring = new SimulatedScoring((rater, { neurons, index }) =>
    isMiner(rater.hotkey)
      ? []
      : neurons
          .filter(({ hotkey }) => isMiner(hotkey))
          .map(({ uid, hotkey }) => [uid, opinion(rater.hotkey, hotkey, Number(mixed(seed + index, uid)))] as const)
          .filter(([, weight]) => weight > 0),
  );
  return new AgentWorld({ ledger, shadow, scoring, wallets: [...members.map(({ wallet }) => wallet), 'owner'] });
}

/** Sybils praise each other and nobody else. */
function opinion(rater: string, miner: string, quality: number): number {
  if (!rater.includes('sybil')) return 1 + (quality >> 1);
  return miner.includes('sybil') ? 60_000 : 0;
}

/** A supply of which two halvings fall within the blocks. */
function genesisOf(members: readonly Member[], blocks: number): Genesis {
  const accounts = [...members.map(({ wallet }) => ({ account: wallet, amount: EACH })), { account: 'owner', amount: TAO }]; // prettier-ignore
  const given = accounts.reduce((sum, { amount }) => sum + amount, 0n);
  const cap = (given * 20n) / 9n;
  return {
    networkId: 'c'.repeat(64),
    symbol: 'TAO',
    decimals: 9,
    cap,
    blockTimeMs: 12_000,
    // The first after a tenth of the blocks, the second, a quarter of the supply at half the reward, before the last.
    blockReward: (cap * 3n) / (5n * BigInt(blocks)),
    halving: 'ByIssuance',
    emissionPolicy: { name: 'Equal', version: 1 },
    rootStakeWeightPpm: 180_000,
    governance: AGENT_TERMS,
    accounts,
  };
}

function subnetOf(tempo: number): Parameters<typeof putSubnet>[1] {
  const cause = { cluster: 'c', kind: 'Subnet', namespace: 'agents', name: `t${tempo}`, objectUid: `${tempo}`, generation: 1 }; // prettier-ignore
  const mandate: Mandate = {
    sha256: 'd'.repeat(64),
    payer: 'owner',
    owner: 'owner',
    cluster: 'c',
    namespace: 'agents',
    operations: ['SetPolicy'],
    netuids: [],
    maxPerOperation: 0n,
    maxTotal: 0n,
    notAfterBlock: 1_000_000_000,
  };
  const hyperparameters = {
    tempo,
    maxUids: 24,
    maxValidators: 12,
    immunityPeriodBlocks: 3 * tempo,
    commitReveal: 'Off' as const,
    burn: { minRao: '1000000', halfLifeBlocks: 40, increasePpm: 1_400_000 },
  };
  const policy = { hyperparameters, mechanisms: [FORECAST] };
  return { netuid: 0, handle: `t${tempo}`, policy, emission: 'Started', registration: 'Open', mandate, cause };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const HASHES: Hashes = {
  chain: (previous, entry) => sha256(previous + hashedText(entry)),
  text: sha256,
  registrationId: (registration) => sha256(JSON.stringify(registration)),
};

function must<T>(
  decision: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string },
): T {
  if (decision.ok) return decision.value;
  throw new Error(decision.message);
}

function drain({ journal, book, documents }: Ledger): void {
  journal.takeEntries();
  book.accounts.takeChanges();
  book.holds.takeChanges();
  for (const table of documents) table.takeChanges();
}
