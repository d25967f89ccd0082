import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import type { Journal } from '#application/ports.ts';

/** Tells dashboards and the log what the validator does. */
export function journalOf(metrics: Metrics, log: Logger): Journal {
  const copies = new Set<string>();
  return {
    challenged: (miners) => {
      metrics.inc('subnetes_validator_challenges_total', {});
      log.debug({ miners }, 'a challenge is out');
    },
    answered: (outcome, seconds) => {
      metrics.inc('subnetes_validator_answers_total', { outcome });
      metrics.observe('subnetes_validator_answer_duration_seconds', {}, seconds);
    },
    auditFailed: (uid) => {
      metrics.inc('subnetes_validator_failed_audits_total', {});
      log.warn({ uid }, 'a miner answered the same question in two ways');
    },
    judged: (standings) => {
      metrics.clear('subnetes_validator_loss');
      for (const { uid, loss, id, copy } of standings) {
        if (loss !== undefined) metrics.set('subnetes_validator_loss', { uid: String(uid) }, loss);
        if (copy === undefined) copies.delete(id);
        else if (!copies.has(id)) {
          copies.add(id);
          metrics.inc('subnetes_validator_copies_total', {});
          const of = standings.find((one) => one.id === copy.of)?.uid;
          log.info({ uid, of_uid: of, similarity_ppm: copy.similarityPpm }, 'answers repeat those of another miner');
        }
      }
    },
    submitted: (step, result) => {
      metrics.inc('subnetes_validator_weights_total', { step, result });
      log.info({ step, result }, 'weights are sent');
    },
    wrapped: (lap) => log.warn({ lap }, 'the data set ended: the walk begins again and averages are reset'),
    warn: (message, details) => log.warn(details, message),
  };
}
