import type { Command } from 'commander';
import type { GlobalOptions, Run } from './command-context.ts';
import { listAccounts, listPostings, showAccount } from './commands/account.ts';
import {
  listSessions,
  openSession,
  payBySession,
  type PayOptions,
  revokeSession,
  SCOPE_NAMES,
  showSession,
} from './commands/session.ts';
import { wholeNumber } from './option-values.ts';

const LIMIT_DEFAULT = 100;

/** `subnetes account …`. */
export function addAccounts(program: Command, run: Run): void {
  const account = program.command('account').description('accounts of the ledger: wallets, billing:NAME, stakes, pots');
  account
    .command('show')
    .description('balance, holds and terms of one account, of one moment')
    .argument('<account>', 'an SS58 address, billing:NAME, burned, …')
    .option('--at-entry <n>', 'its balance right after this entry of the journal', wholeNumber)
    .action((name: string, options: GlobalOptions & { atEntry?: number }) =>
      run(options, (context) => showAccount(context, { account: name, atEntry: options.atEntry })),
    );
  account
    .command('list')
    .description('accounts by name')
    .option('--prefix <text>', 'how names begin, such as billing:', '')
    .option('--limit <n>', 'most that are shown', wholeNumber, LIMIT_DEFAULT)
    .action((options: GlobalOptions & { prefix: string; limit: number }) =>
      run(options, (context) => listAccounts(context, options)),
    );
  account
    .command('postings')
    .description('what moved on an account, newest first')
    .argument('<account>', 'an SS58 address, billing:NAME, burned, …')
    .option('--from-entry <n>', 'first entry of the journal', wholeNumber, 0)
    .option('--to-entry <n>', 'last entry; the newest if not given', wholeNumber, 0)
    .option('--from-block <n>', 'first block', wholeNumber, 0)
    .option('--to-block <n>', 'last block; the newest if not given', wholeNumber, 0)
    .option('--oldest-first', 'the other way round', false)
    .option('--asset <symbol>', 'such as ALPHA1, a subnet’s token; the network’s if not given')
    .option('--limit <n>', 'most that are shown', wholeNumber, LIMIT_DEFAULT)
    .action((name: string, options: GlobalOptions & Omit<Parameters<typeof listPostings>[1], 'account'>) =>
      run(options, (context) => listPostings(context, { ...options, account: name })),
    );
}

/** `subnetes session …`. */
export function addSessions(program: Command, run: Run): void {
  const session = program
    .command('session')
    .description('keys that spend for a wallet within limits, without its passphrase');
  session
    .command('open')
    .description('lets a new key spend for a wallet; asks first')
    .requiredOption('--name <name>', 'name of the session on this machine')
    .requiredOption('--wallet <name>', 'whose money it may spend')
    .requiredOption('--max <tokens>', 'most that it may spend in all')
    .option('--max-per-order <tokens>', 'most that one order may spend; all of it if not given')
    .option('--scopes <list>', `what for: ${SCOPE_NAMES.join(', ')}`, 'Fund')
    .option('--blocks <n>', 'good for this many blocks from now', wholeNumber, 7200)
    .option('--dry-run', 'shows the exact effect and changes nothing', false)
    .option('--yes', 'does not ask', false)
    .action(
      (
        options: GlobalOptions &
          Omit<Parameters<typeof openSession>[1], 'maxPerOrder'> & { readonly maxPerOrder?: string },
      ) => run(options, (context) => openSession(context, { ...options, maxPerOrder: options.maxPerOrder })),
    );
  session
    .command('list')
    .description('sessions whose files lie on this machine; asks no server')
    .action((options: GlobalOptions) => run(options, listSessions));
  session
    .command('show')
    .description('what a session may still spend, and the last batch that was carried out')
    .argument('<name>', 'name of the session')
    .action((name: string, options: GlobalOptions) => run(options, (context) => showSession(context, name)));
  session
    .command('pay')
    .description('pays by the session’s key; asks first at a terminal')
    .argument('<name>', 'name of the session')
    .requiredOption('--to <address>', 'billing:NAME, or an SS58 address where the session may transfer')
    .requiredOption('--amount <tokens>', 'whole tokens with up to nine decimals')
    .option('--code <text>', 'what it is for', '')
    .option('--yes', 'does not ask; without a terminal nothing is asked either', false)
    .option('--dry-run', 'shows the exact effect and changes nothing', false)
    .action((name: string, options: GlobalOptions & Omit<PayOptions, 'name'>) =>
      run(options, (context) => payBySession(context, { ...options, name })),
    );
  session
    .command('revoke')
    .description('ends a session for ever, by an order of its wallet')
    .argument('[name]', 'name of the session')
    .option('--id <hex>', 'its id, where its file is not here')
    .requiredOption('--wallet <name>', 'the wallet whose money it spends')
    .option('--dry-run', 'shows the exact effect and changes nothing', false)
    .action((name: string | undefined, options: GlobalOptions & { id?: string; wallet: string; dryRun: boolean }) =>
      run(options, (context) => revokeSession(context, { ...options, name, id: options.id })),
    );
}
