import { credentials } from '@grpc/grpc-js';
import { Governance } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { Calculators } from '@subnetes/proto/gen/subnetes/ledger/v1/calculators_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Pools } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import { Slashing } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics, type Metrics } from '@subnetes/telemetry/metrics';
import { governanceReader } from '../src/adapters/governance-client.ts';
import { createHttpApp } from '../src/adapters/http-app.ts';
import { ledgerReader } from '../src/adapters/ledger-client.ts';
import { startLiveFeed } from '../src/adapters/live-feed.ts';
import { scoringReader } from '../src/adapters/scoring-client.ts';
import { slashReader } from '../src/adapters/slashing-client.ts';
import { makeMarket } from '../src/application/read-market.ts';

/** The console as main.ts wires it, on a free port of loopback. */
export interface RunningConsole extends AsyncDisposable {
  readonly url: string;
  readonly metrics: Metrics;
}

/** Starts it before a market at `address`, with the page of `pageDir`. */
export async function startConsole(options: { address: string; pageDir: string }): Promise<RunningConsole> {
  const teardown = new AsyncDisposableStack();
  const channel = { address: options.address, credentials: credentials.createInsecure(), deadlineMs: 3000 };
  const ledger = teardown.use(createRpcClient(Ledger, channel));
  const pools = teardown.use(createRpcClient(Pools, channel));
  const calculators = teardown.use(createRpcClient(Calculators, channel));
  const scoring = teardown.use(createRpcClient(Scoring, channel));
  const governance = teardown.use(createRpcClient(Governance, channel));
  const slashing = teardown.use(createRpcClient(Slashing, channel));
  const market = makeMarket({
    ledger: ledgerReader(ledger, pools, calculators),
    scoring: scoringReader(scoring),
    governance: governanceReader(governance),
    slashes: slashReader(slashing),
  });
  const log = createLogger({ service: 'console', level: 'silent' });
  const metrics = createMetrics({ service: 'console', version: 'test', processMetrics: false });
  const live = startLiveFeed({ market, onTrouble: () => undefined });
  const app = createHttpApp({ market, live, pageDir: options.pageDir, log, metrics });
  teardown.defer(() => app.close());
  teardown.use(live);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { url, metrics, [Symbol.asyncDispose]: () => teardown.disposeAsync() };
}
