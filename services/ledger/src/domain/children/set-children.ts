import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { type Neuron, registrationKey } from '../economy/neuron.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import type { Subnet } from '../economy/subnet.ts';
import { TAKE_MAX_U16, TAKE_RISES_AFTER_BLOCKS } from '../economy/take.ts';
import { rootStakeBehind } from '../root/root-stake.ts';
import { heldStake } from './inherit.ts';
import {
  type Child,
  CHILDREN_MAX,
  childrenOf,
  childTakeOf,
  linkChildren,
  PARENTS_MAX,
  parentsOf,
  type PendingChildren,
  pendingOf,
  PROPORTION_WHOLE,
  putPending,
} from './links.ts';

/** Blocks until a change of children is in force, after the seal that follows. */
export const CHILDREN_COOLDOWN_BLOCKS = 7200;
/** Blocks between two orders for one hotkey. */
export const CHILDREN_EVERY_BLOCKS = 150;
/** Changes that wait in one subnet at most. */
export const PENDING_MAX = 256;

export interface ChildrenOrder {
  readonly netuid: number;
  readonly hotkey: string;
  /** Empty: none any more. */
  readonly children: readonly Child[];
}

export interface ChildTakeOrder {
  readonly netuid: number;
  readonly hotkey: string;
  /** Of 65535. */
  readonly u16: number;
}

/**
 * Asks that a hotkey gives parts of its stake to others in one subnet. It is in force after the first seal that comes once the
 * cooldown is over; the newest order counts. Source: opentensor/subtensor pallets/subtensor/src/staking/set_children.rs.
 */
export function setChildren(
  ledger: Ledger,
  owner: string,
  order: ChildrenOrder,
): Decision<{ readonly fromBlock: number }> {
  const { netuid, hotkey, children } = order;
  const parent = ownParent(ledger, owner, order);
  if (!parent.ok) return parent;
  const invalid = faultOf(hotkey, children);
  if (invalid !== undefined) return refuse('INVALID_ARGUMENT', invalid);
  const { subnet, neuron } = parent.value;
  const key = registrationKey(netuid, hotkey);
  const known = ledger.children.get(key);
  const next = (known?.orderedAtBlock ?? -CHILDREN_EVERY_BLOCKS) + CHILDREN_EVERY_BLOCKS;
  if (ledger.block < next) {
    return refuse('CHILDREN_CHANGE_LATER', `children of ${hotkey} can be changed again from block ${next} on`);
  }
  const weak = belowThreshold(ledger, subnet, neuron);
  if (weak !== undefined && children.length > 0) return refuse('INSUFFICIENT_STAKE', weak);
  const others = pendingOf(ledger, netuid).filter((each) => each.hotkey !== hotkey);
  const cycle = cycleOf(ledger, { netuid, hotkey, children, pending: others });
  if (cycle !== undefined) return refuse('CHILD_CYCLE', cycle);
  if (others.length >= PENDING_MAX) {
    return refuse(
      'CHILD_COUNT',
      `${PENDING_MAX} changes of children wait in subnet ${netuid} already: try again later`,
    );
  }
  // Before a market pays anybody there is nobody to be surprised.
  const fromBlock = ledger.block + (subnet.emission === 'Held' ? 0 : CHILDREN_COOLDOWN_BLOCKS);
  ledger.children.put(key, { children: known?.children ?? [], orderedAtBlock: ledger.block });
  putPending(ledger, netuid, [...others, { hotkey, children, fromBlock }]);
  return accept({ fromBlock });
}

/** Sets what a child keeps of what its parents' stake earns in one subnet. It may rise once in TAKE_RISES_AFTER_BLOCKS. */
export function setChildTake(
  ledger: Ledger,
  owner: string,
  { netuid, hotkey, u16 }: ChildTakeOrder,
): Decision<undefined> {
  const known = ledger.hotkeys.get(hotkey);
  if (known === undefined) return refuse('NOT_REGISTERED', `${hotkey} was never registered`);
  if (known !== owner) return refuse('NOT_OWNER', `${hotkey} belongs to ${known}`);
  if (ledger.subnet(netuid) === undefined) return refuse('SUBNET_UNKNOWN', `there is no subnet ${netuid}`);
  if (u16 > TAKE_MAX_U16) return refuse('INVALID_ARGUMENT', `a take is ${TAKE_MAX_U16} of 65535 at most, not ${u16}`);
  const key = registrationKey(netuid, hotkey);
  const rises = u16 > childTakeOf(ledger, netuid, hotkey);
  const raisedAtBlock = ledger.childTakes.get(key)?.raisedAtBlock ?? 0;
  const from = raisedAtBlock + TAKE_RISES_AFTER_BLOCKS;
  if (rises && raisedAtBlock > 0 && ledger.block < from) {
    return refuse(
      'TAKE_RISES_LATER',
      `the child take of ${hotkey} may rise from block ${from} on; it may fall at any time`,
    );
  }
  ledger.childTakes.put(key, { u16, raisedAtBlock: rises ? ledger.block : raisedAtBlock });
  return accept(undefined);
}

