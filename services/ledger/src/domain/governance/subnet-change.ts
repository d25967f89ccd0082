import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Policy, PolicyDraft } from '../economy/policy.ts';
import { withPolicy } from '../economy/put-subnet.ts';
import { resolvePolicy } from '../economy/resolve-policy.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import type { Subnet } from '../economy/subnet.ts';
import { subnetView } from '../economy/views.ts';
import type { ProposalAction } from './proposal.ts';

export type SubnetAction = Extract<ProposalAction, { readonly type: 'Hyperparameters' | 'Policy' }>;

/** A market under the policy that a proposal gives it, or why it cannot have it. Changes nothing. */
export function governedSubnet(
  ledger: Ledger,
  action: SubnetAction,
): Decision<{ readonly subnet: Subnet; readonly version: number }> {
  const subnet = action.netuid === ROOT_NETUID ? undefined : ledger.subnet(action.netuid);
  if (subnet === undefined) {
    return refuse(
      'SUBNET_UNKNOWN',
      `there is no market ${action.netuid}; the root network follows the emission policy`,
    );
  }
  const policy = resolvePolicy(draftOf(subnet, action), ledger.network.genesis.burnBounds);
  return policy.ok ? withPolicy(ledger, subnet, policy.value) : policy;
}

/** Puts a policy in force from the next epoch on, as an owner's would be. */
export function changeSubnet(ledger: Ledger, proposal: number, action: SubnetAction): Decision<undefined> {
  const governed = governedSubnet(ledger, action);
  if (!governed.ok) return governed;
  putGoverned(ledger, proposal, governed.value.subnet);
  return accept(undefined);
}

export function putGoverned(ledger: Ledger, proposal: number, subnet: Subnet): void {
  ledger.putSubnet(subnet);
  ledger.journal.write({
    block: ledger.block,
    kind: 'SubnetChanged',
    payload: { subnet: subnetView(ledger, subnet), proposal },
    event: { kind: 'subnet', netuid: subnet.netuid },
  });
}

function draftOf(subnet: Subnet, action: SubnetAction): PolicyDraft {
  if (action.type === 'Policy') return action.policy;
  const base: Policy = (subnet.pending ?? subnet.active).policy;
  return { ...base, hyperparameters: { ...base.hyperparameters, ...action.changes } };
}
