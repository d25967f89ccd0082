import { RAO_PER_TOKEN } from '@subnetes/money/amount';
import type { Metrics } from '@subnetes/telemetry/metrics';
import type { Ledger } from '#domain/economy/ledger.ts';
import { ROOT_NETUID } from '#domain/economy/root-netuid.ts';
import { challengesOf } from '#domain/life/challenge.ts';
import { creationCost } from '#domain/life/creation-lock.ts';

const PHASES = { Announced: 1, Settling: 2, Dissolved: 0 } as const;

/** Who leaves next, what ends, and what a new subnet costs. */
export function fillLives(metrics: Metrics, ledger: Ledger): void {
  metrics.set('subnetes_ledger_subnet_cost_tokens', {}, Number(creationCost(ledger)) / Number(RAO_PER_TOKEN));
  for (const { netuid, dissolution } of ledger.subnets.values()) {
    if (netuid === ROOT_NETUID) continue; // a seat there goes to stake, and nobody owns it
    const label = { subnet: String(netuid) };
    const due = challengesOf(ledger, netuid).map(({ dueBlock }) => dueBlock);
    metrics.set('subnetes_ledger_pending_evictions', label, due.length);
    metrics.set('subnetes_ledger_eviction_due_blocks', label, due.length === 0 ? 0 : Math.min(...due) - ledger.block);
    metrics.set('subnetes_ledger_dissolving', label, dissolution === undefined ? 0 : PHASES[dissolution.phase]);
    const isAhead = dissolution?.phase === 'Announced';
    metrics.set('subnetes_ledger_dissolution_due_blocks', label, isAhead ? dissolution.atBlock - ledger.block : 0);
  }
}
