import { parseArgs } from 'node:util';
import { down, status, up } from '#cluster.ts';
import { parseForward } from '#forward-target.ts';
import type { OnProgress } from '#progress.ts';

const USAGE = `Usage: node k8s/local/src/cluster-cli.ts up|down|status [options]

  --name NAME             cluster (default: subnetes)
  --api-port PORT         port of the API server on 127.0.0.1 (default: 16443)
  --forward PORT=TARGET   also serve 127.0.0.1:PORT; TARGET is NAMESPACE/SERVICE:PORT or ADDRESS:PORT; may be repeated
  --no-fsync              let etcd lose its last writes in a crash of the machine (tests)
  --json                  print the result as one JSON object
`;

/** Prints one line for each step that ends. */
const printLine: OnProgress = (event) => {
  if (event.state === 'done') console.error(`${event.step}: ${((event.durationMs ?? 0) / 1000).toFixed(1)} s`);
  if (event.state === 'failed') console.error(`${event.step}: failed: ${event.detail ?? ''}`);
};

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      'api-port': { type: 'string' },
      forward: { type: 'string', multiple: true },
      'no-fsync': { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  const named = values.name === undefined ? {} : { name: values.name };
  const stop = new AbortController();
  process.on('SIGINT', () => stop.abort(new Error('interrupted; "down" removes what was started')));
  const command = positionals[0];
  if (command === 'up') {
    await up({
      ...named,
      ...(values['api-port'] === undefined ? {} : { apiHostPort: Number(values['api-port']) }),
      ...(values.forward === undefined ? {} : { forwards: values.forward.map(parseForward) }),
      etcdFsync: values['no-fsync'] !== true,
      onProgress: printLine,
      signal: stop.signal,
    });
  } else if (command === 'down') {
    await down({ ...named, onProgress: printLine });
  } else if (command !== 'status') {
    console.error(USAGE);
    return 64;
  }
  const now = await status(named);
  if (values.json === true) console.log(JSON.stringify(now));
  else
    console.log(
      `${now.name}: ${now.state} (${now.detail})${now.state === 'running' ? `\nexport KUBECONFIG=${now.kubeconfig}` : ''}`,
    );
  return 0;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});
