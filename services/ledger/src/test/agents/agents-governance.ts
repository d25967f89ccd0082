import { TREASURY } from '#domain/book/account.ts';
import { delegationsOf } from '#domain/economy/delegation.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import type { GovernanceOrder } from '#domain/governance/governance-order.ts';
import type { Choice, Proposal, ProposalAction, ProposalState } from '#domain/governance/proposal.ts';
import { GOVERNANCE_DEFAULTS, type GovernanceTerms } from '#domain/governance/terms.ts';
import type { AgentWorld } from './agent-world.ts';
import type { Agent } from './catalogue.ts';
import type { Draws } from './draws.ts';

/** Votes are short and need little, so that of each outcome there are some. */
export const AGENT_TERMS: GovernanceTerms = {
  ...GOVERNANCE_DEFAULTS,
  deposit: 10_000_000n,
  votingBlocks: 40,
  timelockBlocks: 15,
  quorumPpm: 150_000,
  council: { members: Array.from({ length: 16 }, (_, at) => `griefer-${at}`), required: 1 },
};

const PPM = 1_000_000n;
const CHOICES: readonly Choice[] = ['Yes', 'No', 'Abstain'];
const OPEN: ReadonlySet<ProposalState> = new Set<ProposalState>(['Voting', 'Queued']);

/** Whose every rao was when a proposal began, copied the slow way. */
interface Electorate {
  readonly own: ReadonlyMap<string, bigint>;
  /** Parts of pools by who put them there. */
  readonly parts: readonly { readonly wallet: string; readonly pool: string; readonly rao: bigint }[];
  readonly pools: ReadonlyMap<string, { readonly owner: string; readonly rao: bigint }>;
  readonly delegates: ReadonlyMap<string, string>;
  readonly staked: bigint;
}

interface Watched {
  readonly proposer: string;
  readonly action: ProposalAction;
  readonly electorate: Electorate;
  readonly votes: Map<string, Choice>;
  readonly vetoes: Set<string>;
  state: ProposalState;
}

/**
 * Watches what actors decide: each tally against the votes one by one and stake as it was when the vote began, each outcome against
 * the tally, each deposit and payment against the outcome. Throws at the first that the rules do not give.
 */
export class VoteWatch {
  readonly #world: AgentWorld;
  readonly #open = new Map<number, Watched>();
  /** Ends by state. */
  readonly ended = new Map<ProposalState, number>();
  #treasury = 0n;

  constructor(world: AgentWorld) {
    this.#world = world;
  }

