import type { Command } from 'commander';
import { addAdmissions } from './keys-program.ts';
import type { GlobalOptions, Run } from './command-context.ts';
import { listAllSubnets, showCreationCost, showEvictions, showSubnet } from './commands/subnet-list.ts';
import { changeSubnet, createSubnet, dissolveSubnet, keepSubnet, matchEviction } from './commands/subnet-orders.ts';
import { wholeNumber } from './option-values.ts';

interface SigningFlags extends GlobalOptions {
  wallet: string;
  yes: boolean;
  dryRun: boolean;
}

/** `subnetes subnet …`. */
export function addSubnets(program: Command, run: Run): void {
  const subnet = program
    .command('subnet')
    .description('subnets: who may register, who is evicted next, what one costs, how one ends');
  subnet
    .command('list')
    .description('all subnets, and how their lives stand')
    .action((options: GlobalOptions) => run(options, listAllSubnets));
  subnet
    .command('show')
    .description('one subnet, and who waits for a place in it')
    .argument('<subnet>', 'handle or netuid')
    .action((name: string, options: GlobalOptions) => run(options, (context) => showSubnet(context, name)));
  subnet
    .command('evictions')
    .description('who goes next, why, and who has notice')
    .argument('<subnet>', 'handle or netuid')
    .action((name: string, options: GlobalOptions) => run(options, (context) => showEvictions(context, name)));
  subnet
    .command('cost')
    .description('what a new subnet costs now')
    .action((options: GlobalOptions) => run(options, showCreationCost));
  addOrders(subnet, run);
  addAdmissions(subnet, run);
}

function addOrders(subnet: Command, run: Run): void {
  signing(subnet, 'match', 'shows the exact cost, asks, pays what the newcomer paid: the neuron stays')
    .argument('<neuron>', 'name of the resource, a hotkey, or a uid with --netuid')
    .option('--netuid <n>', 'subnet, where the name is not unique', wholeNumber)
    .option('-n, --namespace <name>', 'namespace of the resource, where the name is not unique')
    .option('--max-cost <tokens>', 'most that it may cost; what is shown if not given')
    .action((name: string, options: SigningFlags & { netuid?: number; namespace?: string; maxCost?: string }) =>
      run(options, (context) =>
        matchEviction(context, {
          ...options,
          maxCost: options.maxCost,
          neuron: { name, netuid: options.netuid, namespace: options.namespace },
        }),
      ),
    );
  signing(subnet, 'create', 'shows the exact cost, asks, creates a subnet that the wallet owns')
    .argument('<handle>', 'its name in the network, for ever')
    .requiredOption('--policy-file <path>', 'its rules, as JSON')
    .option('--held', 'without emission at first', false)
    .option('--registration <type>', 'who may register: Open, Closed, Approval or Sponsored', 'Open')
    .option('--max-cost <tokens>', 'most that it may cost; what is shown if not given')
    .action(
      (
        handle: string,
        options: SigningFlags & { policyFile: string; held: boolean; registration: string; maxCost?: string },
      ) => run(options, (context) => createSubnet(context, { ...options, handle, maxCost: options.maxCost })),
    );
  signing(subnet, 'change', 'shows the effect, asks, changes a subnet that no Subnet object manages')
    .argument('<subnet>', 'handle or netuid')
    .option('--policy-file <path>', 'its rules, as JSON; all of them')
    .option('--emission <state>', 'Started or Held')
    .option('--registration <type>', 'who may register: Open, Closed, Approval or Sponsored')
    .action(
      (name: string, options: SigningFlags & { policyFile?: string; emission?: string; registration?: string }) => {
        const { policyFile, emission, registration } = options;
        const wanted = { ...options, subnet: name, policyFile, emission, registration };
        return run(options, (context) => changeSubnet(context, wanted));
      },
    );
  signing(subnet, 'dissolve', 'shows what it means, asks, announces the end of a subnet')
    .argument('<subnet>', 'handle or netuid')
    .option('--at-block <n>', 'its block; as soon as the notice allows if not given', wholeNumber)
    .action((name: string, options: SigningFlags & { atBlock?: number }) =>
      run(options, (context) => dissolveSubnet(context, { ...options, subnet: name, atBlock: options.atBlock })),
    );
  signing(
    subnet,
    'keep',
    'a subnet whose end is announced goes on; where a newcomer waits for its place, for what that has locked',
  )
    .argument('<subnet>', 'handle or netuid')
    .option('--max-cost <tokens>', 'most that it may cost; what is shown if not given')
    .action((name: string, options: SigningFlags & { maxCost?: string }) =>
      run(options, (context) => keepSubnet(context, { ...options, subnet: name, maxCost: options.maxCost })),
    );
}

function signing(subnet: Command, name: string, description: string): Command {
  return subnet
    .command(name)
    .description(description)
    .requiredOption('--wallet <name>', 'the owner’s wallet')
    .option('--dry-run', 'shows the exact effect and changes nothing', false)
    .option('--yes', 'does not ask', false);
}
