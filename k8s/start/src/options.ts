import { parseArgs } from 'node:util';

export interface Options {
  readonly command: 'start' | 'stop' | 'status';
  readonly json: boolean;
  readonly help: boolean;
  readonly purge: boolean;
  /** A cluster of the user's, by the name of a kubeconfig context; undefined: the local one. */
  readonly context: string | undefined;
  /** Where its images come from. */
  readonly registry: string | undefined;
}

export const USAGE = `Usage: npm start [-- options]     bring up a market and show it at work
       npm stop [-- --purge]       remove it, its volumes and .local
       npm run status [-- --json]  say what runs
       npm run dev [-- --help]     the market as processes, without Kubernetes

Options of npm start:
  --json               print one JSON object on the last line; progress goes to stderr
  --context NAME       use this context of your kubeconfig instead of the local cluster
  --registry REGISTRY  with --context: where the images are (push them with: npm run images -- --registry REGISTRY --push)
  --help               this text

Options of npm stop:
  --purge              also remove the caches (compiled Kubernetes, images): the next start takes long again
`;

/** A command line that cannot be followed; the message says what to change. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Reads the arguments after the script's name. @throws UsageError */
export function readOptions(argv: readonly string[]): Options {
  const { values, positionals } = parse(argv);
  const [command = 'start', ...rest] = positionals;
  if (command !== 'start' && command !== 'stop' && command !== 'status')
    throw new UsageError(`unknown command ${command}\n\n${USAGE}`);
  if (rest.length > 0) throw new UsageError(`unexpected argument ${rest[0]}\n\n${USAGE}`);
  if ((values.context === undefined) !== (values.registry === undefined)) {
    throw new UsageError(
      '--context and --registry go together: a cluster of yours has to pull the images from somewhere',
    );
  }
  return {
    command,
    json: values.json === true,
    help: values.help === true,
    purge: values.purge === true,
    context: values.context,
    registry: values.registry,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        purge: { type: 'boolean' },
        context: { type: 'string' },
        registry: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}
