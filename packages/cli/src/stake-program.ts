import type { Command } from 'commander';
import type { GlobalOptions, Run } from './command-context.ts';
import { addStake, moveStake, removeStake, setTake } from './commands/stake.ts';
import { listStake } from './commands/stake-list.ts';
import { addLineage } from './keys-program.ts';
import { listUnbonding, rebond, setAutoStake } from './commands/unbonding.ts';
import { wholeNumber } from './option-values.ts';
import type { Ordering } from './send-order.ts';
import type { NeuronQuestion } from './stake-on.ts';

interface StakeFlags extends GlobalOptions {
  wallet: string;
  netuid?: number;
  namespace?: string;
  root?: boolean;
  yes: boolean;
  dryRun: boolean;
}

/** `subnetes stake …`. */
export function addStakes(program: Command, run: Run): void {
  const stake = program.command('stake').description('stake of a wallet: on its own neurons, and delegated to others');
  stake
    .command('list')
    .description('what a wallet has on its own neurons and on those of others')
    .option('--wallet <name>', 'a wallet on this machine')
    .option('--owner <address>', 'any coldkey')
    .action((options: GlobalOptions & { wallet?: string; owner?: string }) =>
      run(options, (context) => listStake(context, { wallet: options.wallet, owner: options.owner })),
    );
  onRoot(
    changing(
      stake,
      'add',
      'shows the exact effect, asks, puts stake on a neuron: the wallet’s own, or another’s to which it delegates',
    ),
  )
    .requiredOption('--amount <tokens>', 'whole tokens with up to nine decimals')
    .action((name: string, options: StakeFlags & { amount: string }) =>
      run(options, (context) => addStake(context, { ...options, neuron: asked(name, options) })),
    );
  onRoot(changing(stake, 'remove', 'shows the exact effect, asks, takes stake back to the wallet'))
    .option('--amount <tokens>', 'whole tokens with up to nine decimals; all of it if not given')
    .action((name: string, options: StakeFlags & { amount?: string }) =>
      run(options, (context) =>
        removeStake(context, { ...options, amount: options.amount, neuron: asked(name, options) }),
      ),
    );
  onRoot(changing(stake, 'move', 'shows the exact effect, asks, moves stake to another neuron'))
    .requiredOption('--to <name>', 'the other neuron: name, hotkey, or uid with --to-netuid')
    .option('--to-netuid <n>', 'its subnet; that of the first one if not given', wholeNumber)
    .option('--to-root', 'onto the other neuron’s hotkey on root', false)
    .option('--amount <tokens>', 'whole tokens with up to nine decimals; all of it if not given')
    .action((name: string, options: StakeFlags & { to: string; toNetuid?: number; toRoot: boolean; amount?: string }) =>
      run(options, (context) =>
        moveStake(context, {
          ...options,
          amount: options.amount,
          neuron: asked(name, options),
          to: {
            name: options.to,
            netuid: options.toNetuid ?? options.netuid,
            namespace: options.namespace,
            isOnRoot: options.toRoot,
          },
        }),
      ),
    );
  changing(stake, 'take', 'what the owner keeps of the dividends of those who delegate to a neuron’s hotkey')
    .requiredOption('--percent <number>', '0 to 18')
    .action((name: string, options: StakeFlags & { percent: string }) =>
      run(options, (context) => setTake(context, { ...options, neuron: asked(name, options) })),
    );
  addLineage(stake, run);
  addUnbonding(stake, run);
}

function addUnbonding(stake: Command, run: Run): void {
  stake
    .command('unbonding')
    .description('what of a wallet is on its way back, what it has moved, and whose earnings are staked')
    .option('--wallet <name>', 'a wallet on this machine')
    .option('--owner <address>', 'any coldkey')
    .action((options: GlobalOptions & { wallet?: string; owner?: string }) =>
      run(options, (context) => listUnbonding(context, { wallet: options.wallet, owner: options.owner })),
    );
  stake
    .command('rebond')
    .description('puts what is unbonding on again; asks first')
    .argument('<id>', 'as stake unbonding tells it', wholeNumber)
    .requiredOption('--wallet <name>', 'whose it is')
    .option('--amount <tokens>', 'whole tokens with up to nine decimals; all of it if not given')
    .option('--dry-run', 'shows the exact effect and changes nothing', false)
    .option('--yes', 'does not ask', false)
    .action((id: number, options: GlobalOptions & Ordering & { amount?: string }) =>
      run(options, (context) => rebond(context, { ...options, id, amount: options.amount })),
    );
  changing(stake, 'auto', 'whether what a neuron of the wallet earns goes onto its stake')
    .option('--off', 'it goes to the wallet again', false)
    .action((name: string, options: StakeFlags & { off: boolean }) =>
      run(options, (context) => setAutoStake(context, { ...options, neuron: asked(name, options) })),
    );
}

function changing(stake: Command, name: string, description: string): Command {
  return stake
    .command(name)
    .description(description)
    .argument('<neuron>', 'name of the resource, a hotkey, or a uid with --netuid')
    .requiredOption('--wallet <name>', 'whose stake it is')
    .option('--netuid <n>', 'subnet, where the name is not unique; 0 is the root network', wholeNumber)
    .option('-n, --namespace <name>', 'namespace of the resource, where the name is not unique')
    .option('--dry-run', 'shows the exact effect and changes nothing', false)
    .option('--yes', 'does not ask', false);
}

function onRoot(command: Command): Command {
  return command.option('--root', 'what is on the neuron’s hotkey on root, which counts in all its subnets', false);
}

function asked(name: string, { netuid, namespace, root = false }: StakeFlags): NeuronQuestion {
  return { name, netuid, namespace, isOnRoot: root };
}
