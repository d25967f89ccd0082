import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NETWORK } from '#cluster-layout.ts';
import type { ClusterLayout } from '#cluster-layout.ts';
import type { ClusterSpec } from '#cluster-spec.ts';
import { kubeApi } from '#kube-api.ts';
import type { KubeApi } from '#kube-api.ts';

/** Times in the API have whole seconds. */
const SECOND_MS = 1000;

/** Pods that a usable cluster has, by namespace and label. */
const SYSTEM_PODS = [
  { what: 'DNS', path: '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Dkube-dns' },
  {
    what: 'the volume provisioner',
    path: '/api/v1/namespaces/local-path-storage/pods?labelSelector=app%3Dlocal-path-provisioner',
  },
] as const;

type NodeObject = {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message: string;
      readonly lastHeartbeatTime: string;
    }[];
  };
};
export type ReadinessPod = {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly ready: boolean;
      readonly state?: {
        readonly running?: { readonly startedAt: string };
        readonly waiting?: { readonly reason?: string; readonly message?: string };
      };
    }[];
  };
};

/** Whether the API server answers its own readiness check. @throws KubeApiError while it does not */
export async function isApiReady(api: KubeApi): Promise<true> {
  const response = await api.open({ method: 'GET', path: '/readyz' });
  response.resume();
  return true;
}

/** Why the cluster is not ready, in words; undefined when it is. Reports from before `sinceMs` are of an earlier run and do not count. */
export async function clusterFailure(api: KubeApi, sinceMs: number): Promise<string | undefined> {
  const node = (await api.send({ method: 'GET', path: `/api/v1/nodes/${NETWORK.nodeName}` })) as NodeObject;
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready === undefined || isBefore(ready.lastHeartbeatTime, sinceMs)) return 'the node has not reported yet';
  if (ready.status !== 'True') return `the node is not Ready: ${ready.message}`;
  for (const { what, path } of SYSTEM_PODS) {
    const { items } = (await api.send({ method: 'GET', path })) as { items: readonly ReadinessPod[] };
    if (!items.some((pod) => isPodReady(pod, sinceMs))) return `waiting for ${what}${whyWaiting(items)}`;
  }
  return undefined;
}

/** Whether all containers of a pod are ready and were started in this run of the cluster. */
export function isPodReady(pod: ReadinessPod, sinceMs: number): boolean {
  const containers = pod.status?.containerStatuses ?? [];
  return (
    containers.length > 0 &&
    containers.every(
      ({ ready, state }) => ready && state?.running !== undefined && !isBefore(state.running.startedAt, sinceMs),
    )
  );
}

/** Asks a cluster that may be anywhere between started and ready; the reason why it is not ready, or undefined. */
export async function readiness(layout: ClusterLayout, spec: ClusterSpec): Promise<string | undefined> {
  if (!existsSync(join(layout.pkiDir, 'admin.crt'))) return 'its keys are not made yet';
  const api = kubeApi(layout.pkiDir, 'admin', { host: '127.0.0.1', port: spec.apiHostPort });
  try {
    return await clusterFailure(api, spec.startedAtMs);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    api.close();
  }
}

function isBefore(time: string, sinceMs: number): boolean {
  return Date.parse(time) < Math.floor(sinceMs / SECOND_MS) * SECOND_MS;
}

function whyWaiting(pods: readonly ReadinessPod[]): string {
  const waiting = pods
    .flatMap((pod) => pod.status?.containerStatuses ?? [])
    .find(({ state }) => state?.waiting !== undefined)?.state?.waiting;
  return waiting?.reason === undefined
    ? ''
    : ` (${waiting.reason}${waiting.message === undefined ? '' : `: ${waiting.message}`})`;
}
