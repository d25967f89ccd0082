import type { Command } from 'commander';
import { ArchiveFiles } from './archive-files.ts';
import type { GlobalOptions, Run } from './command-context.ts';
import { verifyLedger } from './commands/ledger.ts';
import { checkProof, type CheckOptions, proveEntry, type ProveOptions } from './commands/ledger-proof.ts';
import { collected, wholeNumber } from './option-values.ts';

const LOG_KEY = 'the ledger’s key, <name>+<id>+<base64>';

/** `subnetes ledger …`. */
export function addLedger(program: Command, run: Run): void {
  const ledger = program.command('ledger').description('the journal of all money');
  ledger
    .command('verify')
    .description('follows the whole journal on this machine: hash chain, balances, conservation, signed checkpoint')
    .option('--log-key <key>', `${LOG_KEY}; the one that the ledger names if not given`)
    .option('--archives <folder>', 'the files of archived ranges, where the ledger does not keep all entries any more')
    .action((options: GlobalOptions & { logKey?: string; archives?: string }) =>
      run(options, async (context) => {
        const archives = options.archives === undefined ? undefined : await ArchiveFiles.in(options.archives);
        return await verifyLedger(context, { logKey: options.logKey, archives });
      }),
    );
  ledger
    .command('prove')
    .description('prints a file that shows an entry to anybody, without a network')
    .option('--entry <n>', 'number of the entry, such as an invoice line’s ledger sequence', wholeNumber)
    .option('--key <key>', 'idempotency key: epoch:<netuid>:<index>, transfer:<id>, hold:<id>, post:<id>, reverse:<id>')
    .option('--epoch <n>', 'the payout of this epoch, with --miner', wholeNumber)
    .option('--miner <name>', 'name of the resource, a hotkey, or a uid with --netuid')
    .option('--balance <account>', 'what the account had when --epoch of --netuid was paid')
    .option('--netuid <n>', 'subnet, where the name is not unique', wholeNumber)
    .option('-n, --namespace <name>', 'namespace of the resource, where the name is not unique')
    .option('--out <file>', 'writes the file instead of printing it')
    .action((options: GlobalOptions & Partial<ProveOptions>) => {
      const { entry, key, epoch, miner, balance, netuid, namespace, out } = options;
      const asked = { entry, key, epoch, miner, balance, netuid, namespace, out };
      return run(options, (context) => proveEntry(context, asked));
    });
  ledger
    .command('check')
    .description('checks such a file; asks no server')
    .argument('<file>', 'what ledger prove wrote')
    .requiredOption('--log-key <key>', LOG_KEY)
    .option('--witness <key>', 'a witness’ key (may be repeated)', collected, [])
    .option('--witnesses-min <k>', 'how many of them must have signed; all if not given', wholeNumber)
    .option('--netuid <n>', 'subnet of a payout', wholeNumber)
    .option('--epoch <n>', 'epoch of a payout', wholeNumber)
    .option('--registration <hex>', 'the registration that was paid')
    .option(
      '--account <name>',
      'shows the postings on this account alone; whose balance it is, where the file shows one',
    )
    .action(
      (file: string, options: GlobalOptions & Partial<CheckOptions> & Pick<CheckOptions, 'logKey' | 'witness'>) => {
        const { logKey, witness, witnessesMin, netuid, epoch, registration, account } = options;
        const asked = { logKey, witness, witnessesMin, netuid, epoch, registration, account };
        return run(options, (context) => checkProof(context, file, asked));
      },
    );
}
