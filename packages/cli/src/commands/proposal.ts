import { readFileSync } from 'node:fs';
import { create } from '@bufbuild/protobuf';
import { publicKeyOf } from '@subnetes/keys/ss58';
import { amountText } from '@subnetes/money/amount';
import { type Proposal, ProposeOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import type { WalletOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { ppmText } from '../emission-text.ts';
import { raoOf } from '../number-text.ts';
import { printDryRun } from '../order-preview.ts';
import { actionJson, actionOf, type ActionOptions, actionText } from '../proposal-action.ts';
import { factLines, tableLines } from '../table.ts';
import { readWallet } from '../wallet-store.ts';
import { readSimulation } from './proposal-simulate.ts';
import { submit } from './stake.ts';
import { notConfirmed } from './wallet.ts';
import { readTokenNames } from '../token-names.ts';

/** How an order is asked for. */
export interface Asking {
  readonly wallet: string;
  readonly yes: boolean;
  /** Shows the exact effect and changes nothing. */
  readonly dryRun: boolean;
}

export interface CreateOptions extends Asking, ActionOptions {
  readonly title: string;
  readonly descriptionFile: string | undefined;
  /** What `proposal simulate` wrote. */
  readonly simulation: string | undefined;
}

/** `subnetes proposal create`. */
export async function createProposal(context: CommandContext, options: CreateOptions): Promise<void> {
  const { title, descriptionFile } = options;
  const action = actionOf(options);
  const description = descriptionFile === undefined ? '' : readText(descriptionFile);
  const simulation = options.simulation === undefined ? undefined : readSimulation(options.simulation);
  const governance = await context.market.governance();
  const [{ terms, block }, { own: asset }] = await Promise.all([governance.getGovernance({}), readTokenNames(context)]);
  if (terms === undefined) throw new TypeError('the ledger told no terms');
  const endBlock = block + BigInt(terms.votingBlocks);
  const lines = factLines([
    ['proposal', title],
    ['what it does', actionText(action, asset)],
    [
      'deposit',
      `${amountText({ asset, units: raoOf(terms.depositRao) })}, back unless too few vote or the council vetoes`,
    ],
    [
      'vote',
      `until block ${endBlock}: ${ppmText(terms.quorumPpm)} of all stake, Yes above ${ppmText(terms.thresholdPpm)}`,
    ],
    ['carried out', `at block ${endBlock + BigInt(terms.timelockBlocks)} where it passes`],
    ...(simulation === undefined ? [] : ([['simulation', simulation.summary ?? '']] as const)),
  ]);
  const told = { title, action: actionJson(action), depositRao: raoOf(terms.depositRao), endBlock };
  const value = create(ProposeOrderSchema, {
    title,
    description,
    action,
    ...(simulation === undefined ? {} : { simulation }),
  });
  await ask(context, options, { lines, told, question: 'Propose it', order: { case: 'propose', value } });
}

/** `subnetes proposal list`. */
export async function listProposals(context: CommandContext, { state }: { state: string }): Promise<void> {
  const governance = await context.market.governance();
  const { proposals, block } = await governance.listProposals({ state, page: { size: 100, token: '' } });
  const { own: asset } = await readTokenNames(context);
  const rows = proposals.map((proposal) => [
    String(proposal.id),
    proposal.state,
    shareText(proposal.yesRao, proposal),
    shareText(proposal.noRao, proposal),
    whenText(proposal),
    proposal.title,
  ]);
  print(context, {
    value: { block, proposals: proposals.map((proposal) => proposalValue(proposal)) },
    lines: [
      ...tableLines(LIST_COLUMNS, rows),
      proposals.length === 0
        ? 'Nothing was proposed.'
        : `Block ${block}; shares are of all ${asset} staked when each vote began.`,
    ],
  });
}

const LIST_COLUMNS = [
  { head: 'ID', align: 'right' },
  { head: 'STATE' },
  { head: 'YES', align: 'right' },
  { head: 'NO', align: 'right' },
  { head: 'WHEN' },
  { head: 'TITLE' },
] as const;

/** `subnetes proposal show`. */
export async function showProposal(context: CommandContext, { id }: { id: number }): Promise<void> {
  const governance = await context.market.governance();
  const proposal = await governance.getProposal({ id: BigInt(id) });
  const { own: asset } = await readTokenNames(context);
  const { simulation, action } = proposal;
  const tally = (rao: string): string => `${amountText({ asset, units: raoOf(rao) })} (${shareText(rao, proposal)})`;
  print(context, {
    value: proposalValue(proposal),
    lines: [
      ...factLines([
        ['proposal', `${proposal.id}: ${proposal.title}`],
        ['state', `${proposal.state}${proposal.reason === '' ? '' : `: ${proposal.reason}`}`],
        ['when', whenText(proposal)],
        ['what it does', action === undefined ? '' : actionText(action, asset)],
        ['by', proposal.proposer],
        ['yes', tally(proposal.yesRao)],
        ['no', tally(proposal.noRao)],
        ['abstain', tally(proposal.abstainRao)],
        [
          'needed',
          `${ppmText(proposal.quorumPpm)} of all stake, Yes above ${ppmText(proposal.thresholdPpm)} of Yes and No`,
        ],
        ...(proposal.vetoes.length === 0 ? [] : ([['vetoes', proposal.vetoes.join(', ')]] as const)),
        ...(simulation === undefined
          ? []
          : ([
              ['simulation', `${simulation.summary} (sha256:${Buffer.from(simulation.sha256).toString('hex')})`],
            ] as const)),
      ]),
      ...(proposal.description === '' ? [] : ['', proposal.description.trimEnd()]),
    ],
  });
}

const CHOICES: Readonly<Record<string, string>> = { yes: 'Yes', no: 'No', abstain: 'Abstain' };

/** `subnetes proposal vote`. */
export async function voteOn(
  context: CommandContext,
  options: Asking & { readonly id: number; readonly choice: string },
): Promise<void> {
  const choice = CHOICES[options.choice.toLowerCase()];
  if (choice === undefined) throw usageFailure(`--choice must be yes, no or abstain, not ${options.choice}`);
  const { address } = readWallet(context.walletDir, options.wallet);
  const governance = await context.market.governance();
  const id = BigInt(options.id);
  const [{ title, state, endBlock }, vote] = await Promise.all([
    governance.getProposal({ id }),
    governance.getVote({ proposal: id, wallet: address }),
  ]);
  const { own: asset } = await readTokenNames(context);
  const text = (rao: string): string => amountText({ asset, units: raoOf(rao) });
  const lines = factLines([
    ['proposal', `${id}: ${title} (${state}, until block ${endBlock})`],
    ['vote', `${choice}, once and for good`],
    ['own stake', text(vote.ownRao)],
    ['delegated', text(vote.delegatedRao)],
    ['entrusted', `${text(vote.entrustedRao)}, less what votes by itself`],
  ]);
  const told = {
    proposal: id,
    choice,
    ownRao: vote.ownRao,
    delegatedRao: vote.delegatedRao,
    entrustedRao: vote.entrustedRao,
  };
  const order = { case: 'vote', value: { $typeName: 'subnetes.ledger.v1.VoteOrder', proposal: id, choice } } as const;
  await ask(context, options, { lines, told, question: `Vote ${choice}`, order });
}

/** `subnetes proposal delegate`: who votes with a wallet's stake where it does not vote itself. */
export async function delegateVotes(
  context: CommandContext,
  options: Asking & { readonly to: string | undefined; readonly nobody: boolean },
): Promise<void> {
  const to = options.nobody ? '' : (options.to ?? '');
  if (options.nobody === (options.to !== undefined)) throw usageFailure('name one of --to ADDRESS and --nobody');
  if (to !== '' && publicKeyOf(to) === undefined) throw usageFailure(`--to ${to} is no SS58 address`);
  const line =
    to === ''
      ? `nobody votes for ${options.wallet} in proposals that begin from now on`
      : `${to} votes with the stake of ${options.wallet}, unless it votes itself, in proposals that begin from now on`;
  const order = {
    case: 'delegateVote',
    value: { $typeName: 'subnetes.ledger.v1.DelegateVoteOrder', to },
  } as const;
  await ask(context, options, { lines: [line], told: { to }, question: 'Do it', order });
}

/** `subnetes proposal veto`: of a member of the council. */
export async function vetoProposal(context: CommandContext, options: Asking & { readonly id: number }): Promise<void> {
  const governance = await context.market.governance();
  const id = BigInt(options.id);
  const { title, state, vetoes } = await governance.getProposal({ id });
  const { terms } = await governance.getGovernance({});
  const lines = factLines([
    ['proposal', `${id}: ${title} (${state})`],
    ['vetoes', `${vetoes.length} of the ${terms?.council?.required ?? 0} that stop it`],
  ]);
  const order = { case: 'veto', value: { $typeName: 'subnetes.ledger.v1.VetoOrder', proposal: id } } as const;
  await ask(context, options, { lines, told: { proposal: id, vetoes }, question: 'Veto it', order });
}

/** Shows what an order does, asks, and has it carried out. */
export async function ask(
  context: CommandContext,
  { wallet, dryRun, yes }: Asking,
  asked: {
    readonly lines: readonly string[];
    readonly told: object;
    readonly question: string;
    readonly order: WalletOrder['order'];
  },
): Promise<void> {
  const { lines, told, question, order } = asked;
  if (dryRun) return printDryRun(context, { wallet, order, told, lines });
  if (!yes && !(await context.io.confirm(`${lines.join('\n')}\n${question}?`))) throw notConfirmed();
  const { sequence, block } = await submit(context, wallet, order);
  const id = order.case === 'propose' ? await proposedIn(context, sequence) : undefined;
  print(context, {
    value: { dryRun: false, ...told, ...(id === undefined ? {} : { id }), sequence, block },
    lines: [
      ...lines,
      ...(id === undefined ? [] : [`It is proposal ${id}.`]),
      `Done in block ${block}, journal entry ${sequence}.`,
    ],
  });
}

/** The proposal that an entry of the journal made. */
async function proposedIn({ market }: CommandContext, sequence: bigint): Promise<bigint | undefined> {
  const governance = await market.governance();
  const { proposals } = await governance.listProposals({ page: { size: 100, token: '' } });
  return proposals.find((proposal) => proposal.sequence === sequence)?.id;
}

function proposalValue({ $typeName: _type, action, simulation, ...proposal }: Proposal) {
  return {
    ...proposal,
    action: action === undefined ? null : actionJson(action),
    ...(simulation === undefined
      ? {}
      : {
          simulation: {
            netuid: simulation.netuid,
            firstEpoch: simulation.firstEpoch,
            lastEpoch: simulation.lastEpoch,
            sha256: Buffer.from(simulation.sha256).toString('hex'),
            summary: simulation.summary,
          },
        }),
  };
}

const PPM = 1_000_000n;

/** Of all stake that could vote. */
function shareText(rao: string, { stakedRao }: Proposal): string {
  const staked = raoOf(stakedRao);
  return ppmText(staked === 0n ? 0 : Number((raoOf(rao) * PPM) / staked));
}

function whenText({ state, endBlock, executeBlock, doneBlock }: Proposal): string {
  if (state === 'Voting') return `votes until block ${endBlock}`;
  return state === 'Queued' ? `carried out at block ${executeBlock}` : `over since block ${doneBlock}`;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `${file} cannot be read`;
    throw new Failure({ code: 'DESCRIPTION_FILE', message, exitCode: EXIT.usage, cause });
  }
}
