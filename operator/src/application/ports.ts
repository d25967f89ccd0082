import type { Reason as CrdReason } from '@subnetes/crd/conditions';
import type { LedgerRefusal } from '#domain/neuron/refusal.ts';
import type { KeyFact, MandateFact, ModelFact, PodsFact } from '#domain/neuron/facts.ts';
import type { Manifest } from '#domain/manifest.ts';
import type { NetworkView, NeuronView, SubnetView } from '#domain/market.ts';
import type { Neuron, Serves, StoredCondition } from '#domain/neuron/neuron.ts';
import type { WishOrder } from '#domain/neuron/wishes.ts';
import type { Reason } from '#domain/reason.ts';
import type { SlashNews } from '#domain/slashed.ts';
import type { FunctionFact } from '#domain/subnet/incentive-function.ts';
import type { Subnet } from '#domain/subnet/subnet.ts';

/** The domain's reasons and the CRDs' are one list: either side missing a word breaks the build. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
export const REASONS_ARE_ONE_LIST: Same<Reason, CrdReason> = true;

/** The ledger did not answer, or not in time: nothing is known to have happened. */
export class LedgerUnavailableError extends Error {
  /** The log tells it without a stack. */
  readonly isOutage = true;

  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'LedgerUnavailableError';
  }
}

/** Scoring did not answer, or not in time: nothing is known to have happened. */
export class ScoringUnavailableError extends Error {
  /** The log tells it without a stack. */
  readonly isOutage = true;

  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'ScoringUnavailableError';
  }
}

/** What a mandate lets the operator order in the name of a wallet. Money in rao. */
export type MandatedOrder =
  | { readonly type: 'MatchEviction'; readonly netuid: number; readonly hotkey: string; readonly maxCostRao: bigint }
  | { readonly type: 'KeepSubnet'; readonly netuid: number; readonly maxCostRao: bigint }
  | WishOrder;

/** How far a mandate is used up. */
export interface MandateUse {
  readonly usedRao: bigint;
  readonly maxRao: bigint;
  readonly notAfterBlock: number;
}

/** Why the ledger is asked: which object of which cluster, in which generation. */
export interface Cause {
  readonly cluster: string;
  readonly kind: 'Subnet' | 'Miner' | 'Validator';
  readonly namespace: string;
  readonly name: string;
  readonly objectUid: string;
  readonly generation: number;
}

export interface PutSubnet {
  readonly subnet: Subnet;
  readonly mandate: Uint8Array;
  readonly cause: Cause;
}

export interface SubnetPut {
  readonly kind: 'put';
  readonly netuid: number;
  /** Version that the ledger gave this policy. */
  readonly policyVersion: number;
  readonly mandate: MandateUse | undefined;
}

export interface Register {
  readonly netuid: number;
  readonly binding: Uint8Array;
  readonly mandate: Uint8Array;
  /** Absent: whatever it costs, within the mandate. */
  readonly maxCostRao: bigint | undefined;
  readonly initialStakeRao: bigint;
  readonly attempt: number;
  /** Of the subnet's owner, where that one approves who registers. */
  readonly invitation?: Uint8Array | undefined;
  readonly cause: Cause;
}

export interface NeuronRegistered {
  readonly kind: 'registered';
  readonly neuron: NeuronView;
  readonly costRao: bigint;
  readonly mandate: MandateUse | undefined;
  readonly already: boolean;
}

/** Paid, and waiting until the neuron whose place it takes has had its notice. */
export interface RegistrationWaits {
  readonly kind: 'waits';
  /** The block that ends the notice of who goes now. */
  readonly dueBlock: number;
  readonly costRao: bigint;
  readonly mandate: MandateUse | undefined;
}

/** The newest registration of a hotkey. */
export interface RegistrationRecord {
  readonly active: NeuronView | undefined;
  readonly ended: number;
  readonly endReason: string;
  /** What its registrations cost together; undefined where that is not known. */
  readonly spentRao: bigint | undefined;
  readonly waits: Omit<RegistrationWaits, 'mandate'> | undefined;
}

