/** Why bytes are not a function that may run. In the order of the guide. */
export const MODULE_REFUSAL_CODES = [
  'MODULE_TOO_LARGE',
  'MODULE_MALFORMED',
  'MODULE_INVALID',
  'MODULE_IMPORTS',
  'MODULE_FLOAT',
  'MODULE_FEATURE',
  'MODULE_MEMORY',
  'MODULE_TABLE',
  'MODULE_SEGMENT',
  'MODULE_LIMIT',
  'MODULE_EXPORTS',
] as const;

/** Why a run gave no incentives. In the order of the guide. */
export const RUN_REFUSAL_CODES = [
  'FUEL_EXHAUSTED',
  'STACK_EXHAUSTED',
  'MEMORY_EXHAUSTED',
  'FUNCTION_TRAPPED',
  'FUNCTION_DECLINED',
  'ABI_UNKNOWN',
  'INPUT_ADDRESS',
  'OUTPUT_ADDRESS',
  'OUTPUT_LENGTH',
  'STATE_TOO_LARGE',
  'SHARE_OF_VACANT',
  'SHARES_ALL_ZERO',
] as const;

export type ModuleRefusalCode = (typeof MODULE_REFUSAL_CODES)[number];
export type RunRefusalCode = (typeof RUN_REFUSAL_CODES)[number];

export interface ModuleRefusal {
  readonly code: ModuleRefusalCode;
  readonly message: string;
  /** Byte of the module where it shows; null when it is about the whole. */
  readonly offset: number | null;
}

/** Depends on module, input and fuel alone: two machines that refuse do so with equal values. */
export interface RunRefusal {
  readonly code: RunRefusalCode;
  readonly message: string;
  /** Spent until then; the whole fuel when that ran out. */
  readonly fuelUsed: number;
}

/** Carries a refusal out of the depth of the decoder; `prepareFunction` turns it into a value, nobody else sees it. */
export class ModuleFault extends Error {
  readonly refusal: ModuleRefusal;

  constructor(code: ModuleRefusalCode, message: string, offset: number | null) {
    super(message);
    this.refusal = { code, message, offset };
  }
}
