import { fails, holds, type Judgement } from '../judgement.ts';
import type { ModelFact, PodsFact } from './facts.ts';
import { isManaged, type Neuron } from './neuron.ts';

export interface AvailabilityFacts {
  readonly neuron: Neuron;
  readonly pods: PodsFact;
  readonly model: ModelFact;
  /** Announced endpoint; absent until the neuron told the ledger. */
  readonly endpoint: string | undefined;
  /** What the API server said to one of the neuron's objects. */
  readonly refusal: string | undefined;
}

/** Whether the neuron can do its work; the first fault that a person should act on. */
export function judgeAvailability(facts: AvailabilityFacts): Judgement {
  const { neuron, pods, model, endpoint, refusal } = facts;
  if (!isManaged(neuron)) return judgeExternal(neuron, endpoint);
  if (model.kind === 'missing') return fails('Available', 'ModelMissing', model.message);
  if (model.kind === 'mismatch') return fails('Available', 'ModelHashMismatch', model.message);
  if (refusal !== undefined) {
    return fails('Available', 'PodsRefused', `the API server refused an object: ${refusal}. It is tried again.`);
  }
  if (pods.wanted === 0) return fails('Available', 'ScaledToZero', 'spec.replicas is 0: no pod answers');
  if (pods.ready < pods.wanted) return judgeUnreadyPods(pods);
  if (neuron.kind === 'Validator') {
    return holds('Available', 'EndpointHealthy', `${pods.ready} of ${pods.wanted} replicas run`);
  }
  if (endpoint === undefined) {
    return fails('Available', 'EndpointNotAnnounced', 'pods are ready, their endpoint is not yet at the ledger');
  }
  return holds('Available', 'EndpointHealthy', `${pods.ready} of ${pods.wanted} replicas answer`);
}

function judgeUnreadyPods(pods: PodsFact): Judgement {
  const counted = `${pods.ready} of ${pods.wanted} replicas are ready`;
  if (pods.failure === undefined) return fails('Available', 'PodsStarting', counted);
  const reason = pods.failure.kind === 'model' ? 'ModelHashMismatch' : 'PodsFailing';
  return fails('Available', reason, `${counted}: ${pods.failure.message}`);
}

function judgeExternal(neuron: Neuron, endpoint: string | undefined): Judgement {
  if (neuron.kind === 'Validator') return holds('Available', 'External', 'runs outside this cluster');
  if (endpoint !== undefined) return holds('Available', 'External', `announced ${endpoint}`);
  return fails('Available', 'EndpointNotAnnounced', 'runs elsewhere and has not announced an endpoint to the ledger');
}
