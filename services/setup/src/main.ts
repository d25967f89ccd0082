import { inClusterConnection } from '@subnetes/kube/connection';
import { NO_METRICS } from '@subnetes/kube/metrics';
import { openTransport } from '@subnetes/kube/transport';
import { runService } from '@subnetes/runtime/run-service';
import { createLogger } from '@subnetes/telemetry/logger';
import { kubeStore } from '#adapters/kube-store.ts';
import { systemRandomness } from '#adapters/system-randomness.ts';
import { x509Issuer } from '#adapters/x509-issuer.ts';
import { ensureSecrets } from '#application/ensure-secrets.ts';
import { readConfig } from '#config.ts';

await runService('setup', async () => {
  const config = readConfig(process.env);
  const log = createLogger({ service: 'setup', level: config.logLevel });
  const nowMs = (): number => Date.now();
  const connection = await inClusterConnection({ ...config.kubernetes, nowMs });
  const random = (): number => Math.random();
  await using transport = openTransport({ connection, metrics: NO_METRICS, random, userAgent: 'subnetes-setup' });
  const changed = (what: string): void => log.info({ object: what }, 'made or renewed');
  const store = kubeStore(transport, config.namespace);
  await ensureSecrets(
    { store, issuer: x509Issuer(nowMs), random: systemRandomness(), nowMs, changed },
    config.namespace,
  );
  log.info({ namespace: config.namespace }, 'certificates and passwords are in place');
});
