import type { NetworkView, SubnetView } from '../market.ts';
import type { Neuron, NeuronTemplate } from './neuron.ts';

/** What a neuron's subnetRef came to. */
export type SubnetFact =
  | {
      readonly kind: 'found';
      readonly netuid: number;
      /** For messages: `finance/sp500` or `netuid 7`. */
      readonly label: string;
      readonly template: NeuronTemplate;
    }
  | { readonly kind: 'missing'; readonly message: string }
  | { readonly kind: 'waiting'; readonly message: string }
  | { readonly kind: 'notAllowed'; readonly message: string };

/** What a mandateRef came to. The ledger alone judges whether it holds; here it is only read. */
export type MandateFact =
  | {
      readonly kind: 'found';
      readonly name: string;
      /** SS58 of the coldkey that owns what is registered under it. */
      readonly owner: string;
      /** Serialised envelope, passed on as it is. */
      readonly envelope: Uint8Array;
      /** Hexadecimal; another text is another mandate. */
      readonly sha256: string;
    }
  | { readonly kind: 'missing'; readonly name: string; readonly message: string };

/** What is known of the hotkey and its binding to the owner. */
export type KeyFact =
  | { readonly kind: 'ready'; readonly hotkey: string; readonly binding: Uint8Array }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'failed'; readonly message: string };

/** Whether the model file of each served mechanism is what the spec declares. */
export type ModelFact =
  | { readonly kind: 'ok' }
  | { readonly kind: 'missing'; readonly message: string }
  | { readonly kind: 'mismatch'; readonly message: string };

/** The pods as the workload's controller and the kubelets report them. */
export interface PodsFact {
  readonly wanted: number;
  readonly existing: number;
  readonly ready: number;
  /** Last words of a container that does not stay up. */
  readonly failure?: { readonly kind: 'model' | 'other'; readonly message: string } | undefined;
}

export interface NeuronFacts {
  readonly neuron: Neuron;
  readonly network: NetworkView;
  readonly subnet: Extract<SubnetFact, { kind: 'found' }>;
  readonly market: SubnetView | undefined;
}
