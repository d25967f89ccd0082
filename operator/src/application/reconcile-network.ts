import { holds } from '#domain/judgement.ts';
import { networkStatus } from '#domain/network-status.ts';
import type { Outcome, Ports } from './ports.ts';
import { report } from './report.ts';

/** Reconciles the one Network object; the operator makes it and writes its status. */
export function makeReconcileNetwork(ports: Ports): (key: string, signal: AbortSignal) => Promise<Outcome> {
  return async (_key, signal) => {
    const network = await ports.ledger.network(signal);
    await ports.cluster.ensureNetwork(signal);
    const object = ports.cluster.network();
    if (object === undefined) return { kind: 'requeue', afterMs: 1_000 };
    const judgements = [holds('Accepted', 'Adopted', `network ${network.networkId.slice(0, 12)}…`)];
    await report(ports, object, { judgements, fields: networkStatus(network) }, signal);
    return { kind: 'done' };
  };
}
