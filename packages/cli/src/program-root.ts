import type { Command } from 'commander';
import type { GlobalOptions, Run } from './command-context.ts';
import { registerRoot, setRootWeights, showRoot } from './commands/root.ts';

/** The commands of the root network. */
export function addRoot(program: Command, run: Run): void {
  const root = program.command('root').description('the root network, whose members weigh subnets against each other');
  root
    .command('show')
    .description('how blocks are split between subnets, by whose weights, and who has a seat')
    .action((options: GlobalOptions) => run(options, showRoot));
  root
    .command('register')
    .description(
      'shows the exact cost, asks, takes a seat; when all are taken the lowest stake goes, if yours is higher',
    )
    .requiredOption('--wallet <name>', 'who pays and owns')
    .requiredOption('--stake <tokens>', 'stake that goes onto the hotkey: its voice, and what keeps the seat')
    .option('--hotkey-file <path>', 'hotkey to register; made beside the wallets if there is none')
    .option('--max-cost <tokens>', 'most that the registration may cost; what is shown if not given')
    .option('--dry-run', 'shows the exact effect and changes nothing', false)
    .option('--yes', 'does not ask', false)
    .action(
      (
        options: GlobalOptions & {
          wallet: string;
          stake: string;
          hotkeyFile?: string;
          maxCost?: string;
          yes: boolean;
          dryRun: boolean;
        },
      ) =>
        run(options, (context) =>
          registerRoot(context, { ...options, hotkeyFile: options.hotkeyFile, maxCost: options.maxCost }),
        ),
    );
  root
    .command('weights')
    .description('sends a member’s weights of subnets; they hold until others are sent')
    .option('--wallet <name>', 'whose root hotkey signs')
    .option('--hotkey-file <path>', 'the hotkey that signs, where it is another')
    .option(
      '--set <netuid=weight>',
      'weight of a subnet, 0 to 65535 (may be repeated); others weigh nothing',
      gathered,
      [],
    )
    .action((options: GlobalOptions & { wallet?: string; hotkeyFile?: string; set: string[] }) =>
      run(options, (context) =>
        setRootWeights(context, { set: options.set, wallet: options.wallet, hotkeyFile: options.hotkeyFile }),
      ),
    );
}

function gathered(text: string, before: string[]): string[] {
  return [...before, text];
}
