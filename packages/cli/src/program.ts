import { OVERRIDE_NAMES } from '@subnetes/consensus/overrides';
import { FUEL_DEFAULT } from '@subnetes/incentive/limits';
import { Command, CommanderError, Option } from 'commander';
import { addAccounts, addSessions } from './account-program.ts';
import { addCalculators } from './calc-program.ts';
import type { GlobalOptions, Run } from './command-context.ts';
import { doctor } from './commands/doctor.ts';
import { type ReplayQuestion, replayEpoch } from './commands/epoch.ts';
import { explain } from './commands/explain.ts';
import { checkFunction, publishFunction } from './commands/function.ts';
import { createKey, listKeys, revokeKey } from './commands/key.ts';
import { deregisterNeuron, registerMiner, type RegisterOptions } from './commands/miner.ts';
import { status } from './commands/status.ts';
import { addGovernance } from './governance-program.ts';
import { addLedger } from './ledger-program.ts';
import { addMandates } from './mandate-program.ts';
import { collected, wholeNumber } from './option-values.ts';
import { addPools } from './pool-program.ts';
import { addRoot } from './program-root.ts';
import type { Ordering } from './send-order.ts';
import { addSlashes } from './slash-program.ts';
import { addStakes } from './stake-program.ts';
import { addSubnets } from './subnet-program.ts';
import { addWallet } from './wallet-program.ts';

/** The whole command line. Every command takes the options of `subnetes` itself, before or after its name. */
export function buildProgram(run: Run, output: { out: (text: string) => void; err: (text: string) => void }): Command {
  const program = new Command('subnetes').description(
    'A decentralised AI model marketplace on Kubernetes, from the command line',
  );
  program
    .configureOutput({ writeOut: output.out, writeErr: output.err })
    .exitOverride()
    .showHelpAfterError('(add --help for what it takes)');
  addReading(program, run);
  addFunctions(program, run);
  addWallet(program, run);
  addStakes(program, run);
  addPools(program, run);
  addGovernance(program, run);
  addSlashes(program, run);
  addSubnets(program, run);
  addCalculators(program, run);
  addAccounts(program, run);
  addSessions(program, run);
  addSpending(program, run);
  addRoot(program, run);
  for (const command of leaves(program)) addGlobals(command);
  return program;
}

function addReading(program: Command, run: Run): void {
  program
    .command('status')
    .description('the network, its subnets, and what miners and validators earn and why')
    .action((options: GlobalOptions) => run(options, status));
  const explaining = program.command('explain').description('why a miner or validator earns what it earns');
  for (const kind of ['Miner', 'Validator'] as const) {
    explaining
      .command(kind.toLowerCase())
      .description(
        `who ${kind === 'Miner' ? 'gave it what' : 'it gave what'}, what of it counted, recomputed on this machine`,
      )
      .argument('<name>', 'name of the resource, a hotkey, or a uid with --netuid')
      .option('--epoch <n>', 'epoch; the newest if not given', wholeNumber, 0)
      .option('--netuid <n>', 'subnet, where the name is not unique', wholeNumber)
      .option('-n, --namespace <name>', 'namespace of the resource, where the name is not unique')
      .action((name: string, options: GlobalOptions & { epoch: number; netuid?: number; namespace?: string }) =>
        run(options, (context) =>
          explain(context, { kind, name, epoch: options.epoch, netuid: options.netuid, namespace: options.namespace }),
        ),
      );
  }
  program
    .command('epoch')
    .description('scored epochs')
    .command('replay')
    .description(
      'runs the consensus on this machine from the stored inputs and compares; says what other rules would pay',
    )
    .requiredOption('--netuid <n>', 'subnet', wholeNumber)
    .option('--epoch <n>', 'epoch; the newest if not given', wholeNumber, 0)
    .option('--set <name=value>', `what if: ${OVERRIDE_NAMES.join(', ')} (may be repeated)`, collected, [])
    .option('--function <file>', 'what if this module had been the incentive function')
    .option(
      '--without-validator <name>',
      'what if it were not there: name, hotkey or uid (may be repeated)',
      collected,
      [],
    )
    .action(
      (
        options: GlobalOptions &
          Pick<ReplayQuestion, 'netuid' | 'epoch' | 'set' | 'withoutValidator'> & { function?: string },
      ) => run(options, (context) => replayEpoch(context, { ...options, function: options.function })),
    );
  addLedger(program, run);
  program
    .command('doctor')
    .description('looks at everything that your work rests on, and says what to do')
    .option('--hotkey <address>', 'also at this hotkey: registration, endpoint, certificate')
    .action((options: GlobalOptions & { hotkey?: string }) =>
      run(options, (context) => doctor(context, { hotkey: options.hotkey })),
    );
}

