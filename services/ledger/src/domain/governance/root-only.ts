import { type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Policy, PolicyDraft } from '../economy/policy.ts';
import { resolvePolicy } from '../economy/resolve-policy.ts';
import type { Subnet } from '../economy/subnet.ts';
import { ROOT_ONLY } from './proposal.ts';

/**
 * What an owner's policy comes to where the network governs itself: of what only the network changes it says nothing, or what
 * holds already. Elsewhere it is the owner's.
 */
export function ownersPolicy(ledger: Ledger, subnet: Subnet, draft: PolicyDraft): Decision<Policy> {
  const { governance, burnBounds } = ledger.network.genesis;
  if (governance === undefined) return resolvePolicy(draft, burnBounds);
  const { hyperparameters: holds } = (subnet.pending ?? subnet.active).policy;
  const written = draft.hyperparameters ?? {};
  const other = ROOT_ONLY.find((name) => written[name] !== undefined && written[name] !== holds[name]);
  if (other !== undefined) {
    return refuse(
      'ROOT_ONLY',
      `hyperparameters.${other} of subnet ${subnet.netuid} is ${holds[other]} and changes by a proposal alone: leave it out, or write that`,
    );
  }
  const kept = Object.fromEntries(ROOT_ONLY.map((name) => [name, holds[name]]));
  return resolvePolicy({ ...draft, hyperparameters: { ...written, ...kept } }, burnBounds);
}
