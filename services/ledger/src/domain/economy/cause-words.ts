import type { Cause } from './mandate.ts';

/**
 * Whether two causes are different objects. An object that was deleted and made anew under its name is the same manager:
 * no two live under one name, and the new one means the same market.
 */
export function differs(left: Cause, right: Cause): boolean {
  return (
    left.cluster !== right.cluster ||
    left.kind !== right.kind ||
    left.namespace !== right.namespace ||
    left.name !== right.name
  );
}

export function describe(cause: Cause): string {
  return `${cause.kind} ${cause.namespace}/${cause.name} of cluster ${cause.cluster}`;
}
