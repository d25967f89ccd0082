import { canonicalJson, jsonOf } from '../book/canonical-json.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { pinScheme } from '../keys/scheme.ts';
import type { Ledger } from './ledger.ts';
import { type Cause, type Mandate, type MandateUse, useOf } from './mandate.ts';
import { checkMandate } from './spend-mandate.ts';
import type { Policy, PolicyDraft } from './policy.ts';
import { resolvePolicy } from './resolve-policy.ts';
import { ROOT_NETUID } from './root-network.ts';
import { type EmissionState, newSubnet, type RegistrationMode, type Subnet } from './subnet.ts';
import { subnetView } from './views.ts';

/** Subnets in one network at most; netuids are u16 on the chain, this version keeps to its subnet limit. */
export const SUBNETS_MAX = 128;

const HANDLE_PATTERN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** A subnet as its owner wants it. netuid 0: found by handle, or created. */
export interface PutSubnet {
  readonly netuid: number;
  readonly handle: string;
  readonly policy: PolicyDraft;
  readonly emission: EmissionState;
  readonly registration: RegistrationMode;
  readonly mandate: Mandate;
  readonly cause: Cause;
}

export interface PutSubnetAnswer {
  readonly subnet: Subnet;
  /** The version that the given policy has. */
  readonly policyVersion: number;
  readonly mandate: MandateUse;
}

/** Creates a subnet or brings it to the wanted state. What is already so writes no entry. */
export function putSubnet(ledger: Ledger, request: PutSubnet): Decision<PutSubnetAnswer> {
  const resolved = resolvePolicy(request.policy);
  if (!resolved.ok) return resolved;
  const found = findSubnet(ledger, request);
  if (!found.ok) return found;
  const allowed = checkMandate(ledger, request.mandate, {
    operation: 'SetPolicy',
    netuid: found.value?.netuid ?? ledger.network.lastNetuid + 1,
    cause: request.cause,
  });
  if (!allowed.ok) return allowed;
  const use = useOf(request.mandate, allowed.value.used);
  const put =
    found.value === undefined
      ? createSubnet(ledger, request, resolved.value)
      : changeSubnet(ledger, { subnet: found.value, request, policy: resolved.value });
  if (!put.ok) return put;
  return accept({ ...put.value, mandate: use });
}

type Put = Omit<PutSubnetAnswer, 'mandate'>;

function findSubnet(ledger: Ledger, request: PutSubnet): Decision<Subnet | undefined> {
  if (!HANDLE_PATTERN.test(request.handle)) return refuse('INVALID_ARGUMENT', 'handle must be a DNS label');
  const netuidOfHandle = ledger.handles.get(request.handle);
  if (netuidOfHandle === ROOT_NETUID) {
    return refuse(
      'HANDLE_TAKEN',
      `handle ${request.handle} is the root network's, which has no owner: choose another one`,
    );
  }
  if (request.netuid === 0) {
    return accept(netuidOfHandle === undefined ? undefined : ledger.subnet(netuidOfHandle));
  }
  const subnet = ledger.subnet(request.netuid);
  if (subnet === undefined) {
    return refuse('SUBNET_UNKNOWN', `there is no subnet ${request.netuid}: leave netuid out to create one`);
  }
  if (subnet.handle !== request.handle) {
    return refuse('HANDLE_FIXED', `subnet ${subnet.netuid} is ${subnet.handle}: a handle never changes`);
  }
  return accept(subnet);
}

function createSubnet(ledger: Ledger, request: PutSubnet, policy: Policy): Decision<Put> {
  // Netuids count up from 1 and are never given out again; the root network is no market.
  if (ledger.network.lastNetuid >= SUBNETS_MAX)
    return refuse('SUBNET_LIMIT', `the network has ${SUBNETS_MAX} subnets already`);
  const netuid = ledger.network.lastNetuid + 1;
  const subnet = newSubnet({
    netuid,
    handle: request.handle,
    owner: request.mandate.owner,
    registrationId: ledger.hashes.registrationId({ netuid, hotkey: request.mandate.owner, block: ledger.block }),
    emission: request.emission,
    registration: request.registration,
    startBlock: ledger.block,
    policy: { sha256: policySha256(ledger, policy), policy },
    managedBy: request.cause,
  });
  pinScheme(ledger, request.mandate.payer, request.mandate.scheme);
  ledger.network = { ...ledger.network, lastNetuid: netuid };
  ledger.handles.put(request.handle, netuid);
  ledger.putSubnet(subnet);
  writeSubnet(ledger, subnet, request);
  return accept({ subnet, policyVersion: 1 });
}

