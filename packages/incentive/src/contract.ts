import type { DecodedModule } from './decode-module.ts';
import type { Signature } from './module-sections.ts';
import { ModuleFault } from './refusal.ts';
import type { ValueType } from './value-types.ts';

/** Version of the contract: what a module exports, and how input and output lie in its memory. */
export const ABI_VERSION = 1;

export const MEMORY_EXPORT = 'memory';

/** Functions of the contract by their names in a module. */
export const CONTRACT_FUNCTIONS = {
  /** () → version of the contract that the module was written for. */
  abi_version: { parameters: [], result: 'i32' },
  /** (bytes) → address, divisible by 8, where so many bytes of input are put. */
  allocate: { parameters: ['i32'], result: 'i32' },
  /** (address, bytes of the input) → address of the output, divisible by 8, or 0 to leave incentives as they are. */
  incentives: { parameters: ['i32', 'i32'], result: 'i32' },
} as const satisfies Readonly<Record<string, Signature>>;

export type ContractFunction = keyof typeof CONTRACT_FUNCTIONS;
export const CONTRACT_NAMES = Object.keys(CONTRACT_FUNCTIONS) as readonly ContractFunction[];

/** By name of the contract: the index of the function. Throws `ModuleFault` on what is missing or of another form. */
export function contractFunctions(module: DecodedModule): Readonly<Record<ContractFunction, number>> {
  const memory = module.exports.find(({ name }) => name === MEMORY_EXPORT);
  if (memory?.kind !== 'memory') throw missing(`no memory is exported as ${MEMORY_EXPORT}`, memory?.offset);
  const indexOf = (name: ContractFunction): number => {
    const wanted: Signature = CONTRACT_FUNCTIONS[name];
    const found = module.exports.find((entry) => entry.name === name);
    const text = `${name}(${wanted.parameters.join(', ')}) → ${wanted.result ?? 'nothing'}`;
    if (found?.kind !== 'function') throw missing(`no function is exported as ${text}`, found?.offset);
    const actual = module.types[module.functionTypes[found.index] ?? -1];
    if (actual === undefined || !isSame(actual, wanted)) throw missing(`another signature than ${text}`, found.offset);
    return found.index;
  };
  return {
    abi_version: indexOf('abi_version'),
    allocate: indexOf('allocate'),
    incentives: indexOf('incentives'),
  };
}

function missing(message: string, offset: number | undefined): ModuleFault {
  return new ModuleFault('MODULE_EXPORTS', message, offset ?? null);
}

function isSame(left: Signature, right: Signature): boolean {
  const listOf = ({ parameters, result }: Signature): (ValueType | null)[] => [...parameters, result];
  return listOf(left).join() === listOf(right).join();
}
