import type { CommitRevealType } from '../market.ts';
import type { CountermeasuresSpec } from './countermeasures.ts';
import type { IncentiveFunctionSpec } from './incentive-function.ts';
import type { NeuronTemplate, StoredCondition } from '../neuron/neuron.ts';

/** The parts of a Subnet that the operator acts on; `policy` goes to the ledger as it is. */
export interface Subnet {
  readonly apiVersion: string;
  readonly kind: 'Subnet';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly generation: number;
    readonly deletionTimestamp?: string | undefined;
    readonly finalizers?: readonly string[] | undefined;
  };
  readonly spec: SubnetSpec;
  readonly status: {
    readonly netuid?: number | undefined;
    readonly conditions?: readonly StoredCondition[] | undefined;
    readonly [field: string]: unknown;
  };
}

export interface SubnetSpec {
  readonly handle: string;
  readonly netuid?: number | undefined;
  readonly mandateRef: { readonly name: string };
  readonly deletionPolicy?: 'Retain' | 'Dissolve' | undefined;
  readonly creation?: { readonly maxCost?: string | undefined } | undefined;
  /** What is done when a newcomer waits for its place. Money in whole tokens as text. */
  readonly onNotice?:
    | { readonly type: 'Leave' | 'Keep'; readonly keep?: { readonly maxCost: string } | undefined }
    | undefined;
  readonly suspend?: boolean | undefined;
  readonly registration?: { readonly type: 'Open' | 'Closed' } | undefined;
  readonly emission?: 'Started' | 'Held' | undefined;
  readonly allowedNamespaces?: AllowedNamespaces | undefined;
  readonly policy: SubnetPolicy;
  readonly minerTemplate?: NeuronTemplate | undefined;
  readonly validatorTemplate?: NeuronTemplate | undefined;
}

export interface AllowedNamespaces {
  readonly from: 'Same' | 'All' | 'Selector';
  readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> } | undefined;
}

/** `spec.policy`, as far as the operator looks into it. Durations and money are text here. */
export interface SubnetPolicy {
  readonly hyperparameters?:
    | {
        readonly tempo?: number | undefined;
        readonly yumaVersion?: number | undefined;
        readonly kappaU16?: number | undefined;
        readonly bondsMovingAveragePpm?: number | undefined;
        readonly immunityPeriodBlocks?: number | undefined;
        readonly maxUids?: number | undefined;
        readonly maxValidators?: number | undefined;
        readonly commitReveal?: CommitRevealSpec | undefined;
        readonly weightsRateLimitBlocks?: number | undefined;
        readonly missedReveal?: 'Keep' | 'Zero' | undefined;
        readonly burn?: BurnSpec | undefined;
        readonly evictionNoticeBlocks?: number | undefined;
      }
    | undefined;
  readonly countermeasures?: CountermeasuresSpec | undefined;
  readonly incentiveFunction?: IncentiveFunctionSpec | undefined;
  readonly mechanisms: readonly MechanismSpec[];
  readonly serving?:
    | {
        readonly models: readonly {
          readonly name: string;
          readonly mechanismId: number;
          readonly versions: readonly { readonly version: string; readonly schemaSha256?: string | undefined }[];
        }[];
        readonly routing?: { readonly preset: string } | undefined;
        readonly timeouts?:
          | { readonly firstByte?: string | undefined; readonly total?: string | undefined }
          | undefined;
      }
    | undefined;
  readonly pricing?:
    | readonly {
        readonly name: string;
        readonly model: string;
        readonly unit: string;
        readonly per: number;
        readonly price: string;
      }[]
    | undefined;
  readonly terms?:
    | readonly { readonly name: string; readonly metric: string; readonly verifier: string; readonly remedy: string }[]
    | undefined;
}

/** Money in whole tokens as text. */
export interface BurnSpec {
  readonly type?: 'Continuous' | 'Interval' | undefined;
  readonly min?: string | undefined;
  readonly max?: string | undefined;
  readonly halfLifeBlocks?: number | undefined;
  readonly increasePpm?: number | undefined;
  readonly interval?:
    | {
        readonly blocks?: number | undefined;
        readonly targetRegistrations?: number | undefined;
        /** A whole number below 2^64 as text. */
        readonly alphaU64?: string | undefined;
      }
    | undefined;
}

/** A union by `type`: the member of that name is there, and `Off` has none. */
export interface CommitRevealSpec {
  readonly type: CommitRevealType;
  readonly salted?: { readonly revealPeriodEpochs: number } | undefined;
  readonly timelock?: { readonly revealPeriodEpochs: number; readonly beacon?: BeaconSpec | undefined } | undefined;
}

export interface BeaconSpec {
  readonly type: 'Quicknet' | 'Custom';
  readonly custom?:
    | {
        readonly chainHash: string;
        readonly publicKey: string;
        readonly genesisTime: number;
        readonly periodSeconds: number;
      }
    | undefined;
}

export interface MechanismSpec {
  readonly id: number;
  readonly name: string;
  readonly emissionWeight: number;
  readonly task: {
    readonly type: 'QuantileForecast';
    readonly quantileForecast?: { readonly horizonsDays: readonly number[]; readonly quantiles: number } | undefined;
  };
  readonly evaluation: {
    readonly scorer: { readonly type: 'Crps' };
    readonly challenges: {
      readonly type: 'Replay';
      readonly replay?:
        | { readonly dataset: string; readonly startDay: string; readonly daysPerBlock: number }
        | undefined;
      readonly perEpoch: number;
      readonly timeout: string;
    };
    readonly smoothing: { readonly emaPpm: number };
    readonly copies?: { readonly similarityPpm: number } | undefined;
    readonly rubric: string;
  };
}

/** Whether neurons of `namespace` may refer to the subnet. */
export function admitsNamespace(
  subnet: Subnet,
  namespace: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
): boolean {
  const allowed = subnet.spec.allowedNamespaces ?? { from: 'Same' };
  if (namespace.name === subnet.metadata.namespace) return true;
  switch (allowed.from) {
    case 'Same':
      return false;
    case 'All':
      return true;
    case 'Selector':
      return Object.entries(allowed.selector?.matchLabels ?? {}).every(
        ([label, value]) => namespace.labels[label] === value,
      );
  }
}
