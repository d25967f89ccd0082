import { amountText } from '@subnetes/money/amount';
import type { PendingEviction } from '@subnetes/proto/gen/subnetes/ledger/v1/lifecycle_pb';
import type { RegistrationInterval, SubnetState } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { findSubnet, listSubnets } from '../neuron-finder.ts';
import { raoOf } from '../number-text.ts';
import { type Column, factLines, tableLines } from '../table.ts';
import { readTokenNames } from '../token-names.ts';

const SUBNET_COLUMNS: readonly Column[] = [
  { head: 'NETUID', align: 'right' },
  { head: 'HANDLE' },
  { head: 'OWNER' },
  { head: 'NEURONS', align: 'right' },
  { head: 'COST', align: 'right' },
  { head: 'NOTICE', align: 'right' },
  { head: 'LIFE' },
];

/** `subnetes subnet list`. */
export async function listAllSubnets(context: CommandContext): Promise<void> {
  const subnets = await listSubnets(context.market);
  const { own: asset } = await readTokenNames(context);
  const rows = subnets.map((subnet) => [
    String(subnet.netuid),
    subnet.handle,
    `${subnet.ownerColdkey.slice(0, 8)}…`,
    `${subnet.neurons}/${subnet.active?.policy?.hyperparameters?.maxUids ?? 0}`,
    costText(subnet, asset),
    noticeText(subnet),
    lifeText(subnet),
  ]);
  print(context, { value: { subnets: subnets.map(factsOf) }, lines: tableLines(SUBNET_COLUMNS, rows) });
}

/** `subnetes subnet show`: one subnet, who waits for a place in it and who has notice. */
export async function showSubnet(context: CommandContext, name: string): Promise<void> {
  const subnet = await findSubnet(context.market, name);
  const lifecycle = await context.market.lifecycle();
  const { pending, block } = await lifecycle.listPendingEvictions({ netuid: subnet.netuid });
  const { own: asset } = await readTokenNames(context);
  const lines = factLines([
    ['netuid', String(subnet.netuid)],
    ['handle', subnet.handle],
    ['owner', subnet.ownerColdkey],
    ['neurons', `${subnet.neurons} of ${subnet.active?.policy?.hyperparameters?.maxUids ?? 0}`],
    ['registration costs', `${costText(subnet, asset)}${intervalText(subnet)}`],
    ['notice of an eviction', noticeText(subnet)],
    ['locked', subnet.lockedRao === '' ? 'nothing' : amountText({ asset, units: raoOf(subnet.lockedRao) })],
    ['life', lifeText(subnet)],
  ]);
  print(context, {
    value: { ...factsOf(subnet), block, pending: pending.map(pendingFacts) },
    lines: [...lines, ...pendingLines(pending, { asset, block })],
  });
}

const ORDER_COLUMNS: readonly Column[] = [
  { head: 'PLACE', align: 'right' },
  { head: 'UID', align: 'right' },
  { head: 'HOTKEY' },
  { head: 'STANDING' },
  { head: 'EARNED', align: 'right' },
  { head: 'REGISTERED', align: 'right' },
  { head: 'IMMUNE UNTIL', align: 'right' },
  { head: 'DECIDED BY' },
];

/** `subnetes subnet evictions`: who goes next, and what puts one before the other. */
export async function showEvictions(context: CommandContext, name: string): Promise<void> {
  const subnet = await findSubnet(context.market, name);
  const lifecycle = await context.market.lifecycle();
  const [order, { pending }] = await Promise.all([
    lifecycle.listEvictionOrder({ netuid: subnet.netuid }),
    lifecycle.listPendingEvictions({ netuid: subnet.netuid }),
  ]);
  const { own: asset } = await readTokenNames(context);
  const rows = order.places.map((place) => [
    place.place === 0 ? '–' : String(place.place),
    String(place.uid),
    place.hotkey,
    place.standing,
    amountText({ asset, units: raoOf(place.earnedLastEpochRao) }),
    String(place.registeredAtBlock),
    String(place.immuneUntilBlock),
    place.decidedBy === '' ? '–' : place.decidedBy,
  ]);
  const free =
    order.freePlaces === 0
      ? `${subnet.handle} is full: a newcomer takes the place of 1${order.noticeBlocks === 0 ? ' at once' : `, after ${order.noticeBlocks} blocks of notice`}`
      : `${order.freePlaces} of its places are free: nobody goes`;
  print(context, {
    value: {
      netuid: subnet.netuid,
      block: order.block,
      freePlaces: order.freePlaces,
      noticeBlocks: order.noticeBlocks,
      places: order.places.map(({ $typeName: _typeName, notice, ...place }) => ({
        ...place,
        ...(notice === undefined ? {} : { dueBlock: notice.dueBlock, priceRao: notice.priceRao }),
      })),
      pending: pending.map(pendingFacts),
    },
    lines: [...tableLines(ORDER_COLUMNS, rows), free, ...pendingLines(pending, { asset, block: order.block })],
  });
}

