import type { Neuron } from '#domain/neuron/neuron.ts';
import type { Outcome, Ports } from './ports.ts';
import { causeOf } from './register-neuron.ts';
import { RECHECK_MS } from './report.ts';
import { resolveSubnet } from './resolve-subnet.ts';

/** Only a neuron whose registration ends with it has something outside the cluster to clean up. */
export const FINALIZER = 'subnetes.io/deregister';

function hasFinalizer(neuron: Neuron): boolean {
  return neuron.metadata.finalizers?.includes(FINALIZER) === true;
}

/** Puts the finalizer on, or takes it off, as the deletion policy says. */
export async function keepFinalizer(ports: Ports, neuron: Neuron, signal: AbortSignal): Promise<void> {
  const wanted = neuron.spec.deletionPolicy === 'Deregister';
  if (wanted !== hasFinalizer(neuron)) await ports.cluster.setFinalizer(neuron, wanted, signal);
}

/** Ends the registration before the object goes; a refusal holds the object up and says why in an event. */
export async function finishDeletion(ports: Ports, neuron: Neuron, signal: AbortSignal): Promise<Outcome> {
  if (!hasFinalizer(neuron)) return { kind: 'done' };
  const { hotkey } = neuron.status;
  const subnet = resolveSubnet(ports.cluster, neuron);
  const mandate = ports.cluster.mandate(neuron.metadata.namespace, neuron.spec.mandateRef.name);
  const release = async (): Promise<Outcome> => {
    await ports.cluster.setFinalizer(neuron, false, signal);
    return { kind: 'done' };
  };
  // Never registered, or the policy was changed to Retain at the last moment: nothing to end.
  if (hotkey === undefined || neuron.spec.deletionPolicy !== 'Deregister') return await release();
  if (subnet.kind !== 'found' || mandate.kind === 'missing') {
    const message = subnet.kind === 'found' ? 'its mandate is missing' : subnet.message;
    const note = `cannot deregister: ${message}. Set spec.deletionPolicy to Retain to let it go without.`;
    ports.cluster.record(neuron, { type: 'Warning', reason: 'NoMandate', note });
    return { kind: 'requeue', afterMs: RECHECK_MS };
  }
  const result = await ports.ledger.deregister(
    { netuid: subnet.netuid, hotkey, mandate: mandate.envelope, cause: causeOf(ports, neuron) },
    signal,
  );
  if (result.kind === 'deregistered' || result.code === 'NOT_REGISTERED') return await release();
  ports.cluster.record(neuron, { type: 'Warning', reason: 'RegistrationRefused', note: result.message });
  return { kind: 'requeue', afterMs: RECHECK_MS };
}
