import { readFile, writeFile } from 'node:fs/promises';
import { inClusterConnection } from '@subnetes/kube/connection';
import { NO_METRICS } from '@subnetes/kube/metrics';
import { openTransport } from '@subnetes/kube/transport';
import { runService } from '@subnetes/runtime/run-service';
import { bindHotkey } from './application/bind-hotkey.ts';
import { secretCreator } from './adapters/hotkey-secret.ts';
import { readKeyJobConfig } from './key-job-config.ts';

await runService('key-job', async () => {
  const config = readKeyJobConfig(process.env);
  const { host, port } = config.kubernetes;
  const connection = await inClusterConnection({ host, port, nowMs: () => Date.now() });
  await using transport = openTransport({
    connection,
    metrics: NO_METRICS,
    random: Math.random,
    userAgent: 'subnetes-key-job',
  });
  const report = await bindHotkey(
    {
      readHotkey: async () =>
        await readFile(config.hotkeyFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return undefined; // no Secret yet: one is made
          throw error;
        }),
      createSecret: secretCreator({ transport, namespace: config.namespace, name: config.secretName }),
    },
    config,
  );
  await writeFile(config.terminationFile, JSON.stringify(report));
});
