import { NETWORK } from '#cluster-layout.ts';
import { kubeApi } from '#kube-api.ts';
import { watchCollection } from '#kube-watch.ts';
import { networkPolicy, policyNamespace, policyPod } from '#network-policy-objects.ts';
import { policyRules } from '#network-policy-rules.ts';
import { runCommand } from '#run-command.ts';

/** Changes that come within this time become one transaction. */
const DEBOUNCE_MS = 20;

/** Enforces the cluster's NetworkPolicies on this node; runs in the node's network namespace until it is ended. */
async function main(pkiDir: string): Promise<void> {
  const stop = new AbortController();
  for (const signalName of ['SIGTERM', 'SIGINT'] as const) process.on(signalName, () => stop.abort());
  const api = kubeApi(pkiDir, 'agent', { host: NETWORK.nodeAddress, port: NETWORK.apiPort });
  let wake: () => void = () => undefined;
  const shared = {
    api,
    signal: stop.signal,
    onChange: () => wake(),
    onError: (error: unknown) => log('watch failed', error),
  };
  const pods = watchCollection({ ...shared, path: '/api/v1/pods', keep: policyPod });
  const namespaces = watchCollection({ ...shared, path: '/api/v1/namespaces', keep: policyNamespace });
  const policies = watchCollection({
    ...shared,
    path: '/apis/networking.k8s.io/v1/networkpolicies',
    keep: networkPolicy,
  });
  const collections = [pods, namespaces, policies];

  let inForce = '';
  while (!stop.signal.aborted) {
    const changed = new Promise<void>((resolve) => {
      wake = resolve;
      stop.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    if (collections.every((collection) => collection.isSynced())) {
      const rules = policyRules({
        pods: [...pods.items.values()],
        namespaces: [...namespaces.items.values()],
        policies: [...policies.items.values()],
      });
      if (rules !== inForce) inForce = (await load(rules)) ? rules : '';
    }
    await changed;
    await new Promise((resolve) => setTimeout(resolve, DEBOUNCE_MS));
  }
  api.close();
}

/** Puts rules in force; a refusal by nft leaves the old ones and is tried again at the next change. */
async function load(rules: string): Promise<boolean> {
  try {
    await runCommand('nft', ['-f', '-'], { input: rules });
    return true;
  } catch (error) {
    log('nft refused the rules', error);
    return false;
  }
}

function log(message: string, error: unknown): void {
  console.error(
    JSON.stringify({
      time: new Date().toISOString(),
      message,
      error: error instanceof Error ? error.message : String(error),
    }),
  );
}

await main(process.argv[2] ?? '');
