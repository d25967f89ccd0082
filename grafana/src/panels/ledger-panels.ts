import { metrics } from '../metrics.ts';
import type { PanelSpec } from '../panel.ts';
import { CLUSTER } from '../selectors.ts';
import { redFrom, tile } from './tiles.ts';

const invariants = `min by (cluster, invariant) (${metrics.invariantOk}{${CLUSTER}})`;

/** What audits inside the ledger and outside of it find broken. */
export const brokenInvariants: PanelSpec = tile({
  title: 'Broken invariants',
  description:
    'Invariants of the books that an audit finds broken, inside the ledger or outside of it. Above zero no epoch is paid. Which one it is stands in the alert and in the ledger’s log.',
  runbook: 'audit-found',
  unit: 'short',
  decimals: 0,
  width: 12,
  thresholds: redFrom(1),
  queries: [{ expr: `count(${invariants}) - sum(${invariants})`, legend: 'broken', expects: 'data' }],
});

/** Who writes and who waits. */
export const ledgers: PanelSpec = tile({
  title: 'Ledgers that write, and that stand by',
  description:
    'One writes; the others pass callers on and take over when it is gone. None that writes for longer than a few seconds: look at the database first. None that stands by where there should be one: the next loss of a node stops blocks until a pod has started.',
  runbook: 'blocks-stopped',
  unit: 'short',
  decimals: 0,
  width: 12,
  queries: [
    { expr: `sum(${metrics.ledgerWriter}{${CLUSTER}})`, legend: 'write', expects: 'above-zero' },
    {
      expr: `count(${metrics.ledgerWriter}{${CLUSTER}}) - sum(${metrics.ledgerWriter}{${CLUSTER}})`,
      legend: 'stand by',
      expects: 'data',
    },
  ],
});
