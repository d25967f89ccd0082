import { controllerReference, type Manifest } from '../manifest.ts';
import type { Neuron } from '../neuron/neuron.ts';
import { objectLabels } from './labels.ts';
import { NEURON_PORT } from './pod.ts';
import { CA_FILE, configMapName, HOTKEY_FILE } from './workload.ts';

/** What a neuron learns about its market. */
export interface NeuronConfiguration {
  /** Hexadecimal. */
  readonly networkId: string;
  /** Hexadecimal. */
  readonly registrationId: string;
  readonly netuid: number;
  readonly ledgerUrl: string;
  readonly scoringUrl: string;
  /** Public keys (hexadecimal ed25519) by which a miner knows its gateway. */
  readonly gatewayPublicKeys: readonly string[];
  /** PEM of the authorities that ledger and scoring are certified by. */
  readonly caPem: string;
}

/** Address at which a miner of this cluster can be reached. */
export function publicUrl(neuron: Neuron): string {
  return `https://${neuron.metadata.name}.${neuron.metadata.namespace}.svc:${NEURON_PORT}`;
}

/** The ConfigMap that a neuron's pod mounts at `/etc/subnetes`. */
export function configurationMap(neuron: Neuron, configuration: NeuronConfiguration): Manifest {
  const { caPem, ...told } = configuration;
  const file = {
    ...told,
    caFile: CA_FILE,
    hotkeyFile: HOTKEY_FILE,
    publicUrls: neuron.kind === 'Miner' ? [publicUrl(neuron)] : [],
  };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: configMapName(neuron),
      namespace: neuron.metadata.namespace,
      labels: objectLabels(neuron),
      ownerReferences: [controllerReference(neuron)],
    },
    data: { 'neuron.json': `${JSON.stringify(file, undefined, 2)}\n`, 'ca.crt': caPem },
  };
}
