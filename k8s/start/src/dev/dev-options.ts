import { parseArgs } from 'node:util';
import { UsageError } from '../options.ts';

export interface DevOptions {
  readonly help: boolean;
  /** Forget what an earlier run left. */
  readonly fresh: boolean;
  /** Restart a part when a file that it imports changes. */
  readonly watch: boolean;
  /** Show all log lines on the terminal, too. */
  readonly logs: boolean;
  /** Undefined: `.local/dev`. */
  readonly dir: string | undefined;
  readonly portBase: number;
  /** Milliseconds; undefined: as the kept market has it, a new one 500. */
  readonly blockTimeMs: number | undefined;
}

export const DEV_USAGE = `Usage: npm run dev [-- options]   the services and the sample market as processes of this machine

  --fresh              start over: forget money, epochs and keys of earlier runs
  --watch              restart a part when a file that it imports changes
  --logs               show every log line on the terminal, too (prefixed; they are in .local/dev/logs anyway)
  --dir FOLDER         keep data there instead of .local/dev
  --port-base NUMBER   ports from here on, default 20000 (two hundred are set aside)
  --block-time MS      milliseconds of a block, default 500; only for a new market
  --help               this text
`;

export const PORTS_SET_ASIDE = 200;
const PORT_BASE = 20_000;

/** Reads the arguments after the script's name. @throws UsageError */
export function readDevOptions(argv: readonly string[]): DevOptions {
  const values = parse(argv);
  return {
    help: values.help === true,
    fresh: values.fresh === true,
    watch: values.watch === true,
    logs: values.logs === true,
    dir: values.dir,
    portBase: wholeNumber('--port-base', values['port-base'], [1024, 65_536 - PORTS_SET_ASIDE]) ?? PORT_BASE,
    blockTimeMs: wholeNumber('--block-time', values['block-time'], [100, 60_000]),
  };
}

function wholeNumber(flag: string, text: string | undefined, [min, max]: readonly [number, number]) {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new UsageError(`${flag} ${text}: write a whole number from ${min} to ${max}`);
  return value;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      options: {
        fresh: { type: 'boolean' },
        watch: { type: 'boolean' },
        logs: { type: 'boolean' },
        dir: { type: 'string' },
        'port-base': { type: 'string' },
        'block-time': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${DEV_USAGE}`);
  }
}
