import { hexOf } from '#sha256.ts';
import { runIncentiveFunction } from '#run-function.ts';
import { prepareFunction } from '#prepare-function.ts';
import { EXAMPLE_NAMES, exampleBytes, inputOf, ONE, seededNumbers, sha256 } from './example-input.ts';
import { contractModule, op, sharingEqually } from './module-builder.ts';
import { randomProgram } from './random-program.ts';

const PROGRAMS = 300;
const FUEL = { fuel: 300_000 };

/** What became of a module, as text, so that two engines' reports can be compared. */
export interface ReportLine {
  readonly name: string;
  readonly digest: string;
  readonly ending: string;
  readonly fuelUsed: number;
  readonly incentive: readonly string[];
  readonly stateSha256: string;
}

/** The examples, bombs and random programs, each prepared and run once. The same on every engine. */
export function runReport(): ReportLine[] {
  return modules().map(([name, bytes]) => lineOf(name, bytes));
}

function modules(): (readonly [name: string, bytes: Uint8Array])[] {
  const bombs = {
    loop: [op.loop, op.br(0), op.end, op.unreachable],
    recursion: [op.get(0), op.get(1), op.call(2)],
    memory: [op.loop, op.i32(1), op.memoryGrow, op.i32(0), [0x4e], op.brIf(0), op.end, op.unreachable],
    fill: [op.loop, op.i32(0), op.i32(0), op.i32(65_536), op.memoryFill, op.br(0), op.end, op.unreachable],
    trap: [op.unreachable],
    float: [[0x43, 0, 0, 0, 0], op.drop, op.i32(0)],
    illTyped: [op.i64(1n)],
  };
  return [
    ...EXAMPLE_NAMES.map((name) => [name, exampleBytes(name)] as const),
    ['equal', contractModule(sharingEqually())],
    ...Object.entries(bombs).map(([name, code]) => [name, contractModule({ code })] as const),
    ...Array.from({ length: PROGRAMS }, (_, index) => {
      return [`random ${index}`, randomProgram(seededNumbers((index + 1) * 40_503))] as const;
    }),
  ];
}

function lineOf(name: string, bytes: Uint8Array): ReportLine {
  const nothing = { name, digest: hexOf(sha256(bytes)), fuelUsed: 0, incentive: [], stateSha256: '' };
  const prepared = prepareFunction(bytes, sha256);
  if ('refusal' in prepared) return { ...nothing, ending: prepared.refusal.code };
  const state = Uint8Array.from({ length: 48 }, (_, index) => (index * 37) % 256);
  const input = inputOf([ONE / 2n, ONE / 3n, ONE - ONE / 2n - ONE / 3n], { state });
  const result = runIncentiveFunction(prepared.function, input, FUEL);
  if ('refusal' in result) return { ...nothing, ending: result.refusal.code, fuelUsed: result.refusal.fuelUsed };
  return {
    ...nothing,
    ending: 'shares',
    fuelUsed: result.fuelUsed,
    incentive: result.incentive.map(String),
    stateSha256: hexOf(sha256(result.state)),
  };
}
