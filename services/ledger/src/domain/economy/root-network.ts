import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { EmissionPolicy } from './genesis.ts';
import type { Ledger } from './ledger.ts';
import type { Neuron } from './neuron.ts';
import { HYPERPARAMETER_DEFAULTS, type Policy } from './policy.ts';
import { canonicalJson, jsonOf } from '../book/canonical-json.ts';
import { ROOT_NETUID } from './root-netuid.ts';
import type { RegistrationTerms } from './registration-terms.ts';
import { newSubnet } from './subnet.ts';
import { neuronView, subnetView } from './views.ts';
import { withBeacon } from './weights-policy.ts';

/** Members at most, as on the chain. */
export const ROOT_SEATS = 64;

export const ROOT_HANDLE = 'root';
const U16_MAX = 65_535;

/**
 * Puts the root network in place, whose members weigh markets instead of miners; it has no pot and mints nothing. Tells
 * everybody: genesis does, or a proposal.
 */
export function openRootNetwork(
  ledger: Ledger,
  terms: Extract<EmissionPolicy, { readonly name: 'RootWeights' }>,
): void {
  const policy = rootPolicy(terms);
  const sha256 = ledger.hashes.text(canonicalJson(jsonOf(policy)));
  const subnet = newSubnet({
    netuid: ROOT_NETUID,
    handle: ROOT_HANDLE,
    // Nobody's: no mandate reaches it, and no cut is taken.
    owner: '',
    registrationId: '',
    emission: 'Held',
    registration: 'Open',
    startBlock: ledger.block,
    policy: { sha256, policy },
    managedBy: { cluster: '', kind: 'Network', namespace: '', name: ROOT_HANDLE, objectUid: '', generation: 0 },
  });
  ledger.handles.put(ROOT_HANDLE, ROOT_NETUID);
  ledger.putSubnet(subnet);
  ledger.journal.write({
    block: ledger.block,
    kind: 'SubnetChanged',
    payload: { subnet: subnetView(ledger, subnet), cause: subnet.managedBy, mandateSha256: '' },
    event: { kind: 'subnet', netuid: ROOT_NETUID },
  });
}

/**
 * What genesis leaves open is the chain's default, but for three: weights are in the open, since a root member earns nothing
 * that copying them could take; nobody is immune, since a seat goes to stake; and weights count for three tempos at least, since
 * hidden ones are up to two old before they do.
 */
export function rootPolicy(terms: Extract<EmissionPolicy, { readonly name: 'RootWeights' }>): Policy {
  const { name: _name, version: _version, ...given } = terms;
  return {
    hyperparameters: withBeacon({
      ...HYPERPARAMETER_DEFAULTS,
      maxUids: ROOT_SEATS,
      maxValidators: ROOT_SEATS,
      immunityPeriodBlocks: 0,
      commitReveal: 'Off',
      activityCutoffBlocks: Math.min(U16_MAX, Math.max(HYPERPARAMETER_DEFAULTS.activityCutoffBlocks, 3 * terms.tempo)),
      ...given,
    }),
    mechanisms: [{ id: 0, name: ROOT_HANDLE, emissionWeight: 1 }],
    pricing: [],
    terms: [],
  };
}

/** A free seat, or the one of the lowest stake if the newcomer brings strictly more; of equal stakes the lowest uid's. */
export function freeSeat(
  ledger: Ledger,
  terms: RegistrationTerms,
): Decision<{ readonly uid: number; readonly evicted: Neuron | undefined }> {
  const members = ledger.neuronsOf(ROOT_NETUID).map((neuron) => neuronView(ledger, neuron));
  const used = new Set(members.map(({ uid }) => uid));
  for (let uid = 0; uid < ROOT_SEATS; uid += 1) if (!used.has(uid)) return accept({ uid, evicted: undefined });
  const [lowest] = members.toSorted((a, b) => (a.stake === b.stake ? a.uid - b.uid : a.stake < b.stake ? -1 : 1));
  if (lowest === undefined || terms.initialStake <= lowest.stake) {
    return refuse(
      'SUBNET_FULL',
      `all ${ROOT_SEATS} seats of the root network are taken and the lowest stake is ${lowest?.stake ?? 0n} rao: register with more stake than that, not with ${terms.initialStake}`,
    );
  }
  return accept({ uid: lowest.uid, evicted: ledger.neuronByHotkey(ROOT_NETUID, lowest.hotkey) });
}
