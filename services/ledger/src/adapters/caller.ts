import type { CallContext } from '@subnetes/proto/grpc-handlers';
import type { Caller } from '#application/fair-queue.ts';

/** Whose turn a call takes: by the address and the port of its connection. Whoever comes through one proxy is one caller. */
export function callerOf({ peer }: Pick<CallContext, 'peer'>): Caller {
  const portAt = peer.lastIndexOf(':');
  return { address: portAt === -1 ? peer : peer.slice(0, portAt), connection: peer };
}