/** Every call may throw LedgerUnavailableError; refusals are values. */
export interface LedgerPort {
  /** May be some seconds old: what is read from it hardly changes. */
  network(signal: AbortSignal): Promise<NetworkView>;
  putSubnet(request: PutSubnet, signal: AbortSignal): Promise<SubnetPut | LedgerRefusal>;
  registration(netuid: number, hotkey: string, signal: AbortSignal): Promise<RegistrationRecord>;
  /** Slashes of a neuron, the newest report first; undefined where the network does not slash. */
  slashes(netuid: number, hotkey: string, signal: AbortSignal): Promise<SlashNews | undefined>;
  register(request: Register, signal: AbortSignal): Promise<NeuronRegistered | RegistrationWaits | LedgerRefusal>;
  /** Raises the stake to the target; nothing happens when it is there. */
  addStake(
    request: { netuid: number; hotkey: string; targetRao: bigint; mandate: Uint8Array; cause: Cause },
    signal: AbortSignal,
  ): Promise<{ readonly kind: 'staked'; readonly mandate: MandateUse | undefined } | LedgerRefusal>;
  deregister(
    request: { netuid: number; hotkey: string; mandate: Uint8Array; cause: Cause },
    signal: AbortSignal,
  ): Promise<{ readonly kind: 'deregistered' } | LedgerRefusal>;
  /** Carried out once under its id, however often it is asked for. */
  orderByMandate(
    request: { id: string; order: MandatedOrder; mandate: Uint8Array; cause: Cause },
    signal: AbortSignal,
  ): Promise<{ readonly kind: 'ordered'; readonly repeated: boolean } | LedgerRefusal>;
  /** Announces a subnet's end, as soon as the notice allows. */
  dissolveSubnet(
    request: { netuid: number; mandate: Uint8Array; cause: Cause },
    signal: AbortSignal,
  ): Promise<{ readonly kind: 'announced'; readonly atBlock: number } | LedgerRefusal>;
}

/** What the operator asks of scoring. Every call may throw ScoringUnavailableError; refusals are values. */
export interface ScoringPort {
  /** Whether it has the module of this hash (hexadecimal). */
  hasFunction(sha256: string, signal: AbortSignal): Promise<boolean>;
  publishFunction(
    request: { netuid: number; module: Uint8Array; mandate: Uint8Array },
    signal: AbortSignal,
  ): Promise<
    { readonly kind: 'published' } | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  >;
}

/** What ledger and scoring tell of subnets, kept up to date in the background. */
export interface MarketPort {
  /** Begins to follow a subnet; repeated calls do nothing. */
  follow(netuid: number): void;
  /** Undefined until the first news. */
  view(netuid: number): SubnetView | undefined;
}

/** An object that carries a status, as read. */
export type Reported = Subnet | Neuron | NetworkObject;

export interface NetworkObject {
  readonly apiVersion: string;
  readonly kind: 'Network';
  readonly metadata: { readonly name: string; readonly uid: string; readonly generation: number };
  readonly status: { readonly conditions?: readonly StoredCondition[] | undefined; readonly [field: string]: unknown };
}

/** Something worth an event. */
export interface Note {
  readonly type: 'Normal' | 'Warning';
  readonly reason: Reason;
  readonly note: string;
}

/** What the API server answered to an object of ours, when it refused it. */
export type Applied = { readonly kind: 'applied' } | { readonly kind: 'refused'; readonly message: string };

/** A key of a ConfigMap. */
export interface FileRef {
  readonly name: string;
  readonly key: string;
}

/** The cluster: but for `readFile` reading never does I/O, it answers from what was watched. */
export interface ClusterPort {
  /** Uid of the namespace kube-system. */
  readonly clusterId: string;
  subnet(key: string): Subnet | undefined;
  neuron(kind: Neuron['kind'], key: string): Neuron | undefined;
  network(): NetworkObject | undefined;
  namespaceLabels(namespace: string): Readonly<Record<string, string>>;
  mandate(namespace: string, name: string): MandateFact;
  /** Whether a key of a ConfigMap holds a module of this hash. */
  functionFile(namespace: string, ref: FileRef, sha256: string): FunctionFact;
  /** Reads a file out of a ConfigMap, which is kept nowhere; undefined where there is none. */
  readFile(namespace: string, ref: FileRef, signal: AbortSignal): Promise<Uint8Array | undefined>;
  model(namespace: string, serves: readonly Serves[]): ModelFact;
  /** What the key job of this name reported. */
  key(neuron: Neuron, jobName: string): KeyFact;
  pods(neuron: Neuron): PodsFact;

  apply(manifest: Manifest, signal: AbortSignal): Promise<Applied>;
  /** Deletes what the owner has beside `keep`. */
  prune(ownerUid: string, keep: readonly Manifest[], signal: AbortSignal): Promise<void>;
  /** Makes sure that the Network object is there. */
  ensureNetwork(signal: AbortSignal): Promise<void>;
  /** The one that this kind of object has. */
  setFinalizer(object: Neuron | Subnet, present: boolean, signal: AbortSignal): Promise<void>;
  writeStatus(object: Reported, status: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<boolean>;
  record(object: Reported, note: Note): void;
}

/** What a pass came to; the runtime's own outcome. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'requeue'; readonly afterMs: number }
  | { readonly kind: 'error'; readonly error: Error };

export interface Ports {
  readonly ledger: LedgerPort;
  readonly scoring: ScoringPort;
  readonly market: MarketPort;
  readonly cluster: ClusterPort;
  readonly now: () => Date;
  /** SHA-256 in hexadecimal of the canonical JSON of a value. */
  readonly digest: (value: unknown) => string;
}
