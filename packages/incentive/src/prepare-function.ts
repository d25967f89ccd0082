import { contractFunctions } from './contract.ts';
import { decodeModule } from './decode-module.ts';
import { type CompiledModule, compileModule, isValidModule } from './engine.ts';
import { instrumentModule } from './instrument-module.ts';
import { MODULE_BYTES_MAX } from './limits.ts';
import { ModuleFault, type ModuleRefusal } from './refusal.ts';
import { hexOf, type Sha256 } from './sha256.ts';

/** A module that passed every check, metered and compiled. */
export interface IncentiveFunction {
  /** sha256 of the bytes as they were given, hex: the function's name. */
  readonly digest: string;
  readonly bytes: number;
  readonly meteredBytes: number;
  /** Names of all exports, also those that nobody calls. */
  readonly exports: readonly string[];
  readonly memoryPagesMax: number;
  readonly compiled: CompiledModule;
}

export type Prepared = { readonly function: IncentiveFunction } | { readonly refusal: ModuleRefusal };

/**
 * Checks a module, puts meters in and compiles it. What is refused depends on the bytes alone, never on the engine: its own
 * opinion is asked for types, on which all engines agree, once nothing is left that only some know.
 */
export function prepareFunction(given: Uint8Array, sha256: Sha256): Prepared {
  try {
    return { function: prepared(given, sha256) };
  } catch (error) {
    if (error instanceof ModuleFault) return { refusal: error.refusal };
    throw error;
  }
}

function prepared(given: Uint8Array, sha256: Sha256): IncentiveFunction {
  if (given.length > MODULE_BYTES_MAX) {
    throw new ModuleFault('MODULE_TOO_LARGE', `${given.length} bytes, ${MODULE_BYTES_MAX} at most`, null);
  }
  const bytes = Uint8Array.from(given); // the caller's may change while they are in use
  const module = decodeModule(bytes);
  if (!isValidModule(bytes)) throw new ModuleFault('MODULE_INVALID', 'its code is not well typed', null);
  const metered = instrumentModule(module, contractFunctions(module));
  if (!isValidModule(metered)) throw new Error(`metering made an invalid module of ${hexOf(sha256(bytes))}`);
  return {
    digest: hexOf(sha256(bytes)),
    bytes: bytes.length,
    meteredBytes: metered.length,
    exports: module.exports.map(({ name }) => name),
    memoryPagesMax: module.memory.max,
    compiled: compileModule(metered),
  };
}
