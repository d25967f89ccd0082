import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import type { RpcClient, RpcClientOptions } from '@subnetes/proto/grpc-client';
import { Billing } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import { Keys } from '@subnetes/proto/gen/subnetes/billing/v1/keys_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { ClusterTools } from './kubectl.ts';
import { type HostPorts, PORTS, SYSTEM_NAMESPACE } from './market.ts';

/** Where the command line finds a market on loopback: `.local/endpoints.json`. Paths are absolute. */
export interface Endpoints {
  readonly ledger: string;
  readonly scoring: string;
  readonly billing: string;
  readonly gateway: string;
  readonly inference: string;
  readonly invoices: string;
  readonly console: string;
  readonly prometheus: string;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export type ServiceAddresses = Pick<Endpoints, 'ledger' | 'scoring' | 'billing'>;

const CLIENT_SECRET = 'subnetes-cli-tls';

/** What every market has on loopback, on a cluster or as plain processes. */
export function marketEndpoints(ports: Omit<HostPorts, 'prometheus'>) {
  const at = (port: number): string => `127.0.0.1:${port}`;
  return {
    ledger: at(ports.ledger),
    scoring: at(ports.scoring),
    billing: at(ports.billing),
    gateway: `http://${at(ports.gateway)}`,
    inference: at(ports.inference),
    invoices: `http://${at(ports.invoices)}`,
    console: `http://${at(ports.console)}`,
  };
}

export function loopbackEndpoints(localDir: string, ports: HostPorts = PORTS): Endpoints {
  return {
    ...marketEndpoints(ports),
    prometheus: `http://127.0.0.1:${ports.prometheus}`,
    caFile: path.join(localDir, 'ca.crt'),
    certFile: path.join(localDir, 'client.crt'),
    keyFile: path.join(localDir, 'client.key'),
  };
}

/** Fetches the command line's certificate from the cluster, and writes it and the endpoints below `.local`. */
export async function writeEndpoints(
  tools: ClusterTools,
  localDir: string,
  ports: HostPorts = PORTS,
): Promise<Endpoints> {
  const endpoints = loopbackEndpoints(localDir, ports);
  const secret = JSON.parse(
    await tools.kubectl(['-n', SYSTEM_NAMESPACE, 'get', 'secret', CLIENT_SECRET, '-o', 'json']),
  ) as {
    data: Record<string, string>;
  };
  await mkdir(localDir, { recursive: true });
  for (const [key, file] of [
    ['ca.crt', endpoints.caFile],
    ['tls.crt', endpoints.certFile],
    ['tls.key', endpoints.keyFile],
  ] as const) {
    await writeFile(file, Buffer.from(secret.data[key] ?? '', 'base64'), { mode: 0o600 });
  }
  await writeFile(path.join(localDir, 'endpoints.json'), `${JSON.stringify(endpoints, undefined, 2)}\n`, {
    mode: 0o600,
  });
  return endpoints;
}

export interface ServiceClients extends Disposable {
  readonly ledger: RpcClient<typeof Ledger>;
  readonly scoring: RpcClient<typeof Scoring>;
  readonly billing: RpcClient<typeof Billing>;
  /** Billing's service for API keys. */
  readonly keys: RpcClient<typeof Keys>;
}

/** Clients of a market's services with the command line's certificate. */
export async function openServices(endpoints: Endpoints): Promise<ServiceClients> {
  const [ca, cert, key] = await Promise.all(
    [endpoints.caFile, endpoints.certFile, endpoints.keyFile].map((file) => readFile(file)),
  );
  if (ca === undefined || cert === undefined || key === undefined)
    throw new Error('unreachable: three files were read');
  // Certificates name the parts and localhost; the address dialled is a number.
  const channelOptions = { 'grpc.ssl_target_name_override': 'localhost', 'grpc.default_authority': 'localhost' };
  return clientsOf(endpoints, { credentials: credentials.createSsl(ca, key, cert), channelOptions });
}

/** Clients of a market whose services run in plain text on loopback. */
export function openPlainServices(endpoints: ServiceAddresses): ServiceClients {
  return clientsOf(endpoints, { credentials: credentials.createInsecure() });
}

function clientsOf(endpoints: ServiceAddresses, shared: Omit<RpcClientOptions, 'address'>): ServiceClients {
  const clients = {
    ledger: createRpcClient(Ledger, { ...shared, address: endpoints.ledger }),
    scoring: createRpcClient(Scoring, { ...shared, address: endpoints.scoring }),
    billing: createRpcClient(Billing, { ...shared, address: endpoints.billing }),
    keys: createRpcClient(Keys, { ...shared, address: endpoints.billing }),
  };
  return {
    ...clients,
    [Symbol.dispose]() {
      for (const client of Object.values(clients)) client[Symbol.dispose]();
    },
  };
}
