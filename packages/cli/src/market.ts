import { readFileSync } from 'node:fs';
import { credentials, type ChannelCredentials } from '@grpc/grpc-js';
import { Billing } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import { Keys } from '@subnetes/proto/gen/subnetes/billing/v1/keys_pb';
import { Governance } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { Calculators } from '@subnetes/proto/gen/subnetes/ledger/v1/calculators_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Pools } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import { Mandates } from '@subnetes/proto/gen/subnetes/ledger/v1/mandates_pb';
import { Preview } from '@subnetes/proto/gen/subnetes/ledger/v1/preview_pb';
import { Root } from '@subnetes/proto/gen/subnetes/ledger/v1/root_pb';
import { Slashing } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { Lifecycle } from '@subnetes/proto/gen/subnetes/ledger/v1/lifecycle_pb';
import { Evidence } from '@subnetes/proto/gen/subnetes/scoring/v1/evidence_pb';
import { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { RpcService } from '@subnetes/proto/grpc-adapter';
import { createRpcClient, type RpcClient } from '@subnetes/proto/grpc-client';
import { isOutage, RpcError } from '@subnetes/proto/rpc-error';
import type { Endpoints } from './endpoints.ts';
import { EXIT, Failure, usageFailure } from './failure.ts';
import type { ServiceName, TlsFiles } from './service-address.ts';
import { openPortForwards, type PortForwards } from './port-forward.ts';

/** The services of one market; a connection is opened when a command first asks for it. */
export interface Market extends AsyncDisposable {
  ledger(): Promise<RpcClient<typeof Ledger>>;
  /** The ledger's service for tokens of subnets. */
  pools(): Promise<RpcClient<typeof Pools>>;
  /** The ledger's service of proposals, votes and grants. */
  governance(): Promise<RpcClient<typeof Governance>>;
  /** The ledger's service for mandates and keys. */
  mandates(): Promise<RpcClient<typeof Mandates>>;
  /** The ledger's service that tells what orders would do. */
  preview(): Promise<RpcClient<typeof Preview>>;
  /** The ledger's service for stake on root. */
  root(): Promise<RpcClient<typeof Root>>;
  /** The ledger's service for stake that leaves and for slashes. */
  slashing(): Promise<RpcClient<typeof Slashing>>;
  /** The ledger's service for lives of neurons and subnets. */
  lifecycle(): Promise<RpcClient<typeof Lifecycle>>;
  /** The ledger's service for projections. */
  calculators(): Promise<RpcClient<typeof Calculators>>;
  scoring(): Promise<RpcClient<typeof Scoring>>;
  /** Scoring's service for what it measured for slashes. */
  evidence(): Promise<RpcClient<typeof Evidence>>;
  billing(): Promise<RpcClient<typeof Billing>>;
  /** Billing's service for API keys. */
  keys(): Promise<RpcClient<typeof Keys>>;
  /** Base URL of the serving gateway, where it is known. */
  readonly gatewayUrl: string | undefined;
  /** Where the addresses come from, for messages. */
  readonly source: string;
}

/** Every certificate of the system names it, so that it holds behind any forwarder. */
const SERVER_NAME = 'localhost';
const DEADLINE_MS = 20_000;

/** The market at given addresses. */
export function marketAt(endpoints: Endpoints): Market {
  const channel = endpoints.tls === undefined ? credentials.createInsecure() : tlsCredentials(readTls(endpoints.tls));
  return openMarket({
    source: endpoints.source,
    gatewayUrl: endpoints.gateway,
    close: async () => undefined,
    async dial(service) {
      const address = endpoints[service];
      if (address === undefined) {
        throw usageFailure(
          `no address of ${service} is known`,
          `name it with --${service} HOST:PORT (others come from ${endpoints.source})`,
        );
      }
      return { address, channel };
    },
  });
}

/** The market of the cluster that kubectl points at, through `kubectl port-forward`. */
export function marketOfCluster(options: {
  namespace: string;
  context: string | undefined;
  env: NodeJS.ProcessEnv;
}): Market {
  const forwards: PortForwards = openPortForwards(options);
  return openMarket({
    source: `kubectl, namespace ${options.namespace}`,
    gatewayUrl: undefined,
    close: () => forwards.close(),
    async dial(service) {
      const [address, tls] = await Promise.all([forwards.forward(service), forwards.certificates()]);
      return { address, channel: tlsCredentials(tls) };
    },
  });
}

interface Dialling {
  readonly source: string;
  readonly gatewayUrl: string | undefined;
  readonly close: () => Promise<void>;
  readonly dial: (service: ServiceName) => Promise<{ address: string; channel: ChannelCredentials }>;
}

function openMarket({ source, gatewayUrl, close, dial }: Dialling): Market {
  const opened: Disposable[] = [];
  const lazily = <S extends RpcService>(service: S, name: ServiceName): (() => Promise<RpcClient<S>>) => {
    let client: Promise<RpcClient<S>> | undefined;
    const open = async (): Promise<RpcClient<S>> => {
      const { address, channel } = await dial(name);
      const made = createRpcClient(service, {
        address,
        credentials: channel,
        deadlineMs: DEADLINE_MS,
        channelOptions: { 'grpc.ssl_target_name_override': SERVER_NAME, 'grpc.default_authority': SERVER_NAME },
      });
      opened.push(made);
      return made;
    };
    return () => (client ??= open());
  };
  return {
    source,
    gatewayUrl,
    ledger: lazily(Ledger, 'ledger'),
    pools: lazily(Pools, 'ledger'),
    governance: lazily(Governance, 'ledger'),
    mandates: lazily(Mandates, 'ledger'),
    preview: lazily(Preview, 'ledger'),
    root: lazily(Root, 'ledger'),
    slashing: lazily(Slashing, 'ledger'),
    lifecycle: lazily(Lifecycle, 'ledger'),
    calculators: lazily(Calculators, 'ledger'),
    scoring: lazily(Scoring, 'scoring'),
    evidence: lazily(Evidence, 'scoring'),
    billing: lazily(Billing, 'billing'),
    keys: lazily(Keys, 'billing'),
    async [Symbol.asyncDispose]() {
      for (const client of opened) client[Symbol.dispose]();
      await close();
    },
  };
}

function readTls(files: NonNullable<Endpoints['tls']>): TlsFiles {
  const read = (path: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (cause) {
      throw new Failure({
        code: 'TLS_FILE',
        message: `${path} cannot be read`,
        exitCode: EXIT.noPermission,
        remedy: 'run npm start again, or set SUBNETES_CA_FILE, SUBNETES_CERT_FILE and SUBNETES_KEY_FILE',
        cause,
      });
    }
  };
  return { ca: read(files.caFile), cert: read(files.certFile), key: read(files.keyFile) };
}

function tlsCredentials({ ca, cert, key }: TlsFiles): ChannelCredentials {
  return credentials.createSsl(ca, key, cert);
}

/** What a failed call means to a person; anything that is no failed call is handed on. */
export function failureOf(error: unknown, source: string): unknown {
  if (!(error instanceof RpcError)) return error;
  if (isOutage(error)) {
    return new Failure({
      code: 'UNAVAILABLE',
      message: `the market does not answer (${error.message})`,
      exitCode: EXIT.unavailable,
      remedy: `addresses come from ${source}; is it running? npm run status`,
      cause: error,
    });
  }
  const code = error.reason === '' ? 'REFUSED' : error.reason;
  return new Failure({ code, message: error.message, exitCode: EXIT.refused, cause: error });
}
