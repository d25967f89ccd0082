import { readFileSync } from 'node:fs';
import { parseCheckpoint } from '@subnetes/transparency/checkpoint';
import { bytesOfText } from '@subnetes/transparency/note-text';
import { parseNote } from '@subnetes/transparency/signed-note';
import { systemClock } from '@subnetes/runtime/clock';
import type { DatabaseConfig } from '@subnetes/runtime/config';
import { ConfigError } from '@subnetes/runtime/errors';
import { serveHealth } from '@subnetes/runtime/health';
import { openDatabase } from '@subnetes/runtime/postgres';
import type { Database } from '@subnetes/runtime/sql';
import { runService } from '@subnetes/runtime/run-service';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { withArchiveFiles } from '#adapters/archived-audit-source.ts';
import { auditJson, auditText, tellAudit } from '#adapters/audit-report.ts';
import { sleep } from '#adapters/bus-work.ts';
import { sqlAuditSource } from '#adapters/sql-audit-source.ts';
import { sqlIncidents } from '#adapters/sql-incidents.ts';
import { ledgerHashes } from '#application/open-ledger.ts';
import { type AuditSource, OutsideAudit } from '#application/outside-audit.ts';
import { Archived } from '#application/ports.ts';
import { runOutsideAudits } from '#application/run-outside-audits.ts';
import type { StoredCheckpoint } from '#application/tree-store.ts';
import { type AuditOptions, readAuditOptions } from './audit-options.ts';

const VERSION = '0.1.0';
const EXIT_BROKEN = 1;
const { chain } = ledgerHashes(() => {
  throw new Error('the audit computes no registrations');
});

await runService('ledger-audit', async (signal) => {
  const options = readAuditOptions(process.argv.slice(3), process.env);
  if (options.mode === 'clear') return await clear(options);
  if (options.mode === 'always') return await auditAlways(options, signal);
  const holds = await auditOnce(options);
  if (!holds) process.exit(EXIT_BROKEN);
});

type Options<M extends AuditOptions['mode']> = Extract<AuditOptions, { readonly mode: M }>;

async function auditOnce({ database, reportTo, keptFile, archives, json }: Options<'once'>): Promise<boolean> {
  await using read = await openForAudit(database);
  const audit = new OutsideAudit(sourceOf(read, archives), chain, keptCheckpoint(keptFile));
  const result = await audit.audit().catch(needsArchives);
  process.stdout.write(`${json ? auditJson(result) : auditText(result)}\n`);
  if (reportTo !== undefined && result.findings.length > 0) {
    await using written = await openForAudit(reportTo);
    await sqlIncidents(written).report(result.findings);
  }
  return result.findings.length === 0;
}

async function auditAlways(options: Options<'always'>, signal: AbortSignal): Promise<void> {
  const log = createLogger({ service: 'ledger-audit', version: VERSION, level: options.logLevel });
  const metrics = createMetrics({ service: 'ledger-audit', version: VERSION });
  const fileCheckpoint = keptCheckpoint(options.keptFile);
  await using teardown = new AsyncDisposableStack();
  const source = sourceOf(teardown.use(await openForAudit(options.database)), options.archives);
  const reported = options.reportTo === undefined ? undefined : teardown.use(await openForAudit(options.reportTo));
  const { healthPort: port } = options;
  const health = teardown.use(await serveHealth({ port, ready: () => true, metrics }));
  log.info({ healthPort: health.port }, 'audit is ready');
  const audits = runOutsideAudits({
    ...options,
    signal,
    begin: (kept) => new OutsideAudit(source, chain, kept ?? fileCheckpoint),
    incidents: reported === undefined ? undefined : sqlIncidents(reported),
    monotonicMs: () => systemClock.monotonicMs(),
    sleep: (ms, until) => sleep(systemClock, ms, until),
    onAudit: (finished) => {
      tellAudit(metrics, finished, systemClock.nowMs());
      const { findings, entries } = finished.result;
      if (findings.length > 0) log.error({ findings, entries }, 'the books do not hold');
    },
    onFailure: (error) => log.warn({ err: error }, 'the audit could not read or report'),
  });
  await audits.catch(needsArchives);
}

function sourceOf(database: Database, archives: string | undefined): AuditSource {
  const source = sqlAuditSource(database);
  return archives === undefined ? source : withArchiveFiles(source, archives);
}

/** What is judged from the first entry on needs the files of those that were archived. */
function needsArchives(error: unknown): never {
  if (!(error instanceof Archived)) throw error;
  throw new ConfigError(`${error.message}; --archives FOLDER says where the files of archived ranges are`);
}

async function clear({ database, check, because }: Options<'clear'>): Promise<void> {
  await using written = await openForAudit(database);
  const cleared = await sqlIncidents(written).clear(check, because);
  process.stdout.write(`${cleared} open incidents are cleared\n`);
}

function openForAudit(database: DatabaseConfig) {
  return openDatabase({ ...database, applicationName: 'subnetes-ledger-audit', poolMax: 2 });
}

/** @throws ConfigError where the file holds none */
function keptCheckpoint(file: string | undefined): StoredCheckpoint | undefined {
  if (file === undefined) return undefined;
  let note: string;
  try {
    note = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(`the checkpoint ${file} cannot be read`, { cause });
  }
  const parsed = parseNote(bytesOfText(note));
  const checkpoint = parsed.ok ? parseCheckpoint(parsed.value.text) : parsed;
  if (!checkpoint.ok) throw new ConfigError(`${file} holds no checkpoint: ${checkpoint.message}`);
  return { size: checkpoint.value.size, note };
}