function addFunctions(program: Command, run: Run): void {
  const functions = program
    .command('function')
    .description('incentive functions: an owner’s own division among miners');
  functions
    .command('check')
    .description('whether a module may run, its digest, and what it does to made-up networks; asks no server')
    .argument('<file>', 'the WebAssembly module')
    .option('--fuel <units>', 'fuel of one run, as the policy grants it', wholeNumber, FUEL_DEFAULT)
    .option('--pass-weights', 'hands it the weights too, as the policy may', false)
    .action((file: string, options: GlobalOptions & { fuel: number; passWeights: boolean }) =>
      run(options, (context) => checkFunction(context, { file, fuel: options.fuel, passWeights: options.passWeights })),
    );
  functions
    .command('publish')
    .description('hands a module to scoring, which keeps it by its hash; for owners without a Subnet resource')
    .argument('<file>', 'the WebAssembly module')
    .requiredOption('--subnet <handle>', 'handle or netuid')
    .requiredOption('--wallet <name>', 'the coldkey that owns the subnet')
    .action((file: string, options: GlobalOptions & { subnet: string; wallet: string }) =>
      run(options, (context) => publishFunction(context, { file, subnet: options.subnet, wallet: options.wallet })),
    );
}

function addSpending(program: Command, run: Run): void {
  addMandates(program, run);
  const miner = program.command('miner').description('miners outside any cluster');
  miner
    .command('deregister')
    .description('shows what it means, asks, ends the registration of a neuron of the wallet')
    .argument('<neuron>', 'name of the resource, a hotkey, or a uid with --netuid')
    .requiredOption('--wallet <name>', 'who owns it')
    .option('--netuid <n>', 'subnet, where the name is not unique; 0 is the root network', wholeNumber)
    .option('-n, --namespace <name>', 'namespace of the resource, where the name is not unique')
    .option('--dry-run', 'shows the exact effect and changes nothing', false)
    .option('--yes', 'does not ask', false)
    .action((name: string, options: GlobalOptions & Ordering & { netuid?: number; namespace?: string }) => {
      const { netuid, namespace } = options;
      return run(options, (context) => deregisterNeuron(context, { ...options, neuron: { name, netuid, namespace } }));
    });
  miner
    .command('register')
    .description('shows the exact cost, asks, registers; the miner announces its own endpoint')
    .requiredOption('--subnet <handle>', 'handle or netuid')
    .requiredOption('--wallet <name>', 'who pays and owns')
    .option('--hotkey-file <path>', 'hotkey to register; made beside the wallets if there is none')
    .option('--max-cost <tokens>', 'most that it may cost; what is shown if not given')
    .option('--invitation <text>', 'of the subnet’s owner, where that one approves who registers')
    .option('--dry-run', 'shows the exact effect and changes nothing', false)
    .option('--yes', 'does not ask', false)
    .action(
      (
        options: GlobalOptions & {
          subnet: string;
          wallet: string;
          hotkeyFile?: string;
          maxCost?: string;
          invitation?: string;
          yes: boolean;
          dryRun: boolean;
        },
      ) => {
        const { hotkeyFile, maxCost, invitation } = options;
        const asked: RegisterOptions = { ...options, hotkeyFile, maxCost, invitation };
        return run(options, (context) => registerMiner(context, asked));
      },
    );
  addKeys(program.command('key').description('API keys, which applications show to the gateway'), run);
}

function addKeys(key: Command, run: Run): void {
  key
    .command('create')
    .description('makes a key and shows it once')
    .requiredOption('--account <name>', 'billing account that pays')
    .option('--name <name>', 'what the key is for', 'default')
    .option('--owner <address>', 'makes the billing account first, owned by this coldkey')
    .action((options: GlobalOptions & { account: string; name: string; owner?: string }) =>
      run(options, (context) => createKey(context, { ...options, owner: options.owner })),
    );
  key
    .command('list')
    .description('keys of an account, newest first, revoked ones too')
    .requiredOption('--account <name>', 'billing account')
    .action((options: GlobalOptions & { account: string }) => run(options, (context) => listKeys(context, options)));
  key
    .command('revoke')
    .description('ends a key')
    .argument('<key-id>', 'id as key list shows it')
    .action((keyId: string, options: GlobalOptions) => run(options, (context) => revokeKey(context, { keyId })));
}

function addGlobals(command: Command): void {
  const group = (flags: string, description: string): Option => new Option(flags, description).helpGroup('Everywhere:');
  command
    .addOption(group('--json', 'one line of JSON on stdout'))
    .addOption(group('--ledger <host:port>', 'address of the ledger (SUBNETES_LEDGER)'))
    .addOption(group('--scoring <host:port>', 'address of scoring (SUBNETES_SCORING)'))
    .addOption(group('--billing <host:port>', 'address of billing (SUBNETES_BILLING)'))
    .addOption(group('--gateway <url>', 'base URL of the gateway (SUBNETES_GATEWAY)'))
    .addOption(group('--context <name>', 'reach the market through kubectl with this context'))
    .addOption(group('--system-namespace <name>', 'namespace of the market’s services').default('subnetes-system'))
    .addOption(group('--wallet-dir <path>', 'folder of wallets; ~/.config/subnetes/wallets if not given'))
    .addOption(group('--passphrase-file <path>', 'first line opens the wallet; else it is asked for'));
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

/** How commander ends after --help and after a wrong command line. */
export function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}
