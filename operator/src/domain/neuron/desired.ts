import { configurationMap, type NeuronConfiguration } from '../objects/configuration.ts';
import { disruptionBudget, neuronNetworkPolicy, neuronService, type SystemPeers } from '../objects/network.ts';
import { minerDeployment, validatorStatefulSet, type PodSettings } from '../objects/workload.ts';
import type { Manifest } from '../manifest.ts';
import type { Neuron, NeuronTemplate } from './neuron.ts';

export interface DesiredInput {
  readonly neuron: Neuron;
  readonly template: NeuronTemplate;
  readonly settings: PodSettings;
  readonly system: SystemPeers;
  readonly configuration: NeuronConfiguration;
  /** Digest of a manifest's data, for the annotation that rolls pods. */
  readonly digest: (value: unknown) => string;
}

/** Every object of a registered neuron, in the order in which they are applied. Pure: same input, same objects. */
export function desiredNeuron(input: DesiredInput): readonly Manifest[] {
  const { neuron, template, settings } = input;
  const configMap = configurationMap(neuron, input.configuration);
  const workload = { neuron, template, settings, configSha256: input.digest(configMap['data']) };
  return [
    configMap,
    neuronService(neuron),
    neuronNetworkPolicy(neuron, input.system, settings.otlpEndpoint),
    disruptionBudget(neuron),
    neuron.kind === 'Miner' ? minerDeployment(workload) : validatorStatefulSet(workload),
  ];
}