function changeSubnet(
  ledger: Ledger,
  change: { readonly subnet: Subnet; readonly request: PutSubnet; readonly policy: Policy },
): Decision<Put> {
  const { subnet, request, policy } = change;
  if (request.mandate.payer !== subnet.owner) {
    // The handle may simply be somebody else's: say both, since only the caller knows which was meant.
    return request.netuid === 0
      ? refuse(
          'HANDLE_TAKEN',
          `handle ${subnet.handle} belongs to ${subnet.owner}: choose another one, or use a mandate of theirs`,
        )
      : refuse('NOT_OWNER', `subnet ${subnet.netuid} belongs to ${subnet.owner}: use a mandate of theirs`);
  }
  if (differs(subnet.managedBy, request.cause) && request.netuid === 0) {
    return refuse(
      'ALREADY_MANAGED',
      `subnet ${subnet.handle} is managed by ${describe(subnet.managedBy)}: name its netuid ${subnet.netuid} to take it over`,
    );
  }
  const versioned = withPolicy(ledger, subnet, policy);
  if (!versioned.ok) return versioned;
  const changed: Subnet = {
    ...versioned.value.subnet,
    emission: request.emission,
    registration: request.registration,
    // Another generation of the same object is no change.
    managedBy: subnet.managedBy.objectUid === request.cause.objectUid ? subnet.managedBy : request.cause,
  };
  const before = canonicalJson(jsonOf(subnet));
  if (canonicalJson(jsonOf(changed)) !== before) {
    ledger.putSubnet(changed);
    writeSubnet(ledger, changed, request);
    return accept({ subnet: changed, policyVersion: versioned.value.version });
  }
  return accept({ subnet, policyVersion: versioned.value.version });
}

/** Gives a changed policy its version. One that is in force again drops what was pending. */
function withPolicy(
  ledger: Ledger,
  subnet: Subnet,
  policy: Policy,
): Decision<{ readonly subnet: Subnet; readonly version: number }> {
  const sha256 = policySha256(ledger, policy);
  if (sha256 === subnet.active.sha256) {
    return accept({ subnet: { ...subnet, pending: null }, version: subnet.active.version });
  }
  if (sha256 === subnet.pending?.sha256) return accept({ subnet, version: subnet.pending.version });
  if (policy.hyperparameters.maxUids < subnet.neurons) {
    return refuse(
      'POLICY_INVALID',
      `hyperparameters.maxUids (${policy.hyperparameters.maxUids}) must be at least the ${subnet.neurons} neurons that are registered`,
    );
  }
  const kept = new Set(policy.mechanisms.map((mechanism) => mechanism.id));
  const back = subnet.retiredMechanisms.find((id) => kept.has(id));
  if (back !== undefined) return refuse('POLICY_INVALID', `mechanisms[].id ${back} was used before: take a new id`);
  const dropped = subnet.active.policy.mechanisms.map((mechanism) => mechanism.id).filter((id) => !kept.has(id));
  const version = subnet.lastVersion + 1;
  return accept({
    version,
    subnet: {
      ...subnet,
      lastVersion: version,
      retiredMechanisms: [...new Set([...subnet.retiredMechanisms, ...dropped])].toSorted((a, b) => a - b),
      // The epoch under way is sealed by the rules under which its weights were committed.
      pending: { version, sha256, effectiveEpoch: subnet.epochIndex + 2, policy },
    },
  });
}

function writeSubnet(ledger: Ledger, subnet: Subnet, request: PutSubnet): void {
  ledger.journal.write({
    block: ledger.block,
    kind: 'SubnetChanged',
    payload: {
      subnet: subnetView(ledger, subnet),
      cause: request.cause,
      mandateSha256: request.mandate.sha256,
    },
    event: { kind: 'subnet', netuid: subnet.netuid },
  });
}

function policySha256(ledger: Ledger, policy: Policy): string {
  return ledger.hashes.text(canonicalJson(jsonOf(policy)));
}

/**
 * Whether two causes are different objects. An object that was deleted and made anew under its name is the same manager:
 * no two live under one name, and the new one means the same market.
 */
export function differs(left: Cause, right: Cause): boolean {
  return (
    left.cluster !== right.cluster ||
    left.kind !== right.kind ||
    left.namespace !== right.namespace ||
    left.name !== right.name
  );
}

export function describe(cause: Cause): string {
  return `${cause.kind} ${cause.namespace}/${cause.name} of cluster ${cause.cluster}`;
}
