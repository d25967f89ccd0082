import type { Subnet } from '#domain/subnet/subnet.ts';
import type { Outcome, Ports } from './ports.ts';
import { RECHECK_MS } from './report.ts';

/** Only a subnet that ends with its object has something outside the cluster to ask for. */
export const DISSOLVE_FINALIZER = 'subnetes.io/dissolve';

function hasFinalizer({ metadata }: Subnet): boolean {
  return metadata.finalizers?.includes(DISSOLVE_FINALIZER) === true;
}

/** Puts the finalizer on, or takes it off, as the deletion policy says. */
export async function keepSubnetFinalizer(ports: Ports, subnet: Subnet, signal: AbortSignal): Promise<void> {
  const wanted = subnet.spec.deletionPolicy === 'Dissolve';
  if (wanted !== hasFinalizer(subnet)) await ports.cluster.setFinalizer(subnet, wanted, signal);
}

/**
 * Announces the subnet's end before the object goes. The ledger carries it out by itself after the notice, and the owner can take
 * it back until then; a refusal holds the object up and says why in an event.
 */
export async function finishSubnetDeletion(ports: Ports, subnet: Subnet, signal: AbortSignal): Promise<Outcome> {
  if (!hasFinalizer(subnet)) return { kind: 'done' };
  const netuid = subnet.status.netuid ?? subnet.spec.netuid;
  const { name, namespace, uid, generation } = subnet.metadata;
  const mandate = ports.cluster.mandate(namespace, subnet.spec.mandateRef.name);
  // Never created, or the policy was changed to Retain at the last moment: nothing to end.
  if (netuid === undefined || subnet.spec.deletionPolicy !== 'Dissolve') {
    await ports.cluster.setFinalizer(subnet, false, signal);
    return { kind: 'done' };
  }
  const held = (note: string): Outcome => {
    const advice = 'Set spec.deletionPolicy to Retain to let the object go without.';
    ports.cluster.record(subnet, { type: 'Warning', reason: 'NoMandate', note: `cannot dissolve: ${note}. ${advice}` });
    return { kind: 'requeue', afterMs: RECHECK_MS };
  };
  if (mandate.kind === 'missing') return held('its mandate is missing');
  const cause = {
    cluster: ports.cluster.clusterId,
    kind: 'Subnet',
    namespace,
    name,
    objectUid: uid,
    generation,
  } as const;
  const result = await ports.ledger.dissolveSubnet({ netuid, mandate: mandate.envelope, cause }, signal);
  if (result.kind === 'refused' && result.code !== 'SUBNET_DISSOLVING') return held(result.message);
  if (result.kind === 'announced') {
    const note = `netuid ${netuid} ends in block ${result.atBlock}; take it back with \`subnetes subnet keep ${netuid}\``;
    ports.cluster.record(subnet, { type: 'Warning', reason: 'DissolutionAnnounced', note });
  }
  await ports.cluster.setFinalizer(subnet, false, signal);
  return { kind: 'done' };
}
