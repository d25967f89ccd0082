import type { Command } from 'commander';
import type { GlobalOptions, Run } from './command-context.ts';
import { announceSwap, completeSwap, disputeSwap, showSwap, swapHotkey } from './commands/key-swap.ts';
import { setChildren, setChildTake, showLineage } from './commands/lineage.ts';
import { invite, listRequests, orderAdmission, revokeInvitation } from './commands/subnet-admission.ts';
import { collected, wholeNumber } from './option-values.ts';
import type { Ordering } from './send-order.ts';

type OrderFlags = GlobalOptions & Ordering;

/** Of `subnetes subnet`: who may register where the owner approves. */
export function addAdmissions(subnet: Command, run: Run): void {
  subnet
    .command('invite')
    .description('prints what lets a hotkey register; signed by the subnet’s owner, asked of nobody else')
    .requiredOption('--subnet <handle>', 'handle or netuid')
    .requiredOption('--wallet <name>', 'the coldkey that owns the subnet')
    .option('--hotkey <address>', 'for this hotkey alone; for whoever has the invitation if not given')
    .option('--uses <n>', 'registrations that it is good for', wholeNumber, 1)
    .option('--blocks <n>', 'good for this many blocks from now', wholeNumber, 50_400)
    .action(
      (options: GlobalOptions & { subnet: string; wallet: string; hotkey?: string; uses: number; blocks: number }) =>
        run(options, (context) => invite(context, { ...options, hotkey: options.hotkey })),
    );
  const admissions = [
    ['request', 'asks the owner to let a hotkey register', 'requestRegistration'],
    ['approve', 'lets a hotkey register once, for 50400 blocks', 'approveRegistration'],
    ['deny', 'takes a request or an approval off the list', 'denyRegistration'],
  ] as const;
  for (const [name, description, which] of admissions) {
    ordering(subnet.command(name).description(description))
      .requiredOption('--subnet <handle>', 'handle or netuid')
      .requiredOption('--hotkey <address>', 'which hotkey')
      .action((options: OrderFlags & { subnet: string; hotkey: string }) =>
        run(options, (context) => orderAdmission(context, options, which)),
      );
  }
  ordering(subnet.command('revoke-invitation').description('ends an invitation, used or not'))
    .argument('<sha256>', 'its name, as invite --json tells it')
    .requiredOption('--subnet <handle>', 'handle or netuid')
    .action((sha256: string, options: OrderFlags & { subnet: string }) =>
      run(options, (context) => revokeInvitation(context, { ...options, sha256 })),
    );
  subnet
    .command('requests')
    .description('who asked to register, and who may')
    .argument('<subnet>', 'handle or netuid')
    .action((name: string, options: GlobalOptions) => run(options, (context) => listRequests(context, name)));
}

interface PlaceFlags {
  netuid?: number;
  namespace?: string;
}

/** `subnetes stake children`, `child-take`, `lineage`. */
export function addLineage(stake: Command, run: Run): void {
  const asked = (name: string, { netuid, namespace }: PlaceFlags) => ({ name, netuid, namespace });
  placed(ordering(stake.command('children').description('gives parts of a hotkey’s stake to others in its subnet')))
    .option('--child <hotkey=percent>', 'a child and its part (up to five)', collected, [])
    .option('--none', 'it keeps all of its stake', false)
    .action((name: string, options: OrderFlags & PlaceFlags & { child: string[]; none: boolean }) =>
      run(options, (context) =>
        setChildren(context, { ...options, neuron: asked(name, options), children: options.child }),
      ),
    );
  placed(ordering(stake.command('child-take').description('what a hotkey keeps of what its parents’ stake earns')))
    .requiredOption('--percent <number>', '0 to 18')
    .action((name: string, options: OrderFlags & PlaceFlags & { percent: string }) =>
      run(options, (context) => setChildTake(context, { ...options, neuron: asked(name, options) })),
    );
  placed(
    stake.command('lineage').description('parents and children of a hotkey, and the stake by which it counts'),
  ).action((name: string, options: GlobalOptions & PlaceFlags) =>
    run(options, (context) => showLineage(context, asked(name, options))),
  );
}

/** `subnetes wallet swap-hotkey` and `swap-coldkey …`. */
export function addSwaps(wallet: Command, run: Run): void {
  ordering(wallet.command('swap-hotkey').description('a new hotkey takes an old one’s place'))
    .requiredOption('--hotkey <address>', 'the old one')
    .requiredOption('--new-hotkey-file <path>', 'the new one; made if there is none')
    .option('--netuid <n>', 'in this subnet alone; wherever it is registered if not given', wholeNumber)
    .action((options: OrderFlags & { hotkey: string; newHotkeyFile: string; netuid?: number }) =>
      run(options, (context) => swapHotkey(context, { ...options, netuid: options.netuid })),
    );
  const coldkey = wallet.command('swap-coldkey').description('another coldkey takes over all that a wallet has');
  const steps = [
    ['announce', 'says by its hash which key is to follow, in 36000 blocks', announceSwap],
    ['complete', 'carries an announced swap out', completeSwap],
  ] as const;
  for (const [name, description, step] of steps) {
    ordering(coldkey.command(name).description(description))
      .requiredOption('--to <wallet>', 'a wallet on this machine, or its address')
      .action((options: OrderFlags & { to: string }) => run(options, (context) => step(context, options)));
  }
  ordering(
    coldkey.command('dispute').description('says that an announced swap is a thief’s: freezes the wallet'),
  ).action((options: OrderFlags) => run(options, (context) => disputeSwap(context, options)));
  coldkey
    .command('show')
    .description('whether a swap is announced, and from when on it can be carried out')
    .argument('<wallet>', 'a wallet on this machine, or its address')
    .action((name: string, options: GlobalOptions) => run(options, (context) => showSwap(context, name)));
}

function ordering(command: Command): Command {
  return command
    .requiredOption('--wallet <name>', 'who signs')
    .option('--dry-run', 'shows the exact effect and changes nothing', false)
    .option('--yes', 'does not ask', false);
}

function placed(command: Command): Command {
  return command
    .argument('<neuron>', 'name of the resource, a hotkey, or a uid with --netuid')
    .option('--netuid <n>', 'subnet, where the name is not unique', wholeNumber)
    .option('-n, --namespace <name>', 'namespace of the resource, where the name is not unique');
}
