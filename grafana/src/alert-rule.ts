import type { Runbook } from './runbooks.ts';

/** One Prometheus alert, told in what a person on call needs. */
export interface AlertRule {
  /** CamelCase name; its runbook is the same name in kebab-case. */
  readonly name: string;
  readonly expr: string;
  /** How long the expression holds before it fires, as a Prometheus duration. */
  readonly holdsFor: string;
  /** Keeps a short spike visible, as a Prometheus duration. */
  readonly keepFiringFor?: string;
  readonly severity: 'page' | 'ticket';
  /** The part whose people act. */
  readonly service: 'ledger' | 'scoring' | 'witness';
  readonly summary: string;
  readonly description: string;
  readonly runbook: Runbook;
  /** Uid of the dashboard that shows it. */
  readonly dashboardUid: string;
}

/** The rule as it stands in Prometheus' rule file. */
export interface PrometheusRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly keep_firing_for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Prometheus' form of a rule. */
export function prometheusRule(rule: AlertRule): PrometheusRule {
  return {
    alert: rule.name,
    expr: rule.expr,
    for: rule.holdsFor,
    ...(rule.keepFiringFor === undefined ? {} : { keep_firing_for: rule.keepFiringFor }),
    labels: { severity: rule.severity, service: rule.service },
    annotations: {
      summary: rule.summary,
      description: rule.description,
      runbook_url: `docs/runbooks/${rule.runbook}.md`,
      dashboard_url: `/d/${rule.dashboardUid}`,
    },
  };
}
