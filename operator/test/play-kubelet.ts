import { vi } from 'vitest';
import { bindHotkey } from '#application/bind-hotkey.ts';
import type { Found, TestCluster } from './harness.ts';

interface JobSpec {
  readonly template: { readonly metadata: { readonly labels: Record<string, string> }; readonly spec: PodSpec };
}
interface PodSpec {
  readonly containers: readonly { readonly name: string; readonly env: readonly { name: string; value: string }[] }[];
}

/** Secrets that key jobs made, by namespace and name: the API server has them too, but nobody may read them. */
export type Secrets = Map<string, string>;

/**
 * Plays Job controller, kubelet and key job: makes the pod of the neuron's Job as its template says,
 * runs the key job's own code on the environment that stands there, and reports as a kubelet does.
 */
export async function runKeyJob(cluster: TestCluster, secrets: Secrets, neuron: { namespace: string; name: string }) {
  const job = await waitForJob(cluster, neuron);
  const { template } = job.spec as unknown as JobSpec;
  const env = Object.fromEntries((template.spec.containers[0]?.env ?? []).map(({ name, value }) => [name, value]));
  const secret = `${neuron.namespace}/${env['SECRET_NAME']}`;
  const report = await bindHotkey(
    {
      readHotkey: async () => secrets.get(secret),
      createSecret: async (text) => void secrets.set(secret, text),
    },
    {
      networkId: Buffer.from(env['NETWORK_ID'] ?? '', 'hex'),
      owner: env['OWNER'] ?? '',
      sequence: BigInt(env['SEQUENCE'] ?? 0),
      expiresAtBlock: BigInt(env['EXPIRES_AT_BLOCK'] ?? 0),
    },
  );
  await finishJobPod(cluster, job, { exitCode: 0, message: JSON.stringify(report) });
  return report;
}

/** The neuron's newest Job, once it is there and has no pod yet. */
export async function waitForJob(cluster: TestCluster, neuron: { namespace: string; name: string }): Promise<Found> {
  return await vi.waitFor(
    async () => {
      const jobs = await cluster.list('Job', neuron.namespace);
      const job = jobs.find(({ metadata }) => metadata.labels?.['app.kubernetes.io/instance'] === neuron.name);
      if (job === undefined) throw new Error(`no key job for ${neuron.name}`);
      return job;
    },
    { timeout: 60_000, interval: 50 },
  );
}

/** Makes the pod of a Job (under the namespace's Pod Security) and ends its container. */
export async function finishJobPod(
  cluster: TestCluster,
  job: Found,
  terminated: { exitCode: number; message: string },
): Promise<void> {
  const { template } = job.spec as unknown as JobSpec;
  const { namespace = '', name, uid } = job.metadata;
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true };
  const pod = `${name}-${uid?.slice(0, 5) ?? ''}`;
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod, namespace, labels: template.metadata.labels, ownerReferences: [owner] },
    spec: template.spec,
  });
  const times = { startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:01Z' };
  const status = {
    phase: terminated.exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [
      {
        name: 'key-job',
        image: 'x',
        imageID: 'x',
        ready: false,
        restartCount: 0,
        state: { terminated: { ...terminated, reason: 'Completed', ...times } },
      },
    ],
  };
  await cluster.patchStatus('Pod', namespace, pod, status);
}

/** Plays the workload's controller: so many replicas are ready. */
export async function reportReady(
  cluster: TestCluster,
  workload: { kind: 'Deployment' | 'StatefulSet'; namespace: string; name: string },
  ready = 1,
): Promise<void> {
  const { kind, namespace, name } = workload;
  await cluster.eventually(kind, namespace, name, () => undefined);
  const counts = { replicas: 1, readyReplicas: ready, availableReplicas: ready, observedGeneration: 1 };
  await cluster.patchStatus(kind, namespace, name, counts);
}

/** Plays the workload's controller and a kubelet: one pod of its template runs, under the namespace's Pod Security. */
export async function startPod(
  cluster: TestCluster,
  workload: { kind: 'Deployment' | 'StatefulSet'; namespace: string; name: string },
  started: { readonly pod: string; readonly ip: string },
): Promise<void> {
  const { kind, namespace, name } = workload;
  const { spec } = await cluster.eventually(kind, namespace, name, () => undefined);
  const { template } = spec as unknown as JobSpec;
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: started.pod, namespace, labels: template.metadata.labels },
    // The volume of a claim is the StatefulSet controller's to add; without it the mount would name none.
    spec: { ...template.spec, containers: template.spec.containers.map((one) => ({ ...one, volumeMounts: [] })) },
  });
  await cluster.patchStatus('Pod', namespace, started.pod, { phase: 'Running', podIP: started.ip });
}
