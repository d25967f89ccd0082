import { credentials } from '@grpc/grpc-js';
import { Governance } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { Calculators } from '@subnetes/proto/gen/subnetes/ledger/v1/calculators_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Pools } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import { Slashing } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { aborted } from '@subnetes/runtime/clock';
import { serveHealth } from '@subnetes/runtime/health';
import { runService } from '@subnetes/runtime/run-service';
import { grpcClientCredentials } from '@subnetes/runtime/tls';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { startTracing } from '@subnetes/telemetry/tracing';
import { makeMarket } from '#application/read-market.ts';
import { governanceReader } from '#adapters/governance-client.ts';
import { createHttpApp } from '#adapters/http-app.ts';
import { ledgerReader } from '#adapters/ledger-client.ts';
import { startLiveFeed } from '#adapters/live-feed.ts';
import { scoringReader } from '#adapters/scoring-client.ts';
import { slashReader } from '#adapters/slashing-client.ts';
import { readConfig } from './config.ts';

const VERSION = '0.1.0';

await runService('console', async (signal) => {
  const config = readConfig(process.env);
  const log = createLogger({ service: 'console', version: VERSION, level: config.logLevel });
  const metrics = createMetrics({ service: 'console', version: VERSION });
  await using teardown = new AsyncDisposableStack();
  teardown.use(await startTracing({ service: 'console', version: VERSION, ...config.tracing }));

  const channel = config.tls === undefined ? credentials.createInsecure() : grpcClientCredentials(config.tls);
  const ledgerAt = { address: config.ledgerAddress, credentials: channel };
  const ledger = teardown.use(createRpcClient(Ledger, ledgerAt));
  const calculators = teardown.use(createRpcClient(Calculators, ledgerAt));
  const pools = teardown.use(createRpcClient(Pools, { address: config.ledgerAddress, credentials: channel }));
  const scoring = teardown.use(createRpcClient(Scoring, { address: config.scoringAddress, credentials: channel }));
  const governance = teardown.use(createRpcClient(Governance, { address: config.ledgerAddress, credentials: channel }));
  const slashing = teardown.use(createRpcClient(Slashing, { address: config.ledgerAddress, credentials: channel }));
  const market = makeMarket({
    ledger: ledgerReader(ledger, pools, calculators),
    scoring: scoringReader(scoring),
    governance: governanceReader(governance),
    slashes: slashReader(slashing),
  });

  const onTrouble = (err: unknown): void =>
    log.warn({ err }, 'the market cannot be read; pages are told and it is tried again');
  const live = startLiveFeed({ market, onTrouble });
  const app = createHttpApp({ market, live, pageDir: config.pageDir, log, metrics });
  teardown.defer(() => app.close());
  teardown.use(live); // ends the streams that app.close would wait for
  const url = await app.listen(config.http);
  const health = teardown.use(
    await serveHealth({ port: config.healthPort, host: config.http.host, metrics, ready: () => true }),
  );

  log.info({ url, healthPort: health.port }, 'console is ready');
  await aborted(signal);
});
