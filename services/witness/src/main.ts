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
import { formatVerifierKey } from '@subnetes/transparency/verifier-key';
import { makeWitness } from '@subnetes/transparency/witness';
import { makeJudgeEpoch } from '#application/judge-epoch.ts';
import { witnessEpochs } from '#application/witness-epochs.ts';
import { askNetwork } from '#adapters/ask-network.ts';
import { ledgerJournal } from '#adapters/ledger-journal.ts';
import { serveCheckpoints } from '#adapters/serve-checkpoints.ts';
import { witnessedTrees } from '#adapters/witnessed-trees.ts';
import { scoringEpochs } from '#adapters/scoring-epochs.ts';
import { witnessNews } from '#adapters/witness-news.ts';
import { readConfig } from './config.ts';

const VERSION = '0.1.0';
/** Documents of a full subnet are megabytes. */
const DEADLINE_MS = 30_000;

await runService('witness', async (signal) => {
  const config = readConfig(process.env);
  const { key, caFile, takesUnnamedRows } = config;
  const log = createLogger({ service: 'witness', version: VERSION, level: config.logLevel });
  const metrics = createMetrics({ service: 'witness', version: VERSION });
  await using teardown = new AsyncDisposableStack();
  teardown.use(await startTracing({ service: 'witness', version: VERSION, ...config.tracing }));

  const credentials = grpcServerTrust(caFile);
  const options = { credentials, deadlineMs: DEADLINE_MS };
  const ledger = ledgerJournal(teardown.use(createRpcClient(Ledger, { ...options, address: config.ledgerAddress })));
  const scoring = scoringEpochs(teardown.use(createRpcClient(Scoring, { ...options, address: config.scoringAddress })));
  const news = witnessNews({ metrics, log });
  const loopback = caFile === undefined ? { host: '127.0.0.1' } : {};
  teardown.use(await serveHealth({ port: config.healthPort, ...loopback, ready: news.ready, metrics }));

  if (config.checkpoints !== undefined) {
    const { folder, cosigner, logs, port } = config.checkpoints;
    const state = teardown.use(await witnessedTrees(folder));
    const nowSeconds = (): number => Math.floor(systemClock.nowMs() / 1000);
    const judge = makeWitness({ logs, cosigner, state, nowSeconds });
    const served = teardown.use(await serveCheckpoints({ port, ...loopback, judge, ...news.checkpoints }));
    log.info({ port: served.port, key: formatVerifierKey(cosigner.key) }, 'checkpoints are signed');
  }
  const clock = systemClock;
  const network = await askNetwork({ ledger, clock, news }, signal);
  const networkId = Buffer.from(network.networkId).toString('hex');
  const publicKey = Buffer.from(key.publicKey).toString('hex');
  const counts = network.witnessKeys.includes(publicKey);
  log.info({ publicKey, network: networkId, required: network.required, counts }, 'witness is ready');
  if (!counts) log.warn({ publicKey }, 'the ledger does not count this key: what it signs changes nothing');
  const judgeEpoch = makeJudgeEpoch({ ledger, scoring, networkId, takesUnnamedRows });
  await witnessEpochs({ ledger, scoring, judgeEpoch, networkId: network.networkId, key, clock, news }, signal);
});
