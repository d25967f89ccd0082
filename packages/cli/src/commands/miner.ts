import { amountText } from '@subnetes/money/amount';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { findNeuron, findSubnet, neuronName, ROOT_NETUID } from '../neuron-finder.ts';
import { registerNeuron } from '../register-neuron.ts';
import { type Ordering, sendOrder } from '../send-order.ts';
import { type NeuronQuestion, ownStake } from '../stake-on.ts';
import { readWallet } from '../wallet-store.ts';
import { readTokenNames } from '../token-names.ts';

export interface RegisterOptions {
  /** Handle or netuid. */
  readonly subnet: string;
  readonly wallet: string;
  readonly hotkeyFile: string | undefined;
  /** Tokens; the price shown is the limit where this is not given. */
  readonly maxCost: string | undefined;
  readonly invitation: string | undefined;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/** `subnetes miner register`: for a neuron outside any cluster. Shows the exact cost and asks before it pays. */
export async function registerMiner(context: CommandContext, options: RegisterOptions): Promise<void> {
  const subnet = await findSubnet(context.market, options.subnet);
  if (subnet.netuid === ROOT_NETUID) {
    throw usageFailure('the root network has no miners', 'for a seat in it: subnetes root register');
  }
  const done = await registerNeuron(context, { ...options, subnet, stake: 0n });
  if (done === undefined) return;
  const { neuron, hotkey, hotkeyPath: path, cost, asset, block, sequence } = done;
  if (neuron === undefined) {
    print(context, {
      value: {
        dryRun: false,
        netuid: subnet.netuid,
        waits: true,
        hotkey,
        hotkeyFile: path,
        costRao: cost,
        block,
        sequence,
      },
      lines: [
        `Paid ${amountText({ asset, units: cost })}: ${subnet.handle} is full, and the hotkey waits until who goes for it has had its notice (journal entry ${sequence}).`,
        `See how it stands: subnetes subnet show ${subnet.handle}. If nobody goes, all of it comes back.`,
      ],
    });
    return;
  }
  print(context, {
    value: {
      dryRun: false,
      netuid: subnet.netuid,
      uid: neuron.uid,
      hotkey,
      hotkeyFile: path,
      costRao: cost,
      block,
      sequence,
    },
    lines: [
      `Registered on ${subnet.handle} as uid ${neuron.uid} for ${amountText({ asset, units: cost })}, block ${block}, journal entry ${sequence}.`,
      `Start your miner with the hotkey file ${path}: it announces its own endpoint. Then: subnetes doctor --hotkey ${hotkey}`,
    ],
  });
}

/** `subnetes miner deregister`: a neuron of the wallet leaves, a validator or a member of the root network as well. */
export async function deregisterNeuron(
  context: CommandContext,
  options: Ordering & { readonly neuron: NeuronQuestion },
): Promise<void> {
  const { neuron } = await findNeuron(context.market, { ...options.neuron, kind: 'Neuron' });
  const { address } = readWallet(context.walletDir, options.wallet);
  if (neuron.coldkey !== address) {
    throw usageFailure(`${neuronName(neuron)} belongs to ${neuron.coldkey}`, 'name the owner’s wallet');
  }
  const { unbondingBlocks } = await (await context.market.slashing()).getSlashingTerms({});
  const { own: asset } = await readTokenNames(context);
  const { netuid, hotkey, uid, managedBy } = neuron;
  const stake = ownStake(neuron);
  const when = unbondingBlocks === 0n ? 'at once' : `${unbondingBlocks} blocks later`;
  await sendOrder(context, options, {
    lines: [
      `${neuronName(neuron)} leaves subnet ${netuid}, and uid ${uid} is free; its own ${amountText({ asset, units: stake })} come back ${when}`,
      'What it paid to register stays burned, and what others have delegated is theirs to take off.',
      ...(managedBy === undefined
        ? []
        : [
            `${managedBy.kind} ${managedBy.namespace}/${managedBy.name} looks after it, and will say that it was deregistered.`,
          ]),
    ],
    question: 'Leave',
    told: { netuid, hotkey, uid, stakeRao: stake, unbondingBlocks },
    order: { case: 'deregister', value: { $typeName: 'subnetes.ledger.v1.DeregisterOrder', netuid, hotkey } },
  });
}
