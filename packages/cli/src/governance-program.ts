import { type Command, Option } from 'commander';
import type { GlobalOptions, Run } from './command-context.ts';
import { claimGrant, listGrants } from './commands/grant.ts';
import {
  createProposal,
  delegateVotes,
  listProposals,
  showProposal,
  vetoProposal,
  voteOn,
} from './commands/proposal.ts';
import { simulateProposal } from './commands/proposal-simulate.ts';
import { collected, wholeNumber } from './option-values.ts';

const STATES = ['Voting', 'Queued', 'Executed', 'Failed', 'Rejected', 'Expired', 'Vetoed'];

interface AskFlags extends GlobalOptions {
  wallet: string;
  yes: boolean;
  dryRun: boolean;
}

interface CreateFlags extends AskFlags {
  title: string;
  descriptionFile?: string;
  simulation?: string;
  action?: string;
  spend?: string;
  grant?: string;
  to?: string;
  cliffBlocks: number;
  vestingBlocks?: number;
  revokeGrant?: number;
  settleDispute?: string;
  netuid?: number;
  set: string[];
}

/** `subnetes proposal …` and `subnetes grant …`. */
export function addGovernance(program: Command, run: Run): void {
  const proposal = program.command('proposal').description('what the network decides by the stake in it');
  addCreate(proposal, run);
  addReading(proposal, run);
  addVoting(proposal, run);
  addSimulate(proposal, run);
  addGrants(program, run);
}

function addCreate(proposal: Command, run: Run): void {
  asking(proposal.command('create').description('shows what it does and costs, asks, and begins the vote'))
    .requiredOption('--title <text>', 'one line')
    .option('--description-file <path>', 'why, as text')
    .option('--simulation <file>', 'what proposal simulate wrote')
    .option('--action <file>', 'what it does, as JSON: docs/guides/governance.md has one of each')
    .option('--spend <tokens>', 'pays out of the treasury, with --to')
    .option('--grant <tokens>', 'grants out of the treasury, with --to and --vesting-blocks')
    .option('--to <address>', 'who is paid')
    .option('--cliff-blocks <n>', 'blocks before which nothing of the grant comes free', wholeNumber, 0)
    .option('--vesting-blocks <n>', 'blocks over which the grant comes free', wholeNumber)
    .option('--revoke-grant <id>', 'ends a grant; what has come free stays its beneficiary’s', wholeNumber)
    .option('--settle-dispute <coldkey>', 'ends its disputed swap without the swap')
    .option('--netuid <n>', 'subnet of --set', wholeNumber)
    .option(
      '--set <name=value>',
      'rule of the network (blockReward, blockTime, halving, symbol, unbondingBlocks, rootStakeWeight, slashing=@FILE, …), or with --netuid a hyperparameter that only the network changes (may be repeated)',
      collected,
      [],
    )
    .action((options: CreateFlags) =>
      run(options, (context) =>
        createProposal(context, {
          ...options,
          descriptionFile: options.descriptionFile,
          simulation: options.simulation,
          action: options.action,
          spend: options.spend,
          grant: options.grant,
          to: options.to,
          vestingBlocks: options.vestingBlocks,
          revokeGrant: options.revokeGrant,
          settleDispute: options.settleDispute,
          netuid: options.netuid,
        }),
      ),
    );
}

function addReading(proposal: Command, run: Run): void {
  proposal
    .command('list')
    .description('proposals, the newest first')
    .addOption(new Option('--state <state>', 'only those in this state').choices(STATES))
    .action((options: GlobalOptions & { state?: string }) =>
      run(options, (context) => listProposals(context, { state: options.state ?? '' })),
    );
  proposal
    .command('show')
    .description('one proposal: what it does, how the vote stands')
    .argument('<id>', 'its number', wholeNumber)
    .action((id: number, options: GlobalOptions) => run(options, (context) => showProposal(context, { id })));
}

function addVoting(proposal: Command, run: Run): void {
  asking(proposal.command('vote').description('votes with what the wallet had staked when the vote began; once'))
    .argument('<id>', 'number of the proposal', wholeNumber)
    .requiredOption('--choice <choice>', 'yes, no or abstain')
    .action((id: number, options: AskFlags & { choice: string }) =>
      run(options, (context) => voteOn(context, { ...options, id })),
    );
  asking(proposal.command('delegate').description('names who votes where the wallet does not'))
    .option('--to <address>', 'whose vote counts for this wallet’s stake too')
    .option('--nobody', 'nobody any more', false)
    .action((options: AskFlags & { to?: string; nobody: boolean }) =>
      run(options, (context) => delegateVotes(context, { ...options, to: options.to })),
    );
  asking(proposal.command('veto').description('of a member of the council: enough of them stop a proposal'))
    .argument('<id>', 'number of the proposal', wholeNumber)
    .action((id: number, options: AskFlags) => run(options, (context) => vetoProposal(context, { ...options, id })));
}

function addSimulate(proposal: Command, run: Run): void {
  proposal
    .command('simulate')
    .description('what other rules would have paid in the newest epochs, recomputed on this machine')
    .requiredOption('--netuid <n>', 'subnet', wholeNumber)
    .option('--set <name=value>', 'rule that is to be different, as in epoch replay (may be repeated)', collected, [])
    .option('--epochs <n>', 'how many', wholeNumber, 10)
    .option('--out <file>', 'writes the document that a proposal attaches')
    .action((options: GlobalOptions & { netuid: number; set: string[]; epochs: number; out?: string }) =>
      run(options, (context) => simulateProposal(context, { ...options, out: options.out })),
    );
}

function addGrants(program: Command, run: Run): void {
  const grant = program.command('grant').description('money of the treasury that comes free with time');
  grant
    .command('list')
    .description('grants that are not paid out')
    .option('--wallet <name>', 'of a wallet on this machine')
    .option('--owner <address>', 'of any coldkey')
    .action((options: GlobalOptions & { wallet?: string; owner?: string }) =>
      run(options, (context) => listGrants(context, { wallet: options.wallet, owner: options.owner })),
    );
  asking(grant.command('claim').description('pays out what has come free'))
    .argument('<id>', 'number of the grant', wholeNumber)
    .action((id: number, options: AskFlags) => run(options, (context) => claimGrant(context, { ...options, id })));
}

function asking(command: Command): Command {
  return command
    .requiredOption('--wallet <name>', 'who signs')
    .option('--dry-run', 'shows the exact effect and changes nothing', false)
    .option('--yes', 'does not ask', false);
}
