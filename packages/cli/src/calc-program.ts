import type { Command } from 'commander';
import type { GlobalOptions, Run } from './command-context.ts';
import { calcEmission, calcRegistration, calcStake } from './commands/calc.ts';
import { wholeNumber } from './option-values.ts';

interface AheadFlags extends GlobalOptions {
  days?: string;
  blocks?: number;
}

/** `subnetes calc …`. */
export function addCalculators(program: Command, run: Run): void {
  const calc = program.command('calc').description('what the rules make of things as they stand; promises nothing');
  ahead(calc.command('stake'))
    .description('what stake on a neuron earns, with growth, take and halvings')
    .argument('<neuron>', 'name of the resource, a hotkey, or a uid with --netuid')
    .option('--amount <tokens>', 'put on it now, in whole tokens')
    .option('--wallet <name>', 'whose stake is there already: a wallet on this machine')
    .option('--owner <address>', 'the same, any coldkey')
    .option('--root', 'on its hotkey on root, in all its subnets', false)
    .option('--restake', 'its owner stakes what it was paid after each epoch', false)
    .option('--netuid <n>', 'subnet, where the name is not unique', wholeNumber)
    .option('-n, --namespace <name>', 'namespace of the resource, where the name is not unique')
    .action((name: string, options: AheadFlags & StakeFlags) => {
      const { netuid, namespace, wallet, owner, amount, restake, root } = options;
      const neuron = { name, netuid, namespace, isOnRoot: root };
      return run(options, (context) =>
        calcStake(context, { ...aheadOf(options), neuron, wallet, owner, amount, restake }),
      );
    });
  ahead(calc.command('registration'))
    .description('what registering a miner costs, and when it has earned that')
    .requiredOption('--subnet <handle>', 'handle or netuid')
    .action((options: AheadFlags & { subnet: string }) =>
      run(options, (context) => calcRegistration(context, { ...aheadOf(options), subnet: options.subnet })),
    );
  ahead(calc.command('emission'))
    .description('what a subnet gets of the blocks to come')
    .requiredOption('--subnet <handle>', 'handle or netuid')
    .option('--points <n>', 'so many points on the way, at most 64', wholeNumber, 4)
    .action((options: AheadFlags & { subnet: string; points: number }) =>
      run(options, (context) =>
        calcEmission(context, { ...aheadOf(options), subnet: options.subnet, points: options.points }),
      ),
    );
}

interface StakeFlags {
  netuid?: number;
  namespace?: string;
  wallet?: string;
  owner?: string;
  amount?: string;
  restake: boolean;
  root: boolean;
}

function ahead(command: Command): Command {
  return command
    .option('--days <n>', 'how far ahead; 30 if not given')
    .option('--blocks <n>', 'how far ahead, in blocks', wholeNumber);
}

function aheadOf({ days, blocks }: AheadFlags) {
  return { days, blocks };
}
