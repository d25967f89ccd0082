import { catalogueMetrics } from '@subnetes/kube/catalogue-metrics';
import { inClusterConnection, kubeconfigConnection } from '@subnetes/kube/connection';
import { openTransport } from '@subnetes/kube/transport';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { Governance } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Lifecycle } from '@subnetes/proto/gen/subnetes/ledger/v1/lifecycle_pb';
import { Slashing } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { aborted } from '@subnetes/runtime/clock';
import { serveHealth } from '@subnetes/runtime/health';
import { runService } from '@subnetes/runtime/run-service';
import { grpcClientCredentials, grpcServerTrust } from '@subnetes/runtime/tls';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { startTracing } from '@subnetes/telemetry/tracing';
import packageJson from '../package.json' with { type: 'json' };
import { exportConditions } from './adapters/condition-metrics.ts';
import { governanceClient } from './adapters/governance-client.ts';
import { ledgerClient } from './adapters/ledger-client.ts';
import { openMarketStreams } from './adapters/market-streams.ts';
import { DISCOVERY_PATH, neuronDiscovery } from './adapters/neuron-discovery.ts';
import { scoringClient } from './adapters/scoring-client.ts';
import { startOperator } from './adapters/start-operator.ts';
import { trustFromFiles } from './adapters/trust-files.ts';
import { readConfig } from './config.ts';

const { version } = packageJson;
const nowMs = (): number => Date.now();
const random = Math.random;

await runService('operator', async (signal) => {
  const config = readConfig(process.env);
  const log = createLogger({ service: 'operator', version, level: config.logLevel });
  const metrics = createMetrics({ service: 'operator', version });
  await using teardown = new AsyncDisposableStack();
  const { otlpEndpoint } = config;
  const tracing = otlpEndpoint === undefined ? {} : { otlpEndpoint };
  teardown.use(await startTracing({ service: 'operator', version, ...tracing }));

  const { kubernetes } = config;
  const connection =
    kubernetes.kind === 'kubeconfig'
      ? await kubeconfigConnection(kubernetes.file)
      : await inClusterConnection({ ...kubernetes, nowMs });
  const counts = catalogueMetrics(metrics);
  const userAgent = `subnetes-operator/${version}`;
  const transport = teardown.use(openTransport({ connection, metrics: counts, random, userAgent }));
  const credentials = config.tls === undefined ? grpcServerTrust(undefined) : grpcClientCredentials(config.tls);
  const ledger = teardown.use(createRpcClient(Ledger, { address: config.ledgerUrl, credentials }));
  const governance = teardown.use(createRpcClient(Governance, { address: config.ledgerUrl, credentials }));
  const lifecycle = teardown.use(createRpcClient(Lifecycle, { address: config.ledgerUrl, credentials }));
  const slashing = teardown.use(createRpcClient(Slashing, { address: config.ledgerUrl, credentials }));
  const scoring = teardown.use(createRpcClient(Scoring, { address: config.scoringUrl, credentials }));

  let ready: true | string = 'caches are not filled yet';
  let targets = (): string => '[]'; // nobody is told so: pages are served once the process is ready
  const pages = { [DISCOVERY_PATH]: { contentType: 'application/json', text: () => targets() } };
  teardown.use(await serveHealth({ port: config.healthPort, metrics, ready: () => ready, pages }));
  const operator = teardown.use(
    await startOperator(
      {
        transport,
        ledger: ledgerClient({ client: ledger, lifecycle, slashing, nowMs }),
        scoring: scoringClient(scoring),
        proposals: governanceClient(governance),
        openMarket: (onChange) => openMarketStreams({ ledger, scoring, log, random, onChange }),
        settings: {
          pods: config.pods,
          system: { namespace: config.namespace },
          keyJobImage: config.keyJobImage,
          ledgerUrl: config.ledgerUrl,
          scoringUrl: config.scoringUrl,
          trust: trustFromFiles({ ...config, nowMs }),
        },
        metrics: counts,
        log,
        instance: config.podName,
        nowMs,
        random,
      },
      signal,
    ),
  );
  exportConditions(metrics, operator.informers);
  targets = neuronDiscovery(operator.informers, log);
  ready = true;
  log.info({ cluster: operator.clusterId }, 'operator is ready');
  await aborted(signal);
});
