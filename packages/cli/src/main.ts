import { CommanderError } from 'commander';
import { commandContext, jsonLine } from './command-context.ts';
import { EXIT, Failure } from './failure.ts';
import { terminalIo, type Io } from './io.ts';
import { failureOf } from './market.ts';
import { buildProgram, isHelp } from './program.ts';

/** Surroundings of a run; the process' own if not given. */
export interface Surroundings {
  readonly io: Io;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly now: () => number;
}

/** Runs one command line and gives the exit code. Results go to stdout, everything else to stderr. */
export async function main(
  args: readonly string[],
  surroundings: Surroundings = processSurroundings(),
): Promise<number> {
  const { io } = surroundings;
  const program = buildProgram(
    async (options, command) => {
      const context = commandContext({ ...surroundings, options });
      await using market = context.market;
      await command(context).catch((error: unknown) => {
        throw failureOf(error, market.source);
      });
    },
    { out: (text) => io.out(text.trimEnd()), err: (text) => io.err(text.trimEnd()) },
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return EXIT.done;
  } catch (error) {
    if (isHelp(error)) return EXIT.done;
    if (error instanceof CommanderError) return EXIT.usage; // commander has told what is wrong
    return tell(io, error, args.includes('--json'));
  }
}

function tell(io: Io, error: unknown, asJson: boolean): number {
  if (!(error instanceof Failure)) {
    io.err(`subnetes has a bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return EXIT.bug;
  }
  if (asJson) io.err(jsonLine({ error: { code: error.code, message: error.message, remedy: error.remedy ?? null } }));
  else {
    io.err(`✘ ${error.message} (${error.code})`);
    if (error.remedy !== undefined) io.err(`  → ${error.remedy}`);
  }
  return error.exitCode;
}

function processSurroundings(): Surroundings {
  return { io: terminalIo(), env: process.env, cwd: process.cwd(), now: Date.now };
}
