import { expect, test } from 'vitest';
import { judgeAvailability, type AvailabilityFacts } from './availability.ts';
import type { Neuron } from './neuron.ts';

const neuron = (kind: Neuron['kind'], type: 'Managed' | 'External' = 'Managed'): Neuron => ({
  apiVersion: 'subnetes.io/v1alpha1',
  kind,
  metadata: { name: 'a', namespace: 'n', uid: 'u', generation: 1 },
  spec: { subnetRef: { name: 's' }, mandateRef: { name: 'm' }, runtime: { type } },
  status: {},
});

const well: AvailabilityFacts = {
  neuron: neuron('Miner'),
  pods: { wanted: 1, existing: 1, ready: 1 },
  model: { kind: 'ok' },
  endpoint: 'https://a.n.svc:8443',
  refusal: undefined,
};
const starting = { wanted: 2, existing: 2, ready: 1 };

test.for<{ name: string; facts: Partial<AvailabilityFacts>; status: string; reason: string; message: string }>([
  { name: 'all is well', facts: {}, status: 'True', reason: 'EndpointHealthy', message: '1 of 1 replicas answer' },
  {
    name: 'the model is missing',
    facts: { model: { kind: 'missing', message: 'no key' } },
    status: 'False',
    reason: 'ModelMissing',
    message: 'no key',
  },
  {
    name: 'the model is another, whatever else is wrong',
    facts: { model: { kind: 'mismatch', message: 'other hash' }, pods: starting, refusal: 'quota' },
    status: 'False',
    reason: 'ModelHashMismatch',
    message: 'other hash',
  },
  {
    name: 'the API server refuses',
    facts: { refusal: 'Deployment a: exceeded quota' },
    status: 'False',
    reason: 'PodsRefused',
    message: 'exceeded quota',
  },
  {
    name: 'nothing is wanted',
    facts: { pods: { wanted: 0, existing: 0, ready: 0 } },
    status: 'False',
    reason: 'ScaledToZero',
    message: 'spec.replicas is 0',
  },
  { name: 'pods start', facts: { pods: starting }, status: 'False', reason: 'PodsStarting', message: '1 of 2' },
  {
    name: 'a pod tells of its model',
    facts: { pods: { ...starting, failure: { kind: 'model', message: 'ModelHashMismatch: …' } } },
    status: 'False',
    reason: 'ModelHashMismatch',
    message: '1 of 2 replicas are ready: ModelHashMismatch',
  },
  {
    name: 'a pod crashes',
    facts: { pods: { ...starting, failure: { kind: 'other', message: 'exit code 70' } } },
    status: 'False',
    reason: 'PodsFailing',
    message: 'exit code 70',
  },
  {
    name: 'no endpoint was announced',
    facts: { endpoint: undefined },
    status: 'False',
    reason: 'EndpointNotAnnounced',
    message: 'pods are ready',
  },
  {
    name: 'a validator runs',
    facts: { neuron: neuron('Validator'), endpoint: undefined },
    status: 'True',
    reason: 'EndpointHealthy',
    message: '1 of 1 replicas run',
  },
  {
    name: 'an external miner announced itself',
    facts: { neuron: neuron('Miner', 'External'), pods: { wanted: 1, existing: 0, ready: 0 } },
    status: 'True',
    reason: 'External',
    message: 'announced https://a.n.svc:8443',
  },
  {
    name: 'an external miner is silent',
    facts: { neuron: neuron('Miner', 'External'), endpoint: undefined },
    status: 'False',
    reason: 'EndpointNotAnnounced',
    message: 'it runs elsewhere',
  },
])('when $name', ({ facts, status, reason, message }) => {
  const judged = judgeAvailability({ ...well, ...facts });
  expect(judged).toMatchObject({ type: 'Available', status, reason });
  expect(judged.message).toContain(message);
});