  /** An order that the ledger carried out. */
  accept(signer: string, order: GovernanceOrder): void {
    const { ledger, shadow } = this.#world;
    if (order.type === 'Propose') {
      const id = ledger.governance.record.lastProposal;
      const electorate = electorateOf(ledger);
      const { action } = order;
      this.#open.set(id, {
        proposer: signer,
        action,
        electorate,
        votes: new Map(),
        vetoes: new Set(),
        state: 'Voting',
      });
      shadow.credit(signer, -AGENT_TERMS.deposit);
    } else if (order.type === 'Vote') {
      const watched = this.#watched(order.proposal);
      if (watched.votes.has(signer)) throw new Error(`${signer} voted twice on ${order.proposal}`);
      watched.votes.set(signer, order.choice);
      this.#judgeTally(order.proposal, watched);
    } else if (order.type === 'Veto') {
      this.#watched(order.proposal).vetoes.add(signer);
      this.#end(order.proposal);
    } else if (order.type === 'ClaimGrant') throw new Error('there is no grant');
  }

  /** After a block. */
  pass(): void {
    for (const id of this.#open.keys()) this.#end(id);
    const has = this.#world.ledger.book.posted(this.#world.ledger.asset, TREASURY);
    if (has !== this.#treasury) throw new Error(`the treasury has ${has} rao, not ${this.#treasury}`);
  }

  /** Each vote that goes on says what all that voted had, once. */
  check(): void {
    for (const [id, watched] of this.#open) if (watched.state === 'Voting') this.#judgeTally(id, watched);
  }

  #judgeTally(id: number, watched: Watched): void {
    const { tally, staked } = this.#proposal(id);
    const { electorate } = watched;
    const { Yes, No, Abstain } = tallyOf(watched);
    const said = tally.yes + tally.no + tally.abstain;
    if (staked !== electorate.staked) throw new Error(`proposal ${id} counts ${staked} rao, not ${electorate.staked}`);
    if (said > staked) throw new Error(`${said} rao of ${staked} voted on ${id}`);
    if (tally.yes !== Yes || tally.no !== No || tally.abstain !== Abstain) {
      throw new Error(`${id} has ${tally.yes}/${tally.no}/${tally.abstain}, not ${Yes}/${No}/${Abstain}`);
    }
  }

  /** Moves the shadow's money as the outcome has it. */
  #end(id: number): void {
    const watched = this.#watched(id);
    const proposal = this.#proposal(id);
    const { state } = proposal;
    if (state === watched.state) return;
    if (watched.state === 'Voting' && state !== 'Vetoed') judge(watched, proposal);
    watched.state = state;
    if (OPEN.has(state)) return;
    if (state === 'Vetoed' && watched.vetoes.size < AGENT_TERMS.council.required)
      throw new Error(`${id} was vetoed by too few`);
    this.#open.delete(id);
    this.ended.set(state, (this.ended.get(state) ?? 0) + 1);
    const isLost = state === 'Expired' || state === 'Vetoed';
    this.#pay(isLost ? TREASURY : watched.proposer, AGENT_TERMS.deposit);
    const { action } = watched;
    if (state !== 'Executed' || action.type !== 'Spend') return;
    this.#pay(TREASURY, -action.amount);
    this.#pay(action.to, action.amount);
  }

  #pay(to: string, rao: bigint): void {
    if (to === TREASURY) this.#treasury += rao;
    else {
      this.#world.shadow.credit(to, rao);
      this.#world.touched.wallets.add(to);
    }
  }

  #watched(id: number): Watched {
    const watched = this.#open.get(id);
    if (watched === undefined) throw new Error(`proposal ${id} is not open`);
    return watched;
  }

  #proposal(id: number): Proposal {
    const proposal = this.#world.ledger.governance.proposal(id);
    if (proposal === undefined) throw new Error(`there is no proposal ${id}`);
    return proposal;
  }
}

/** A vote's end is what its votes come to, not what anybody says. */
function judge(watched: Watched, { id, state }: Proposal): void {
  const { Yes, No, Abstain } = tallyOf(watched);
  const voted = Yes + No + Abstain;
  const enough = voted > 0n && voted * PPM >= watched.electorate.staked * BigInt(AGENT_TERMS.quorumPpm);
  const due = !enough ? 'Expired' : Yes * PPM > (Yes + No) * BigInt(AGENT_TERMS.thresholdPpm) ? 'Queued' : 'Rejected';
  if (due !== state) throw new Error(`proposal ${id} is ${state}, and its votes make it ${due}`);
}

function electorateOf(ledger: Ledger): Electorate {
  const own = new Map<string, bigint>();
  const pools = new Map<string, { owner: string; rao: bigint }>();
  let staked = 0n;
  for (const { id, asset, posted } of ledger.book.accounts.values()) {
    const [kind, netuid = '', hotkey = '', wallet = ''] = id.split(':');
    if (asset !== ledger.asset || (kind !== 'stake' && kind !== 'delegated')) continue;
    staked += posted;
    if (kind === 'stake') own.set(wallet, (own.get(wallet) ?? 0n) + posted);
    else pools.set(`${netuid}/${hotkey}`, { owner: ledger.hotkeys.get(hotkey) ?? '', rao: posted });
  }
  const parts = Array.from(ledger.delegationLists.entries(), ([wallet]) => wallet).flatMap((wallet) =>
    delegationsOf(ledger, wallet).map(({ netuid, hotkey, worth }) => ({
      wallet,
      pool: `${netuid}/${hotkey}`,
      rao: worth,
    })),
  );
  return { own, pools, parts, delegates: new Map(ledger.governance.voteDelegates.entries()), staked };
}

