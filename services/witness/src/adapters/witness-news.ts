import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import type { WitnessNews } from '#application/witness-epochs.ts';
import type { CheckpointServerOptions } from './serve-checkpoints.ts';
import { REFUSAL_REASONS } from '#domain/refusal.ts';

/** The log and the metrics of a witness; `ready` is true once ledger and scoring have answered. */
export function witnessNews({ metrics, log }: { readonly metrics: Metrics; readonly log: Logger }): WitnessNews & {
  readonly ready: () => true | string;
  readonly checkpoints: Pick<CheckpointServerOptions, 'answered' | 'failed'>;
} {
  let reached = false;
  let isAway = false;
  // From the start: a counter that is born with its first refusal would not be seen to grow.
  for (const reason of REFUSAL_REASONS) metrics.inc('subnetes_witness_refused_total', { reason }, 0);
  return {
    checkpoints: {
      answered: (answer) => {
        const outcome = answer.status === 200 ? 'signed' : answer.code;
        metrics.inc('subnetes_witness_checkpoints_total', { outcome });
        // A log that stands elsewhere asks again at once: every first request of one is such.
        if (answer.status !== 200 && answer.status !== 409) {
          log.warn({ code: answer.code, reason: answer.message }, 'a checkpoint is not signed');
        }
      },
      failed: (error) => log.error({ err: error }, 'a checkpoint could not be judged'),
    },
    ready: () => reached || 'ledger and scoring were not reached yet',
    signed: ({ netuid, index }, seconds) => {
      metrics.inc('subnetes_witness_signed_total', { subnet: String(netuid) });
      metrics.observe('subnetes_witness_epoch_duration_seconds', {}, seconds);
      log.info({ netuid, index }, 'epoch recomputed and signed');
    },
    refused: ({ netuid, index }, { reason, field, message }, again) => {
      if (again) return;
      metrics.inc('subnetes_witness_refused_total', { reason });
      log.error({ netuid, index, reason, field }, `an epoch is not signed: ${message}`);
    },
    outage: (error) => {
      if (!isAway) log.warn({ err: error }, 'epochs wait to be judged: it is tried again');
      isAway = true;
    },
    lookedAround: () => {
      reached = true;
      isAway = false;
    },
  };
}
