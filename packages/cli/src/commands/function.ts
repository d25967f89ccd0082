import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FUEL_MAX } from '@subnetes/incentive/limits';
import { type IncentiveFunction, prepareFunction } from '@subnetes/incentive/prepare-function';
import type { ModuleRefusal } from '@subnetes/incentive/refusal';
import type { CommandContext } from '../command-context.ts';
import { checkFailed, print } from '../command-context.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { type Trial, tryFunction } from '../function-trial.ts';
import { factLines, tableLines } from '../table.ts';

const GUIDE = 'docs/guides/incentive-functions.md says what to do about each code';

export interface FunctionQuestion {
  readonly file: string;
  readonly fuel: number;
  readonly passWeights: boolean;
}

/** `subnetes function check`: whether a module may run as an incentive function, and what it does to made-up networks. */
export async function checkFunction(context: CommandContext, question: FunctionQuestion): Promise<void> {
  if (question.fuel < 1 || question.fuel > FUEL_MAX) throw usageFailure(`--fuel is from 1 to ${FUEL_MAX}`);
  const bytes = readModule(question.file);
  const digest = sha256(bytes);
  const prepared = prepareFunction(bytes, (content) => createHash('sha256').update(content).digest());
  if ('refusal' in prepared) {
    const { refusal } = prepared;
    print(context, { value: { digest, bytes: bytes.length, refusal }, lines: refusedLines(digest, refusal) });
    throw checkFailed(refusal.code, `${question.file} may not run`, GUIDE);
  }
  const trials = tryFunction(prepared.function, question);
  const { exports, meteredBytes, memoryPagesMax } = prepared.function;
  print(context, {
    value: { digest, bytes: bytes.length, meteredBytes, memoryPagesMax, exports, trials },
    lines: [...functionLines(prepared.function), '', ...trialLines(trials)],
  });
  const refused = trials.find(({ refusal }) => refusal !== null);
  if (refused?.refusal) {
    const { code, message } = refused.refusal;
    throw checkFailed(code, `with ${refused.neurons} neurons: ${message}`, GUIDE);
  }
}

function readModule(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Failure({
      code: 'FUNCTION_FILE',
      message: `${file} cannot be read`,
      exitCode: EXIT.noPermission,
      cause,
    });
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function refusedLines(digest: string, { code, message, offset }: ModuleRefusal): string[] {
  const place = offset === null ? [] : [['at byte', String(offset)] as const];
  return factLines([['digest', digest], ['refused', code], ['because', message], ...place]);
}

function functionLines({ digest, bytes, meteredBytes, exports, memoryPagesMax }: IncentiveFunction): string[] {
  return factLines([
    ['digest', digest],
    ['size', `${bytes} bytes, ${meteredBytes} with meters`],
    ['memory', `at most ${memoryPagesMax * 64} KiB`],
    ['exports', exports.join(', ')],
  ]);
}

function trialLines(trials: readonly Trial[]): string[] {
  const percent = (ppm: number): string => `${(ppm / 10_000).toFixed(2)} %`;
  return tableLines(
    [
      { head: 'NEURONS', align: 'right' },
      { head: 'FUEL', align: 'right' },
      { head: 'STATE', align: 'right' },
      { head: 'TOP BEFORE', align: 'right' },
      { head: 'TOP AFTER', align: 'right' },
      { head: 'RESULT' },
    ],
    trials.map(({ neurons, fuelUsed, stateBytes, topPpm, refusal }) => [
      String(neurons),
      String(fuelUsed),
      String(stateBytes),
      topPpm === null ? '-' : percent(topPpm.before),
      topPpm === null ? '-' : percent(topPpm.after),
      refusal === null ? 'shares' : refusal.code,
    ]),
  );
}