/**
 * After a seal: changes whose time has come are in force for the next one. What would not be allowed any more by then is dropped,
 * and the journal says so.
 */
export function applyChildren(ledger: Ledger, subnet: Subnet): void {
  const { netuid } = subnet;
  const pending = pendingOf(ledger, netuid);
  const due = pending.filter(({ fromBlock }) => fromBlock <= ledger.block);
  if (due.length === 0) return;
  putPending(
    ledger,
    netuid,
    pending.filter(({ fromBlock }) => fromBlock > ledger.block),
  );
  const changes = due.map((change) => applied(ledger, subnet, change));
  ledger.journal.write({ block: ledger.block, kind: 'ChildrenChanged', payload: { netuid, changes } });
}

function applied(ledger: Ledger, subnet: Subnet, { hotkey, children }: PendingChildren) {
  const { netuid } = subnet;
  const neuron = ledger.neuronByHotkey(netuid, hotkey);
  const weak = neuron === undefined ? `${hotkey} is not registered any more` : belowThreshold(ledger, subnet, neuron);
  const dropped =
    (children.length === 0 ? undefined : weak) ??
    cycleOf(ledger, { netuid, hotkey, children, pending: [] }) ??
    crowded(ledger, netuid, hotkey, children);
  if (dropped !== undefined) return { hotkey, children, dropped };
  linkChildren(ledger, netuid, hotkey, children);
  return { hotkey, children };
}

function ownParent(
  ledger: Ledger,
  owner: string,
  { netuid, hotkey }: ChildrenOrder,
): Decision<{ readonly subnet: Subnet; readonly neuron: Neuron }> {
  const subnet = ledger.subnet(netuid);
  if (subnet === undefined) return refuse('SUBNET_UNKNOWN', `there is no subnet ${netuid}`);
  if (netuid === ROOT_NETUID) return refuse('INVALID_ARGUMENT', 'the root network has no children');
  const neuron = ledger.neuronByHotkey(netuid, hotkey);
  if (neuron === undefined) return refuse('NOT_REGISTERED', `${hotkey} is not registered in subnet ${netuid}`);
  if (neuron.coldkey !== owner) return refuse('NOT_OWNER', `${hotkey} belongs to ${neuron.coldkey}`);
  return accept({ subnet, neuron });
}

function faultOf(hotkey: string, children: readonly Child[]): string | undefined {
  if (children.length > CHILDREN_MAX) return `a hotkey has ${CHILDREN_MAX} children at most, not ${children.length}`;
  if (children.some((child) => child.hotkey === hotkey)) return 'a hotkey is no child of itself';
  if (new Set(children.map((child) => child.hotkey)).size < children.length) return 'a child is named twice';
  if (children.some(({ proportion }) => proportion <= 0n)) return 'a proportion must be at least 1';
  const sum = children.reduce((total, { proportion }) => total + proportion, 0n);
  return sum > PROPORTION_WHOLE ? `the proportions sum to ${sum}, more than ${PROPORTION_WHOLE}` : undefined;
}

/** The owner's neurons are exempt, as on the chain. */
function belowThreshold(ledger: Ledger, subnet: Subnet, neuron: Neuron): string | undefined {
  const threshold = BigInt(subnet.active.policy.hyperparameters.stakeThresholdRao);
  const stake = heldStake(ledger, neuron) + (rootStakeBehind(ledger, neuron)?.counts ?? 0n);
  if (stake >= threshold || neuron.coldkey === subnet.owner) return undefined;
  return `${neuron.hotkey} has a stake of ${stake} rao, whoever gives to children needs ${threshold}`;
}

/** Nobody is both parent and child in a subnet, whatever is in force or waits; or stake would go in circles. */
function cycleOf(
  ledger: Ledger,
  { netuid, hotkey, children, pending }: ChildrenOrder & { readonly pending: readonly PendingChildren[] },
): string | undefined {
  if (children.length === 0) return undefined;
  const isChild =
    parentsOf(ledger, netuid, hotkey).length > 0 ||
    pending.some((each) => each.children.some((child) => child.hotkey === hotkey));
  if (isChild) return `${hotkey} is a child of others in subnet ${netuid}: it can have no children`;
  const parent = children.find(
    (child) =>
      childrenOf(ledger, netuid, child.hotkey).length > 0 ||
      pending.some((each) => each.hotkey === child.hotkey && each.children.length > 0),
  );
  return parent === undefined
    ? undefined
    : `${parent.hotkey} has children of its own in subnet ${netuid}: it can be nobody's child`;
}

/** Parents that are not registered any more give nothing, and make way. */
function crowded(ledger: Ledger, netuid: number, hotkey: string, children: readonly Child[]): string | undefined {
  for (const child of children) {
    const parents = parentsOf(ledger, netuid, child.hotkey).filter((each) => each.hotkey !== hotkey);
    if (parents.length < PARENTS_MAX) continue;
    const gone = parents.find((each) => ledger.neuronByHotkey(netuid, each.hotkey) === undefined);
    if (gone === undefined) return `${child.hotkey} has ${PARENTS_MAX} parents already`;
    linkChildren(ledger, netuid, gone.hotkey, []);
  }
  return undefined;
}
