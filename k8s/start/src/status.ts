import { existsSync } from 'node:fs';
import path from 'node:path';
import { status as clusterStatus } from '@subnetes/local-cluster/cluster';
import { clusterTools } from './kubectl.ts';
import { loopbackEndpoints } from './endpoints.ts';
import type { Endpoints } from './endpoints.ts';
import { SYSTEM_NAMESPACE } from './market.ts';

export interface MarketStatus {
  readonly cluster: { readonly state: string; readonly detail: string; readonly kubeconfig: string };
  readonly pods: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly ready: boolean;
    readonly phase: string;
  }[];
  readonly resources: string;
  readonly endpoints: Endpoints | undefined;
}

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly namespace: string; readonly name: string };
    readonly status: {
      readonly phase: string;
      readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    };
  }[];
}

/** What runs of the local market; asks the cluster itself. */
export async function readStatus(root: string): Promise<MarketStatus> {
  const cluster = await clusterStatus();
  const summary = { state: cluster.state, detail: cluster.detail, kubeconfig: cluster.kubeconfig };
  if (cluster.state !== 'running') return { cluster: summary, pods: [], resources: '', endpoints: undefined };
  const tools = clusterTools({ kubeconfig: cluster.kubeconfig, context: undefined });
  const { items } = JSON.parse(await tools.kubectl(['get', 'pods', '-A', '-o', 'json'])) as PodList;
  const pods = items
    .filter(({ metadata }) => metadata.namespace !== 'kube-system')
    .map(({ metadata, status }) => ({
      namespace: metadata.namespace,
      name: metadata.name,
      phase: status.phase,
      ready: status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true,
    }));
  const hasChart = pods.some(({ namespace }) => namespace === SYSTEM_NAMESPACE);
  const resources = hasChart ? await tools.kubectl(['get', 'subnets,miners,validators', '-A']).catch(() => '') : '';
  const local = path.join(root, '.local');
  const endpoints = existsSync(path.join(local, 'endpoints.json')) ? loopbackEndpoints(local) : undefined;
  return { cluster: summary, pods, resources: resources.trimEnd(), endpoints };
}

/** The same for people. */
export function statusText({ cluster, pods, resources, endpoints }: MarketStatus): string {
  if (cluster.state !== 'running')
    return `local cluster: ${cluster.state} (${cluster.detail})\nStart it with: npm start`;
  const waiting = pods.filter((pod) => !pod.ready && pod.phase !== 'Succeeded');
  return [
    `local cluster: running   export KUBECONFIG=${cluster.kubeconfig}`,
    `pods: ${pods.length}, ${waiting.length === 0 ? 'all ready' : `not ready: ${waiting.map((pod) => `${pod.namespace}/${pod.name}`).join(', ')}`}`,
    ...(resources === '' ? [] : ['', resources]),
    ...(endpoints === undefined
      ? []
      : ['', `console ${endpoints.console}   gateway ${endpoints.gateway}   prometheus ${endpoints.prometheus}`]),
  ].join('\n');
}
