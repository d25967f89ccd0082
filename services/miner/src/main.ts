// First: the modules below compute tables when they are loaded.
import '#adapters/without-turbofan.ts';
import { readNeuronFile } from '@subnetes/neuron/neuron-file';
import { watchMarket } from '@subnetes/neuron/market-view';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { aborted, systemClock } from '@subnetes/runtime/clock';
import { serveHealth } from '@subnetes/runtime/health';
import { runService } from '@subnetes/runtime/run-service';
import { grpcServerTrust } from '@subnetes/runtime/tls';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { startTracing } from '@subnetes/telemetry/tracing';
import { loadModels } from '#adapters/load-models.ts';
import { readConfig } from '#config.ts';
import { startMiner } from '#adapters/start-miner.ts';

const VERSION = '0.1.0';

await runService('miner', async (signal) => {
  const config = readConfig(process.env);
  const neuron = readNeuronFile(config.neuronFile);
  const models = await loadModels(config.models);
  const log = createLogger({ service: 'miner', version: VERSION, level: config.logLevel });
  const metrics = createMetrics({ service: 'miner', version: VERSION });
  await using teardown = new AsyncDisposableStack();

  const { otlpEndpoint } = config;
  teardown.use(
    await startTracing({ service: 'miner', version: VERSION, ...(otlpEndpoint === undefined ? {} : { otlpEndpoint }) }),
  );
  const ledger = teardown.use(
    createRpcClient(Ledger, { address: neuron.ledgerUrl, credentials: grpcServerTrust(neuron.caFile) }),
  );
  const { netuid, networkId } = neuron;
  const view = teardown.use(
    watchMarket({
      watch: (stop) => ledger.watchSubnet({ netuid }, { signal: stop }),
      networkId,
      clock: systemClock,
      log,
    }),
  );
  const miner = teardown.use(
    await startMiner({
      neuron,
      models,
      maxInFlight: config.maxInFlight,
      view,
      async announce(announcement, stop) {
        await ledger.announce({ netuid, announcement }, { signal: stop });
      },
      listen: { host: config.host, port: config.port },
      clock: systemClock,
      metrics,
      log,
    }),
  );
  const health = teardown.use(
    await serveHealth({
      port: config.healthPort,
      host: config.host,
      ready: () => (view.state() === undefined ? 'the ledger was not heard yet' : true),
      metrics,
    }),
  );
  log.info(
    { port: miner.port, health_port: health.port, models: models.map(({ format }) => format) },
    'miner is ready',
  );
  await aborted(signal);
});
