import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { usageFailure } from './failure.ts';

/** Where the services are and with which certificate they are called. Addresses are host:port, files absolute. */
export interface Endpoints {
  readonly ledger: string | undefined;
  readonly scoring: string | undefined;
  readonly billing: string | undefined;
  /** Base URL of the serving gateway. */
  readonly gateway: string | undefined;
  /** Absent: plain text, for services run as processes. */
  readonly tls: { readonly caFile: string; readonly certFile: string; readonly keyFile: string } | undefined;
  /** Where this was read, for messages. */
  readonly source: string;
}

const HOST_PORT = /^[^\s:/]+:\d{1,5}$/;
const address = z.string().regex(HOST_PORT, 'must be host:port').optional();
const file = z.string().min(1).optional();

const endpointsFile = z.object({
  ledger: address,
  scoring: address,
  billing: address,
  gateway: z.url().optional(),
  caFile: file,
  certFile: file,
  keyFile: file,
});

/** Address flags of the command line, which stand before the environment and the file. */
export type EndpointFlags = Partial<Record<'ledger' | 'scoring' | 'billing' | 'gateway', string>>;

const ENVIRONMENT = {
  ledger: 'SUBNETES_LEDGER',
  scoring: 'SUBNETES_SCORING',
  billing: 'SUBNETES_BILLING',
  gateway: 'SUBNETES_GATEWAY',
  caFile: 'SUBNETES_CA_FILE',
  certFile: 'SUBNETES_CERT_FILE',
  keyFile: 'SUBNETES_KEY_FILE',
} as const;

/** File that `npm start` writes beside the checkout's other local state. */
const LOCAL_FILE = '.local/endpoints.json';

/** Endpoints by flags, then environment, then the file of the local cluster; undefined when none names a ledger. */
export function readEndpoints(options: {
  flags: EndpointFlags;
  env: NodeJS.ProcessEnv;
  cwd: string;
}): Endpoints | undefined {
  const local = findUpwards(options.cwd, LOCAL_FILE);
  const fromFile =
    local === undefined ? {} : resolved(parsed(readFileSync(local, 'utf8'), local), dirname(dirname(local)));
  const fromEnv = Object.fromEntries(
    Object.entries(ENVIRONMENT).flatMap(([key, name]) =>
      options.env[name] === undefined ? [] : [[key, options.env[name]]],
    ),
  );
  const named = parsed(JSON.stringify({ ...fromEnv, ...options.flags }), 'the flags and SUBNETES_… variables');
  // Addresses given by hand bring their own certificates, or none: those of the local cluster fit nothing else.
  const isByHand = named.ledger !== undefined || named.scoring !== undefined;
  const all = isByHand ? resolved(named, options.cwd) : { ...fromFile, ...resolved(named, options.cwd) };
  if (all.ledger === undefined && all.scoring === undefined) return undefined;
  return {
    ...addresses(all),
    tls: tlsOf(all),
    source: isByHand || local === undefined ? 'flags and environment' : local,
  };
}

type Named = z.infer<typeof endpointsFile>;

function parsed(text: string, source: string): Named {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw usageFailure(`${source} is not JSON`, 'run npm start again, it writes the file anew');
  }
  const result = endpointsFile.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw usageFailure(
    `${source}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is wrong'}`,
    'an address is host:port, for example 127.0.0.1:19443',
  );
}

function resolved(named: Named, base: string): Named {
  const at = (path: string | undefined) => (path === undefined ? undefined : resolve(base, path));
  const files = { caFile: at(named.caFile), certFile: at(named.certFile), keyFile: at(named.keyFile) };
  return { ...named, ...Object.fromEntries(Object.entries(files).filter(([, path]) => path !== undefined)) };
}

function addresses(all: Named): Omit<Endpoints, 'tls' | 'source'> {
  return {
    ledger: all.ledger,
    scoring: all.scoring,
    billing: all.billing,
    gateway: all.gateway,
  };
}

function tlsOf({ caFile, certFile, keyFile }: Named): Endpoints['tls'] {
  if (caFile === undefined && certFile === undefined && keyFile === undefined) return undefined;
  if (caFile === undefined || certFile === undefined || keyFile === undefined) {
    throw usageFailure(
      'TLS needs all three files',
      'set SUBNETES_CA_FILE, SUBNETES_CERT_FILE and SUBNETES_KEY_FILE, or none of them',
    );
  }
  return { caFile, certFile, keyFile };
}

function findUpwards(from: string, path: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, path))) return join(folder, path);
    if (folder === dirname(folder)) return undefined;
  }
}
