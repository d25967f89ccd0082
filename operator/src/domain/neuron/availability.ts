import { fails, firstViolation, holds, type Judgement, type Policy } from '../judgement.ts';
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

const modelIsRight: Policy<AvailabilityFacts> = ({ model }) => {
  if (model.kind === 'ok') return undefined;
  return { reason: model.kind === 'missing' ? 'ModelMissing' : 'ModelHashMismatch', message: model.message };
};

const objectsAreTaken: Policy<AvailabilityFacts> = ({ refusal }) =>
  refusal === undefined
    ? undefined
    : { reason: 'PodsRefused', message: `the API server refused an object: ${refusal}. It is tried again.` };

const replicasAreWanted: Policy<AvailabilityFacts> = ({ pods }) =>
  pods.wanted > 0 ? undefined : { reason: 'ScaledToZero', message: 'spec.replicas is 0: no pod answers' };

const replicasAreReady: Policy<AvailabilityFacts> = ({ pods }) => {
  if (pods.ready >= pods.wanted) return undefined;
  const counted = `${pods.ready} of ${pods.wanted} replicas are ready`;
  if (pods.failure === undefined) return { reason: 'PodsStarting', message: counted };
  const reason = pods.failure.kind === 'model' ? 'ModelHashMismatch' : 'PodsFailing';
  return { reason, message: `${counted}: ${pods.failure.message}` };
};

const endpointIsAnnounced: Policy<AvailabilityFacts> = ({ neuron, endpoint }) => {
  if (neuron.kind === 'Validator' || endpoint !== undefined) return undefined;
  const where = isManaged(neuron) ? 'pods are ready' : 'it runs elsewhere';
  return { reason: 'EndpointNotAnnounced', message: `${where}, but no endpoint was announced to the ledger` };
};

/** Order matters: the first violation is the one that a person should act on. */
export const MANAGED_AVAILABILITY: readonly Policy<AvailabilityFacts>[] = [
  modelIsRight,
  objectsAreTaken,
  replicasAreWanted,
  replicasAreReady,
  endpointIsAnnounced,
];

/** Whether the neuron can do its work. */
export function judgeAvailability(facts: AvailabilityFacts): Judgement {
  const { neuron, pods, endpoint } = facts;
  const managed = isManaged(neuron);
  const violation = firstViolation(managed ? MANAGED_AVAILABILITY : [endpointIsAnnounced], facts);
  if (violation !== undefined) return fails('Available', violation.reason, violation.message);
  if (!managed)
    return holds('Available', 'External', endpoint === undefined ? 'runs elsewhere' : `announced ${endpoint}`);
  const verb = neuron.kind === 'Miner' ? 'answer' : 'run';
  return holds('Available', 'EndpointHealthy', `${pods.ready} of ${pods.wanted} replicas ${verb}`);
}
