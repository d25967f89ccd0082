import type { CallContext } from '@subnetes/proto/grpc-handlers';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';

/** Parts of the system that may change the ledger otherwise than by a signature. */
export type Role = 'operator' | 'billing' | 'scoring';

/** Judges callers by the names in their certificates. */
export interface Access {
  /** Throws PERMISSION_DENIED unless the caller is one of the part's names. */
  demand(role: Role, call: CallContext): void;
  /** Which of the parts the caller is; throws PERMISSION_DENIED when it is none of them. */
  demandOneOf<R extends Role>(roles: readonly [R, ...R[]], call: CallContext): R;
}

/** Access by certificate: `<part>.<namespace>.svc` is the part. */
export function accessByCertificate(namespace: string): Access {
  const demandOneOf: Access['demandOneOf'] = <R extends Role>(roles: readonly [R, ...R[]], call: CallContext): R => {
    const found = roles.find((role) => call.peerNames.includes(`${role}.${namespace}.svc`));
    if (found !== undefined) return found;
    throw new RpcError({
      code: RpcCode.PERMISSION_DENIED,
      reason: 'CALLER_NOT_ALLOWED',
      message: `this call is for the ${roles.join(' and the ')} alone; wallets and neurons send signed orders`,
    });
  };
  return { demandOneOf, demand: (role, call) => void demandOneOf([role], call) };
}

/** Everybody is everything: for processes on loopback without certificates, never in a cluster. */
export const openAccess: Access = { demand: () => {}, demandOneOf: ([first]) => first };
