import type { NeuronView, PaidEpoch } from './market.ts';

/**
 * The epoch with the neurons that its sentences tell of by name: scoring knows uids, people know the resources. Only where
 * the uid still belongs to the registration that the epoch was about.
 */
export function withNames(paid: PaidEpoch, neurons: ReadonlyMap<string, NeuronView>): PaidEpoch {
  const names = new Map(
    [...neurons.values()].flatMap(({ uid, registrationId, managedByName }) =>
      managedByName !== '' && paid.neurons.get(registrationId)?.uid === uid ? [[uid, managedByName] as const] : [],
    ),
  );
  const named = (why: string): string =>
    why.replaceAll(/\buid (\d+)\b/g, (text, uid: string) => {
      const name = names.get(Number(uid));
      return name === undefined ? text : `${name} (${text})`;
    });
  return {
    ...paid,
    neurons: new Map([...paid.neurons].map(([id, neuron]) => [id, { ...neuron, why: named(neuron.why) }])),
  };
}
