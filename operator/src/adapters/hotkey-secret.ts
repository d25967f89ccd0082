import { collectionPath, type Resource } from '@subnetes/kube/resource';
import type { Transport } from '@subnetes/kube/transport';

const SECRETS: Resource = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };

/** Type of the Secrets that hold a hotkey. */
export const HOTKEY_SECRET_TYPE = 'subnetes.io/hotkey';
/** Key under which such a Secret holds the hotkey file. */
export const HOTKEY_SECRET_KEY = 'hotkey.json';

/** Makes a hotkey's Secret. A POST never replaces one: a name that is taken is an error, and the job is tried again. */
export function secretCreator(options: {
  readonly transport: Transport;
  readonly namespace: string;
  readonly name: string;
}): (hotkeyFile: string) => Promise<void> {
  const { transport, namespace, name } = options;
  return async (hotkeyFile) => {
    await transport.request({
      method: 'POST',
      path: collectionPath(SECRETS, namespace),
      body: {
        apiVersion: 'v1',
        kind: SECRETS.kind,
        // Without an owner reference: the key outlives the neuron that it was made for.
        metadata: { name, namespace, labels: { 'app.kubernetes.io/part-of': 'subnetes' } },
        type: HOTKEY_SECRET_TYPE,
        immutable: true,
        stringData: { [HOTKEY_SECRET_KEY]: hotkeyFile },
      },
    });
  };
}