/** `subnetes subnet cost`: what a new subnet costs now. */
export async function showCreationCost(context: CommandContext): Promise<void> {
  const lifecycle = await context.market.lifecycle();
  const { own: asset } = await readTokenNames(context);
  const { $typeName: _typeName, ...cost } = await lifecycle.getCreationCost({});
  const text = (rao: string): string => amountText({ asset, units: raoOf(rao) });
  const isSold = raoOf(cost.minRao) > 0n;
  print(context, {
    value: cost,
    lines: factLines([
      ['a subnet costs', isSold ? `${text(cost.costRao)}, locked for as long as it lives` : 'nothing'],
      ...(isSold ? ([['at least', text(cost.minRao)]] as const) : []),
      ...(cost.lastRao === ''
        ? []
        : ([['the last one cost', `${text(cost.lastRao)} in block ${cost.lastBlock}`]] as const)),
      ['the next one from block', String(cost.fromBlock)],
      ['subnets', `${cost.subnets} of ${cost.limit}`],
      ['block', String(cost.block)],
    ]),
  });
}

function factsOf(subnet: SubnetState) {
  const { netuid, handle, ownerColdkey, neurons, lockedRao, dissolution, waitsFor, registrationInterval } = subnet;
  return {
    netuid,
    handle,
    ownerColdkey,
    neurons,
    maxUids: subnet.active?.policy?.hyperparameters?.maxUids ?? 0,
    registrationCostRao: subnet.registrationCost?.amount ?? '0',
    ...(registrationInterval === undefined ? {} : { registrationInterval: intervalFacts(registrationInterval) }),
    evictionNoticeBlocks: subnet.active?.policy?.hyperparameters?.evictionNoticeBlocks ?? 0,
    lockedRao,
    ...(waitsFor === 0 ? {} : { waitsFor }),
    ...(dissolution === undefined
      ? {}
      : {
          dissolution: {
            phase: dissolution.phase,
            atBlock: dissolution.atBlock,
            endedAtBlock: dissolution.endedAtBlock,
            ...(dissolution.newcomerNetuid === 0
              ? {}
              : { newcomerNetuid: dissolution.newcomerNetuid, newcomerLockRao: dissolution.newcomerLockRao }),
          },
        }),
  };
}

function pendingFacts({ $typeName: _typeName, ...pending }: PendingEviction) {
  return pending;
}

function pendingLines(
  pending: readonly PendingEviction[],
  { asset, block }: { readonly asset: string; readonly block: bigint },
): string[] {
  return pending.map(({ uid, hotkey, newcomerHotkey, priceRao, dueBlock }) => {
    const left = dueBlock > block ? dueBlock - block : 0n;
    const who = hotkey === '' ? `uid ${uid}, which has left` : `uid ${uid} (${hotkey})`;
    return `${who} goes in block ${dueBlock}, in ${left} blocks, for ${newcomerHotkey}; staying costs ${amountText({ asset, units: raoOf(priceRao) })}: subnetes subnet match ${hotkey}`;
  });
}

function costText(subnet: SubnetState, asset: string): string {
  return amountText({ asset, units: raoOf(subnet.registrationCost?.amount) });
}

function intervalFacts({ $typeName: _typeName, ...interval }: RegistrationInterval) {
  return interval;
}

/** Where intervals move the cost: when it moves next, and who counts until then. */
function intervalText({ registrationInterval: interval }: SubnetState): string {
  if (interval === undefined) return '';
  const { endsAtBlock, registrations, targetRegistrations } = interval;
  return `, moves in block ${endsAtBlock}: ${registrations} registered of ${targetRegistrations} that leave it as it is`;
}

function noticeText(subnet: SubnetState): string {
  const blocks = subnet.active?.policy?.hyperparameters?.evictionNoticeBlocks ?? 0;
  return blocks === 0 ? 'none' : `${blocks} blocks`;
}

/** How a subnet's life stands, for people. */
export function lifeText({ dissolution, waitsFor }: Pick<SubnetState, 'dissolution' | 'waitsFor'>): string {
  if (waitsFor !== 0) return `waits for the place of subnet ${waitsFor}`;
  if (dissolution === undefined) return 'goes on';
  switch (dissolution.phase) {
    case 'Announced':
      return dissolution.newcomerNetuid === 0
        ? `ends in block ${dissolution.atBlock}`
        : `ends in block ${dissolution.atBlock} for subnet ${dissolution.newcomerNetuid}`;
    case 'Settling':
      return 'ends, and pays everybody out';
    default:
      return `ended in block ${dissolution.endedAtBlock}`;
  }
}
