import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { credentials } from '@grpc/grpc-js';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { createRpcClient, type RpcClient } from '@subnetes/proto/grpc-client';
import { programEnvironment } from '@subnetes/testkit/program-environment';

const MAIN = path.join(import.meta.dirname, '../src/main.ts');

export interface LedgerProcess extends AsyncDisposable {
  readonly client: RpcClient<typeof Ledger>;
  readonly grpcPort: number;
  readonly healthUrl: string;
  readonly child: ChildProcess;
  /** Lines of its log so far. */
  readonly lines: readonly string[];
  /** Exit code and the line that says why, once it has ended by itself and all that it printed has been read. */
  readonly ended: Promise<{ readonly code: unknown; readonly why: string | undefined }>;
  /** Whether it is the one that writes. */
  writes(): Promise<boolean>;
  /** Ends it as a crash does, and waits until it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface LedgerProcessOptions {
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly genesis: unknown;
  readonly environment?: Readonly<Record<string, string>>;
  /** Command that runs the program, with the program's own command behind it. */
  readonly through?: readonly string[];
  /** Program of another version; without it, this one's. */
  readonly main?: string;
}

/** Starts the real service and waits until it writes or stands by. @throws Error with its output if it ends before. */
export async function startLedger(options: LedgerProcessOptions): Promise<LedgerProcess> {
  const folder = await mkdtemp(path.join(tmpdir(), 'subnetes-ledger-'));
  const genesisFile = path.join(folder, 'genesis.json');
  await writeFile(genesisFile, JSON.stringify(options.genesis));
  const program = [process.execPath, options.main ?? MAIN];
  const [command = '', ...args] = options.through === undefined ? program : [...options.through, ...program];
  const child = spawn(command, args, {
    env: {
      ...programEnvironment(),
      DATABASE_URL: options.databaseUrl,
      NATS_URL: options.natsUrl,
      GENESIS_FILE: genesisFile,
      INSECURE_MODE: 'loopback',
      GRPC_PORT: '0',
      HEALTH_PORT: '0',
      AUDIT_INTERVAL: '200ms',
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { lines, ready, ended } = follow(child);
  const exited = once(child, 'exit');
  exited.catch(() => {}); // awaited in kill
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };
  try {
    const { grpcPort, healthPort } = await ready;
    const address = `127.0.0.1:${grpcPort}`;
    const client = createRpcClient(Ledger, { address, credentials: credentials.createInsecure() });
    const healthUrl = `http://127.0.0.1:${healthPort}`;
    return {
      client,
      grpcPort,
      healthUrl,
      child,
      lines,
      ended,
      kill,
      writes: async () => /^subnetes_ledger_writer 1$/m.test(await (await fetch(`${healthUrl}/metrics`)).text()),
      async [Symbol.asyncDispose]() {
        client[Symbol.dispose]();
        await kill('SIGTERM');
        await rm(folder, { recursive: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true });
    throw error;
  }
}

/** Reads what the process prints, until it has ended. */
function follow(child: ChildProcess) {
  const lines: string[] = [];
  const ready = Promise.withResolvers<{ grpcPort: number; healthPort: number }>();
  for (const input of [child.stdout, child.stderr]) {
    if (input === null) throw new Error('the output of the process is not piped');
    createInterface({ input }).on('line', (line) => {
      lines.push(line);
      const parsed = jsonOf(line);
      if (parsed['msg'] === 'ledger is ready' || parsed['msg'] === 'ledger stands by') {
        ready.resolve({ grpcPort: Number(parsed['grpcPort']), healthPort: Number(parsed['healthPort']) });
      }
    });
  }
  const ended = once(child, 'close').then(([code]: unknown[]) => {
    ready.reject(new Error(`the ledger ended with ${String(code)}:\n${lines.join('\n')}`));
    return { code, why: lines.find((line) => jsonOf(line)['level'] === 'fatal') };
  });
  return { lines, ready: ready.promise, ended };
}

function jsonOf(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {}; // a line of Node itself
  }
}

/** Waits until the probe answers something; fails after a while, with what it last said. */
export async function eventually<T>(probe: () => Promise<T | undefined>, what: string): Promise<T> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`it never came that ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