/** All votes at once: the wallet itself, else whom it had named, else for what is in a pool whoever owned the hotkey. */
function tallyOf({ electorate, votes }: Watched): Record<Choice, bigint> {
  const tally: Record<Choice, bigint> = { Yes: 0n, No: 0n, Abstain: 0n };
  const saidFor = (wallet: string): Choice | undefined =>
    votes.get(wallet) ?? votes.get(electorate.delegates.get(wallet) ?? '');
  const add = (choice: Choice | undefined, rao: bigint): void => {
    if (choice !== undefined) tally[choice] += rao;
  };
  for (const [wallet, rao] of electorate.own) add(saidFor(wallet), rao);
  const rest = new Map(Array.from(electorate.pools, ([pool, { rao }]) => [pool, rao]));
  for (const { wallet, pool, rao } of electorate.parts) {
    const choice = saidFor(wallet);
    if (choice === undefined) continue;
    add(choice, rao);
    rest.set(pool, (rest.get(pool) ?? 0n) - rao);
  }
  for (const [pool, { owner }] of electorate.pools) add(saidFor(owner), rest.get(pool) ?? 0n);
  return tally;
}

/** What actors of all kinds do about proposals: some of it is what the rules are there to keep out. */
export function* politicalTurn(
  world: AgentWorld,
  agent: Agent,
  draws: Draws,
): Generator<WalletOrder | undefined, void> {
  const voting = world.ledger.governance.record.voting;
  const plan = draws.below(10);
  if (plan === 0) yield proposed(world, agent, draws);
  else if (plan === 1) yield { type: 'DelegateVote', to: draws.below(4) === 0 ? undefined : draws.pick(world.wallets) };
  else if (plan === 2) yield { type: 'Veto', proposal: voting.at(-1) ?? draws.below(9) };
  else if (plan === 3 && voting.length > 0) yield* votedWithMoved(world, agent, draws);
  else if (voting.length > 0) yield { type: 'Vote', proposal: draws.pick(voting), choice: draws.pick(CHOICES) };
}

function proposed({ ledger }: AgentWorld, { wallet, friends }: Agent, draws: Draws): WalletOrder {
  const has = ledger.book.posted(ledger.asset, TREASURY);
  const to = draws.pick([wallet, ...friends]);
  const action = draws.pick([
    { type: 'Spend', to, amount: has / 2n + 1n },
    { type: 'Spend', to, amount: has },
    { type: 'Network', changes: { creditMax: BigInt(1 + draws.below(1000)) } },
    { type: 'Network', changes: { symbol: 'AGENT' } },
  ] as const);
  return { type: 'Propose', title: `by ${wallet}`, description: '', action };
}

/** Votes, takes its stake off, gives it to a friend or back to itself elsewhere, and has that vote again. */
function* votedWithMoved(world: AgentWorld, agent: Agent, draws: Draws): Generator<WalletOrder | undefined, void> {
  const { wallet, friends } = agent;
  const proposal = draws.pick(world.ledger.governance.record.voting);
  const choice = draws.pick(CHOICES);
  const place = world.anyStakeOf(agent, draws);
  if (place === undefined) return;
  yield { type: 'Vote', proposal, choice };
  const to = world.anyNeuron(draws);
  if (to !== undefined)
    yield { type: 'MoveStake', ...place, amount: undefined, toNetuid: to.netuid, toHotkey: to.hotkey };
  yield { type: 'Vote', proposal, choice };
  if (friends.length === 0) return;
  const friend = draws.pick(friends);
  const now = world.anyStakeOf(agent, draws);
  if (now !== undefined) yield { type: 'RemoveStake', ...now, amount: undefined };
  const free = world.freeOf(wallet);
  if (free > 1n) yield { type: 'Transfer', to: friend, amount: free / 2n };
  if (to !== undefined) world.order(friend, { type: 'AddStake', ...to, amount: free / 4n });
  world.order(friend, { type: 'Vote', proposal, choice });
}
