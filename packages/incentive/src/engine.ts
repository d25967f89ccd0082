/** The part of the engine that is used here: Node's types leave it out, and browsers' are not loaded. */
interface Engine {
  readonly validate: (bytes: Uint8Array<ArrayBuffer>) => boolean;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => CompiledModule;
  readonly Instance: new (module: CompiledModule) => { readonly exports: unknown };
  readonly RuntimeError: new () => Error;
}

declare const WebAssembly: Engine;

/** Code that an engine has taken in; opaque. */
export type CompiledModule = object & { readonly __compiled?: never };

/** Exports of a metered module; which they are `instrument-module.ts` says. */
export interface MeteredExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly fuel: { value: bigint };
  readonly stack: { value: number };
  readonly 'refused-growth': { value: number };
  readonly 'host-shortage': { value: number };
  start?(): void;
  abi_version(): number;
  allocate(bytes: number): number;
  incentives(address: number, bytes: number): number;
}

export function isValidModule(bytes: Uint8Array<ArrayBuffer>): boolean {
  return WebAssembly.validate(bytes);
}

/** Throws what the engine throws: after validation that is a shortage of the machine. */
export function compileModule(bytes: Uint8Array<ArrayBuffer>): CompiledModule {
  return new WebAssembly.Module(bytes);
}

/** A new instance with its own memory, all of it as the module has it. Throws RangeError when there is no memory for it. */
export function instantiateMetered(module: CompiledModule): MeteredExports {
  return new WebAssembly.Instance(module).exports as MeteredExports;
}

/** Whether the module trapped. An engine's own overflow of the stack is a RangeError, or InternalError, and no trap. */
export function isTrap(error: unknown): boolean {
  return error instanceof WebAssembly.RuntimeError;
}
