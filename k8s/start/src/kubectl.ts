import { binaryPath } from '@subnetes/local-cluster/binaries';
import { runCommand } from '@subnetes/local-cluster/run-command';

/** A cluster to work on: always named, never the user's current context by accident. */
export interface Cluster {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

/** kubectl and helm against one cluster. */
export interface ClusterTools {
  kubectl(
    args: readonly string[],
    options?: { readonly input?: string; readonly signal?: AbortSignal },
  ): Promise<string>;
  helm(
    args: readonly string[],
    options?: { readonly signal?: AbortSignal; readonly onErrorLine?: (line: string) => void },
  ): Promise<string>;
}

export function clusterTools(cluster: Cluster): ClusterTools {
  const env: Readonly<Record<string, string>> =
    cluster.kubeconfig === undefined ? {} : { KUBECONFIG: cluster.kubeconfig };
  const context = cluster.context;
  return {
    kubectl: (args, options = {}) =>
      runCommand(binaryPath('kubectl'), [...(context === undefined ? [] : ['--context', context]), ...args], {
        ...options,
        env,
      }),
    helm: (args, options = {}) =>
      runCommand(binaryPath('helm'), [...args, ...(context === undefined ? [] : ['--kube-context', context])], {
        ...options,
        env,
      }),
  };
}
