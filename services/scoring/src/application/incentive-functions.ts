import type { EpochInput, EpochOutput } from '@subnetes/consensus/epoch-types';
import type { ModuleRefusal } from '@subnetes/incentive/refusal';
import type { ScorableInputs } from '#domain/epoch-inputs.ts';
import {
  type FunctionAnswer,
  type FunctionAnswers,
  type FunctionCall,
  functionCalls,
  NO_ANSWERS,
} from '#domain/function-calls.ts';

/** What became of a publication. Bytes are all that the subnet has published, with this one where it was kept. */
export interface Publication {
  readonly kind: 'published' | 'repeated' | 'over-quota';
  readonly bytesPublished: number;
}

/** Modules by the hex sha256 of their bytes, kept for ever. Outages surface as the adapter's typed error. */
export interface FunctionStore {
  /** Undefined where nobody published it, or where what is stored is not what its name says. */
  module(sha256: string): Promise<Uint8Array | undefined>;
  has(sha256: string): Promise<boolean>;
  /** Keeps a module on a subnet's quota; a subnet that published it before changes nothing. */
  publish(
    netuid: number,
    module: { readonly sha256: string; readonly bytes: Uint8Array },
    quota: { readonly bytes: number; readonly modules: number },
  ): Promise<Publication>;
}

/** Runs functions beside the thread that scores. Outages (a machine short of memory, a thread that died) are typed. */
export interface FunctionRunner {
  /** Why bytes are no function; undefined where they are one. */
  check(module: Uint8Array): Promise<ModuleRefusal | undefined>;
  /** One answer a call, in their order. */
  run(module: Uint8Array, calls: readonly FunctionCall[]): Promise<readonly FunctionAnswer[]>;
}

/** Asks an epoch's function what it has to be asked, on inputs that name it. Without a module nothing may have to be asked. */
export async function askFunctions(
  runner: Pick<FunctionRunner, 'run'>,
  epoch: {
    readonly inputs: ScorableInputs;
    readonly inputsSha256: string;
    readonly run: (input: EpochInput) => EpochOutput;
  },
  module: Uint8Array | undefined,
): Promise<FunctionAnswers> {
  if (module === undefined) return NO_ANSWERS;
  const calls = functionCalls(epoch.inputs, epoch);
  if (calls.length === 0) return NO_ANSWERS;
  const answers = await runner.run(module, calls);
  return new Map(
    calls.map(({ mechanismId }, at) => {
      const answer = answers[at];
      if (answer === undefined) throw new Error(`${calls.length} calls of a function, ${answers.length} answers`);
      return [mechanismId, answer] as const;
    }),
  );
}
