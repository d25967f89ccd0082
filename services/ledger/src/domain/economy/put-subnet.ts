import { canonicalJson, jsonOf } from '../book/canonical-json.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { openPool } from '../pools/open-pool.ts';
import { buySubnet, type SubnetBuyer } from '../life/buy-subnet.ts';
import { pinScheme } from '../keys/scheme.ts';
import type { Ledger } from './ledger.ts';
import { type Cause, type Mandate, mandateKey, type MandateUse, useOf } from './mandate.ts';
import { describe, differs } from './cause-words.ts';
import { checkMandate } from './spend-mandate.ts';
import type { Policy, PolicyDraft } from './policy.ts';
import { ownersPolicy } from '../governance/root-only.ts';
import { resolvePolicy } from './resolve-policy.ts';
import { ROOT_NETUID } from './root-netuid.ts';
import { type EmissionState, newSubnet, type RegistrationMode, type Subnet } from './subnet.ts';
import { subnetView } from './views.ts';

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
  /** Rao that a new subnet may cost at most; absent: whatever the mandate allows. */
  readonly maxCost?: bigint;
}

export interface PutSubnetAnswer {
  readonly subnet: Subnet;
  /** The version that the given policy has. */
  readonly policyVersion: number;
  readonly mandate: MandateUse;
}

/** Creates a subnet or brings it to the wanted state. What is already so writes no entry. */
export function putSubnet(ledger: Ledger, request: PutSubnet): Decision<PutSubnetAnswer> {
  const resolved = resolvePolicy(request.policy, ledger.network.genesis.burnBounds);
  if (!resolved.ok) return resolved;
  const found = findSubnet(ledger, request);
  if (!found.ok) return found;
  const allowed = checkMandate(ledger, request.mandate, {
    operation: 'SetPolicy',
    netuid: found.value?.netuid ?? ledger.network.lastNetuid + 1,
    cause: request.cause,
  });
  if (!allowed.ok) return allowed;
  const put =
    found.value === undefined
      ? createSubnet(ledger, { ...request, owner: request.mandate.owner, payer: request.mandate.payer }, resolved.value)
      : changeSubnet(ledger, { subnet: found.value, request });
  if (!put.ok) return put;
  // A new subnet may have cost something.
  const used = ledger.mandates.get(mandateKey(request.mandate.payer, request.mandate.sha256))?.used ?? 0n;
  return accept({ mandate: useOf(request.mandate, used), ...put.value });
}

/** With what was used of the mandate, where that changed. */
type Put = Omit<PutSubnetAnswer, 'mandate'> & Partial<Pick<PutSubnetAnswer, 'mandate'>>;

function findSubnet(ledger: Ledger, request: Pick<PutSubnet, 'handle' | 'netuid'>): Decision<Subnet | undefined> {
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

/** A new subnet as its owner's own order has it. */
export interface CreateSubnet extends Pick<PutSubnet, 'handle' | 'policy' | 'emission' | 'registration'> {
  /** Rao that it may cost at most. */
  readonly maxCost: bigint;
}

/** Creates a subnet at its owner's own wish; no object of a cluster manages it until one names its netuid. */
export function createByOwner(ledger: Ledger, owner: string, order: CreateSubnet): Decision<Subnet> {
  const policy = resolvePolicy(order.policy, ledger.network.genesis.burnBounds);
  if (!policy.ok) return policy;
  const found = findSubnet(ledger, { ...order, netuid: 0 });
  if (!found.ok) return found;
  if (found.value !== undefined) {
    return refuse('HANDLE_TAKEN', `handle ${order.handle} belongs to subnet ${found.value.netuid}: choose another one`);
  }
  const bought = { owner, payer: owner, cause: ownersCause(owner), mandate: null };
  const created = createSubnet(ledger, { ...order, ...bought }, policy.value);
  return created.ok ? accept(created.value.subnet) : created;
}

/** Of what an owner orders without any object. */
export function ownersCause(owner: string): Cause {
  return { cluster: '', kind: 'Wallet', namespace: '', name: owner, objectUid: '', generation: 0 };
}

type Creation = Pick<PutSubnet, 'handle' | 'emission' | 'registration'> & SubnetBuyer & { readonly owner: string };

function createSubnet(ledger: Ledger, request: Creation, policy: Policy): Decision<Put> {
  // Netuids count up from 1 and are never given out again; the root network is no market.
  const sold = buySubnet(ledger, request);
  if (!sold.ok) return sold;
  const netuid = ledger.network.lastNetuid + 1;
  const made = newSubnet({
    netuid,
    handle: request.handle,
    owner: request.owner,
    registrationId: ledger.hashes.registrationId({ netuid, hotkey: request.owner, block: ledger.block }),
    emission: request.emission,
    registration: request.registration,
    startBlock: ledger.block,
    policy: { sha256: policySha256(ledger, policy), policy },
    managedBy: request.cause,
  });
  const subnet: Subnet = { ...made, ...sold.value };
  if (request.mandate !== null) pinScheme(ledger, request.mandate.payer, request.mandate.scheme);
  ledger.network = { ...ledger.network, lastNetuid: netuid };
  ledger.handles.put(request.handle, netuid);
  ledger.putSubnet(subnet);
  writeSubnet(ledger, subnet, request);
  const opened = openPool(ledger, netuid, request);
  if (!opened.ok) return opened;
  return accept({ subnet, policyVersion: 1, ...(opened.value === undefined ? {} : { mandate: opened.value }) });
}

function changeSubnet(ledger: Ledger, change: { readonly subnet: Subnet; readonly request: PutSubnet }): Decision<Put> {
  const { subnet, request } = change;
  if (subnet.dissolution !== undefined && subnet.dissolution.phase !== 'Announced') {
    return request.netuid === 0
      ? refuse('HANDLE_TAKEN', `handle ${subnet.handle} was a subnet's that has ended: it is never given out again`)
      : refuse('SUBNET_DISSOLVING', `subnet ${subnet.netuid} has ended: create another one`);
  }
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
  const policy = ownersPolicy(ledger, subnet, request.policy);
  if (!policy.ok) return policy;
  const versioned = withPolicy(ledger, subnet, policy.value);
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
export function withPolicy(
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

export function writeSubnet(ledger: Ledger, subnet: Subnet, request: Pick<SubnetBuyer, 'cause' | 'mandate'>): void {
  ledger.journal.write({
    block: ledger.block,
    kind: 'SubnetChanged',
    payload: {
      subnet: subnetView(ledger, subnet),
      cause: request.cause,
      mandateSha256: request.mandate?.sha256 ?? '',
    },
    event: { kind: 'subnet', netuid: subnet.netuid },
  });
}

function policySha256(ledger: Ledger, policy: Policy): string {
  return ledger.hashes.text(canonicalJson(jsonOf(policy)));
}
