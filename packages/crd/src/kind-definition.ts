import type { z } from 'zod';

/** A printer column of a CRD. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date' | 'number';
  readonly jsonPath: string;
  readonly description: string;
  /** Columns of priority 1 are shown with `-o wide` alone. */
  readonly priority?: number;
}

/** Everything that turns one zod schema into one CRD. */
export interface KindDefinition {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  /** Object with `spec` and `status`. */
  readonly schema: z.ZodType;
  readonly selectableFields: readonly string[];
  readonly columns: readonly PrinterColumn[];
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath: string;
  };
}

export const GROUP = 'subnetes.io';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;
