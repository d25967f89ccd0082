import type { CallContext } from '@subnetes/proto/grpc-handlers';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';

/** Parts of the system that may change the ledger otherwise than by a signature. */
export type Role = 'operator' | 'billing';

/** Judges callers by the names in their certificates. */
export interface Access {
  /** Throws PERMISSION_DENIED unless the caller is one of the part's names. */
  demand(role: Role, call: CallContext): void;
}

/** Access by certificate: `<part>.<namespace>.svc` is the part. */
export function accessByCertificate(namespace: string): Access {
  return {
    demand(role, call) {
      if (call.peerNames.includes(`${role}.${namespace}.svc`)) return;
      throw new RpcError({
        code: RpcCode.PERMISSION_DENIED,
        reason: 'CALLER_NOT_ALLOWED',
        message: `this call is for the ${role} alone; wallets and neurons send signed orders`,
      });
    },
  };
}

/** Everybody is everything: for processes on loopback without certificates, never in a cluster. */
export const openAccess: Access = { demand: () => {} };
