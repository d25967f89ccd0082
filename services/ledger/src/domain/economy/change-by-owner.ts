import { accept, type Decision, refuse } from '../book/refusal.ts';
import { ownersPolicy } from '../governance/root-only.ts';
import { describe } from './cause-words.ts';
import type { Ledger } from './ledger.ts';
import type { PolicyDraft } from './policy.ts';
import { ownersCause, withPolicy, writeSubnet } from './put-subnet.ts';
import { ROOT_NETUID } from './root-netuid.ts';
import type { EmissionState, RegistrationMode, Subnet } from './subnet.ts';

/** What an owner wants to be different; what is absent stays as it is. */
export interface ChangeSubnet {
  readonly netuid: number;
  readonly policy?: PolicyDraft;
  readonly emission?: EmissionState;
  readonly registration?: RegistrationMode;
}

/**
 * Changes a subnet at its owner's own wish, as a Subnet object would. One that has an object is refused: the object would put
 * everything back.
 */
export function changeByOwner(
  ledger: Ledger,
  owner: string,
  order: ChangeSubnet,
): Decision<{ readonly subnet: Subnet; readonly policyVersion: number }> {
  const { netuid, emission, registration } = order;
  const subnet = netuid === ROOT_NETUID ? undefined : ledger.subnet(netuid);
  if (subnet === undefined) return refuse('SUBNET_UNKNOWN', `there is no subnet ${netuid} that somebody owns`);
  if (subnet.owner !== owner) return refuse('NOT_OWNER', `subnet ${netuid} belongs to ${subnet.owner}`);
  if (subnet.dissolution !== undefined && subnet.dissolution.phase !== 'Announced') {
    return refuse('SUBNET_DISSOLVING', `subnet ${netuid} has ended`);
  }
  if (subnet.managedBy.kind !== ownersCause(owner).kind) {
    return refuse('ALREADY_MANAGED', `subnet ${netuid} is managed by ${describe(subnet.managedBy)}: change that one`);
  }
  const versioned = order.policy === undefined ? accept(asItIs(subnet)) : changedPolicy(ledger, subnet, order.policy);
  if (!versioned.ok) return versioned;
  const changed: Subnet = {
    ...versioned.value.subnet,
    ...(emission === undefined ? {} : { emission }),
    ...(registration === undefined ? {} : { registration }),
  };
  ledger.putSubnet(changed);
  writeSubnet(ledger, changed, { cause: ownersCause(owner), mandate: null });
  return accept({ subnet: changed, policyVersion: versioned.value.version });
}

function asItIs(subnet: Subnet) {
  return { subnet, version: subnet.pending?.version ?? subnet.active.version };
}

function changedPolicy(ledger: Ledger, subnet: Subnet, draft: PolicyDraft) {
  const policy = ownersPolicy(ledger, subnet, draft);
  return policy.ok ? withPolicy(ledger, subnet, policy.value) : policy;
}
