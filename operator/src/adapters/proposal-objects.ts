import type { Applier } from '@subnetes/kube/apply';
import type { Informer } from '@subnetes/kube/informers';
import { deleteObject } from '@subnetes/kube/prune';
import { apiVersionOf, type KubeObject } from '@subnetes/kube/resource';
import type { StatusWriter } from '@subnetes/kube/status';
import type { Transport } from '@subnetes/kube/transport';
import type { ProposalObjects } from '#application/reconcile-proposals.ts';

/** Proposal objects by server-side apply; what somebody else made under another name goes too. */
export function proposalObjects(options: {
  readonly transport: Transport;
  readonly proposals: Informer<KubeObject>;
  readonly applier: Applier;
  readonly statuses: StatusWriter;
}): ProposalObjects {
  const { transport, proposals, applier, statuses } = options;
  const { resource, store } = proposals;
  return {
    names: () => store.list().map(({ metadata }) => metadata.name),
    async make(name, signal) {
      const object = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name } };
      await applier.apply(proposals, object, signal);
    },
    async writeStatus(name, status, signal) {
      const object = store.get(name);
      return object !== undefined && (await statuses.write({ followed: proposals, object, status, signal }));
    },
    async remove(name, signal) {
      const object = store.get(name);
      if (object !== undefined) await deleteObject(transport, { resource, object, signal });
    },
  };
}
