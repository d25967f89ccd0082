import { METRICS, NEURON_TARGET_LABELS } from '@subnetes/telemetry/metric-names';
import { expect, test } from 'vitest';
import type { Neuron } from './neuron.ts';
import { scrapeTargets, type NeuronPod } from './scrape-targets.ts';

function neuron(kind: Neuron['kind'], name: string, type: 'Managed' | 'External' = 'Managed'): Neuron {
  return {
    apiVersion: 'subnetes.io/v1alpha1',
    kind,
    metadata: { name, namespace: 'finance', uid: 'u', generation: 1 },
    spec: { subnetRef: { name: 's' }, mandateRef: { name: 'm' }, runtime: { type } },
    status: {},
  };
}

const running = { name: 'garch-5d9-x2x7b', phase: 'Running', ip: '10.42.0.7', isBeingDeleted: false };
const well: NeuronPod = { neuron: neuron('Miner', 'garch'), netuid: 1, pod: running };
const podOf = (changes: Partial<NeuronPod['pod']>): NeuronPod => ({ ...well, pod: { ...running, ...changes } });

test('a running pod is a target with the labels of its neuron', () => {
  expect(scrapeTargets([well])).toEqual({
    targets: [
      {
        targets: ['10.42.0.7:9464'],
        labels: { subnet: '1', kind: 'Miner', namespace: 'finance', neuron: 'garch', pod: 'garch-5d9-x2x7b' },
      },
    ],
    leftOut: 0,
  });
});

test.for<{ name: string; found: NeuronPod }>([
  { name: 'of a neuron that runs elsewhere', found: { ...well, neuron: neuron('Miner', 'garch', 'External') } },
  { name: 'that waits for a node', found: podOf({ phase: 'Pending', ip: undefined }) },
  { name: 'that has ended', found: podOf({ phase: 'Succeeded' }) },
  { name: 'of which the kubelet has told nothing', found: podOf({ phase: undefined }) },
  { name: 'without an address', found: podOf({ ip: undefined }) },
  { name: 'that is being deleted', found: podOf({ isBeingDeleted: true }) },
])('a pod $name is no target', ({ found }) => {
  expect(scrapeTargets([found]).targets).toEqual([]);
});

test('an IPv6 address is written as Prometheus takes it', () => {
  expect(scrapeTargets([podOf({ ip: 'fd00::7' })]).targets[0]?.targets).toEqual(['[fd00::7]:9464']);
});

test('without a netuid the label is left out, and the target is read all the same', () => {
  const [target] = scrapeTargets([{ ...well, netuid: undefined }]).targets;
  expect(target?.labels).not.toHaveProperty('subnet');
  expect(target?.targets).toEqual(['10.42.0.7:9464']);
});

test('the order does not depend on how the pods were found, and the limit cuts at its end', () => {
  const pods = ['b', 'a', 'C', 'a-2'].map((name) => podOf({ name }));
  const names = (found: readonly NeuronPod[], max?: number) =>
    scrapeTargets(found, max).targets.map(({ labels }) => labels.pod);
  expect(names(pods)).toEqual(['C', 'a', 'a-2', 'b']);
  expect(names(pods.toReversed())).toEqual(names(pods));
  expect(names(pods, 2)).toEqual(['C', 'a']);
  expect(scrapeTargets(pods, 2).leftOut).toBe(2);
});

test('the labels are those that the catalogue promises, and no metric of a neuron has one of its own', () => {
  const [target] = scrapeTargets([well]).targets;
  expect(Object.keys(target?.labels ?? {}).toSorted()).toEqual([...NEURON_TARGET_LABELS].toSorted());
  const own = Object.entries(METRICS).filter(([name]) =>
    /^(subnetes_(miner|validator|build|telemetry)|http)_/.test(name),
  );
  expect(own.length).toBeGreaterThan(8);
  const added: readonly string[] = NEURON_TARGET_LABELS;
  expect(own.filter(([, { labels }]) => labels.some((label) => added.includes(label)))).toEqual([]);
});
