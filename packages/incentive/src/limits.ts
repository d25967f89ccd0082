/**
 * Limits of version 1 of the contract. They decide what is refused, so they are part of it: two machines with other limits
 * would pay others. All lie far below what engines themselves allow, so that no engine's own limit is ever met first.
 */
export const MODULE_BYTES_MAX = 262_144;
export const TYPES_MAX = 1024;
export const PARAMETERS_MAX = 64;
export const FUNCTIONS_MAX = 4096;
/** Of one function, parameters not counted. */
export const LOCALS_MAX = 1024;
export const GLOBALS_MAX = 1024;
export const EXPORTS_MAX = 256;
export const SEGMENTS_MAX = 1024;
export const TABLE_ENTRIES_MAX = 4096;
/** Labels of one `br_table`, the default not counted. */
export const BRANCH_TARGETS_MAX = 4096;
/** Blocks within blocks. */
export const NESTING_MAX = 1024;

export const PAGE_BYTES = 65_536;
/** 16 MiB: the largest network's weights, 4 MiB, and room to work. */
export const MEMORY_PAGES_MAX = 256;
/**
 * Depth of calls, in values: every frame counts its parameters, locals, highest operand stack and `FRAME_UNITS`. At eight
 * bytes a value that is 128 KiB, of the 984 KiB that V8 gives a thread: an engine's own overflow, whose place depends on
 * compiler and machine, is not reached.
 */
export const STACK_UNITS_MAX = 16_384;
export const FRAME_UNITS = 16;
/** Of one function: an engine takes the whole frame before the first check of the function's own runs. */
export const FRAME_UNITS_MAX = 2048;

export const NEURONS_MAX = 4096;
/** Entries of all rows together: 64 validators that weigh 4096 neurons. */
export const WEIGHTS_MAX = 262_144;
export const STATE_BYTES_MAX = 65_536;

/**
 * What a policy may grant all runs of an epoch together, one a mechanism, and what a run gets when the policy does not say.
 * See the README for what a unit costs.
 */
export const FUEL_MAX = 100_000_000;
export const FUEL_DEFAULT = 20_000_000;
