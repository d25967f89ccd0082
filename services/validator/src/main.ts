import { readNeuronFile } from '@subnetes/neuron/neuron-file';
import { watchMarket } from '@subnetes/neuron/market-view';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { systemClock } from '@subnetes/runtime/clock';
import { serveHealth } from '@subnetes/runtime/health';
import { runService } from '@subnetes/runtime/run-service';
import { grpcServerTrust } from '@subnetes/runtime/tls';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { startTracing } from '@subnetes/telemetry/tracing';
import { readSp500 } from '#adapters/sp500-dataset.ts';
import { runValidator } from '#adapters/start-validator.ts';
import { readConfig } from '#config.ts';

const VERSION = '0.1.0';

await runService('validator', async (signal) => {
  const config = readConfig(process.env);
  const neuron = readNeuronFile(config.neuronFile);
  const history = readSp500(config.datasetFile);
  const log = createLogger({ service: 'validator', version: VERSION, level: config.logLevel });
  const metrics = createMetrics({ service: 'validator', version: VERSION });
  await using teardown = new AsyncDisposableStack();

  const { otlpEndpoint } = config;
  const tracing = { service: 'validator', version: VERSION, ...(otlpEndpoint === undefined ? {} : { otlpEndpoint }) };
  teardown.use(await startTracing(tracing));
  const credentials = grpcServerTrust(neuron.caFile);
  const ledger = teardown.use(createRpcClient(Ledger, { address: neuron.ledgerUrl, credentials }));
  const scoring = teardown.use(createRpcClient(Scoring, { address: neuron.scoringUrl, credentials, deadlineMs: 5000 }));
  const { netuid, networkId } = neuron;
  const watch = (stop: AbortSignal) => ledger.watchSubnet({ netuid }, { signal: stop });
  const view = teardown.use(watchMarket({ watch, networkId, clock: systemClock, log }));
  const ready = () => (view.state() === undefined ? 'the ledger was not heard yet' : true);
  const health = teardown.use(await serveHealth({ port: config.healthPort, host: config.host, ready, metrics }));

  log.info({ health_port: health.port, days: history.dates.length }, 'validator is ready');
  const { stateDir, sampleSize, auditOneIn, drill, dialRule } = config;
  const clock = systemClock;
  const random = () => Math.random();
  await runValidator(
    { neuron, stateDir, sampleSize, auditOneIn, drill, dialRule, history, view, scoring, clock, random, metrics, log },
    signal,
  );
});
