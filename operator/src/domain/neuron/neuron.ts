import type { ConditionType } from '../judgement.ts';

/** The parts of a Miner or Validator that the operator acts on. Shapes as the CRDs state them. */
export interface Neuron {
  readonly apiVersion: string;
  readonly kind: 'Miner' | 'Validator';
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly generation: number;
    readonly deletionTimestamp?: string | undefined;
    readonly finalizers?: readonly string[] | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
  readonly spec: NeuronSpec;
  readonly status: NeuronStatus;
}

export interface NeuronSpec {
  readonly subnetRef: {
    readonly name?: string | undefined;
    readonly namespace?: string | undefined;
    readonly netuid?: number | undefined;
  };
  readonly mandateRef: { readonly name: string };
  readonly hotkeySecretRef?: { readonly name: string } | undefined;
  readonly hotkey?: string | undefined;
  readonly registration?:
    | {
        readonly maxCost?: string | undefined;
        readonly invitation?: string | undefined;
        readonly onEviction?: 'Stop' | 'Retry' | undefined;
        readonly maxAttempts?: number | undefined;
        readonly onNotice?: OnNotice | undefined;
      }
    | undefined;
  readonly stake?:
    | {
        readonly initial?: string | undefined;
        readonly auto?: boolean | undefined;
        readonly children?: readonly ChildShare[] | undefined;
        readonly childTakeU16?: number | undefined;
      }
    | undefined;
  readonly deletionPolicy?: 'Retain' | 'Deregister' | undefined;
  readonly suspend?: boolean | undefined;
  readonly runtime?: Runtime | undefined;
  readonly replicas?: number | undefined;
  readonly serves?: readonly Serves[] | undefined;
  readonly capacity?: { readonly maxInFlight: number } | undefined;
  readonly evaluation?:
    | { readonly sampleSize?: number | undefined; readonly auditOneIn?: number | undefined }
    | undefined;
}

/** A hotkey that is given stake, and how much of it, in parts per million. */
export interface ChildShare {
  readonly hotkey: string;
  readonly ppm: number;
}

/** What was last set at the ledger for a registration, of what spec.stake wants for good. */
export interface NeuronWishes {
  readonly autoStake?: boolean | undefined;
  readonly children?: readonly ChildShare[] | undefined;
  readonly childTakeU16?: number | undefined;
}

/** What is done when a newcomer has paid for the place. Money in whole tokens as text. */
export interface OnNotice {
  readonly type: 'Leave' | 'Match';
  readonly match?: { readonly maxCost: string } | undefined;
}

export interface Runtime {
  readonly type: 'Managed' | 'External';
  readonly managed?: (NeuronTemplate & { readonly image?: string | undefined }) | undefined;
}

export interface NeuronTemplate {
  readonly resources?: Resources | undefined;
  readonly placement?: { readonly spreadOver?: 'Zone' | 'Node' | undefined } | undefined;
}

type Quantities = Readonly<Record<string, string | number>>;
export interface Resources {
  readonly requests?: Quantities | undefined;
  readonly limits?: Quantities | undefined;
}

export interface Serves {
  readonly mechanismId: number;
  readonly model: {
    readonly format: 'Onnx' | 'Script';
    readonly sha256: string;
    readonly source: {
      readonly type: 'ConfigMap';
      readonly configMap?: { readonly name: string; readonly key: string } | undefined;
    };
  };
}

/** The parts of a status that later passes build on. */
export interface NeuronStatus extends NeuronWishes {
  readonly hotkey?: string | undefined;
  readonly registrationId?: string | undefined;
  readonly conditions?: readonly StoredCondition[] | undefined;
  readonly [field: string]: unknown;
}

export interface StoredCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number | undefined;
}

/** True when the operator runs the neuron's pods. */
export function isManaged(neuron: Neuron): boolean {
  return neuron.spec.runtime?.type !== 'External';
}

/** Secret that holds the hotkey. */
export function hotkeySecretName(neuron: Neuron): string {
  return neuron.spec.hotkeySecretRef?.name ?? `${neuron.metadata.name}-hotkey`;
}

export function conditionOf(status: NeuronStatus, type: ConditionType): StoredCondition | undefined {
  return status.conditions?.find((condition) => condition.type === type);
}
