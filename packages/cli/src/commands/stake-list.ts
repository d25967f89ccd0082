import { amountText } from '@subnetes/money/amount';
import type { Neuron } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { listNeurons, listSubnets, neuronName, ROOT_NETUID } from '../neuron-finder.ts';
import { raoOf } from '../number-text.ts';
import { ownStake } from '../stake-on.ts';
import { tableLines } from '../table.ts';
import { readWallet } from '../wallet-store.ts';
import { tokenNamesOf } from '../token-names.ts';

/** `subnetes stake list`: what a wallet has on its own neurons and on those of others. */
export async function listStake(
  context: CommandContext,
  options: { wallet: string | undefined; owner: string | undefined },
): Promise<void> {
  const owner =
    options.owner ?? (options.wallet === undefined ? undefined : readWallet(context.walletDir, options.wallet).address);
  if (owner === undefined) {
    throw usageFailure('whose stake?', 'name a wallet with --wallet NAME or an owner with --owner ADDRESS');
  }
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const { emissionPolicy } = network;
  const { own: asset } = tokenNamesOf(network);
  const { delegations } = await ledger.listDelegations({ coldkey: owner });
  const all = await neuronsOfMarket(context, emissionPolicy);
  const own = all
    .filter(({ neuron }) => neuron.coldkey === owner)
    .map(({ neuron, handle }) => ({
      ...placeOf(neuron, handle),
      kind: 'own',
      stakeRao: ownStake(neuron),
      waitingRao: 0n,
    }));
  const delegated = delegations.map(({ netuid, hotkey, worth, waiting }) => {
    const found = all.find(({ neuron }) => neuron.netuid === netuid && neuron.hotkey === hotkey);
    const place =
      found === undefined
        ? {
            subnet: netuid === ROOT_NETUID ? 'root' : String(netuid),
            netuid,
            uid: undefined,
            name: `${hotkey.slice(0, 8)}…`,
            hotkey,
          }
        : placeOf(found.neuron, found.handle);
    return { ...place, kind: 'delegated', stakeRao: raoOf(worth?.amount), waitingRao: raoOf(waiting?.amount) };
  });
  const rows = [...own, ...delegated];
  const totalRao = rows.reduce((sum, { stakeRao, waitingRao }) => sum + stakeRao + waitingRao, 0n);
  const text = (units: bigint): string => amountText({ asset, units });
  const cells = rows.map((row) => [
    row.subnet,
    row.name,
    row.uid === undefined ? '–' : String(row.uid),
    row.kind,
    text(row.stakeRao),
    row.waitingRao === 0n ? '–' : text(row.waitingRao),
  ]);
  print(context, {
    value: { owner, totalRao, neurons: rows },
    lines: [
      ...tableLines(STAKE_COLUMNS, cells),
      `${owner} has ${text(totalRao)} on ${rows.length} ${rows.length === 1 ? 'neuron' : 'neurons'}`,
    ],
  });
}

const STAKE_COLUMNS = [
  { head: 'SUBNET' },
  { head: 'NEURON' },
  { head: 'UID', align: 'right' },
  { head: 'KIND' },
  { head: 'STAKE', align: 'right' },
  { head: 'FROM NEXT EPOCH', align: 'right' },
] as const;

function placeOf(neuron: Neuron, subnet: string) {
  const { netuid, uid, hotkey } = neuron;
  return { subnet, netuid, uid, name: neuronName(neuron), hotkey };
}

async function neuronsOfMarket({ market }: CommandContext, emissionPolicy: string) {
  const markets = (await listSubnets(market)).map(({ netuid, handle }) => ({ netuid, handle }));
  const root = emissionPolicy === 'RootWeights' ? [{ netuid: ROOT_NETUID, handle: 'root' }] : [];
  const found = [];
  for (const { netuid, handle } of [...root, ...markets]) {
    for (const neuron of await listNeurons(market, netuid)) found.push({ neuron, handle });
  }
  return found;
}
