import { OutageError } from '@subnetes/runtime/errors';
import { utcDay } from '../domain/invoice.ts';
import { chargeOf, isEmpty } from '../domain/rating.ts';
import { BURNED_ACCOUNT, NETWORK_ACCOUNT, splitCharge } from '../domain/shares.ts';
import type { WriteOffReason } from '../domain/usage.ts';
import {
  type BillingObserver,
  type BillingStore,
  type Charge,
  type HoldPosting,
  type LedgerPort,
  type LedgerResult,
  type Settlement,
  type SubnetTerms,
  type UnsettledUsage,
} from './ports.ts';

/** Requests that are rated and posted at once; the ledger takes 1000. */
export const SETTLE_BATCH = 500;

export interface SettlePorts {
  readonly store: BillingStore;
  readonly ledger: LedgerPort;
  readonly observer: BillingObserver;
}

/** Ledger refusals that will never change: the hold has ended, or has too little left. */
const LOST: Readonly<Record<string, WriteOffReason>> = {
  HOLD_CLOSED: 'LEASE_ENDED',
  HOLD_UNKNOWN: 'LEASE_ENDED',
  HOLD_EXCEEDED: 'LEASE_EXCEEDED',
};

/**
 * Settles all stored usage once over: rate, store the charge, post it against its hold, put it on the invoice. Each
 * step is stored before the next and repeats without effect, so a crash anywhere is picked up by the next pass.
 */
export function makeSettleUsage(ports: SettlePorts) {
  return async function settleUsage(): Promise<void> {
    let after = 0n;
    for (;;) {
      const waiting = await ports.store.unsettled(after, SETTLE_BATCH);
      const last = waiting.at(-1);
      if (last === undefined) return;
      after = last.arrival;
      await settleBatch(ports, waiting);
    }
  };
}

async function settleBatch(ports: SettlePorts, waiting: readonly UnsettledUsage[]): Promise<void> {
  const settlements: Settlement[] = [];
  const charged: ChargedUsage[] = [];
  const lookUp = lookUps(ports);
  for (const usage of waiting) {
    const settlement = await rate(lookUp, usage);
    if (settlement === undefined) continue; // its miner's owner is not known yet: stays for the next pass
    if (settlement.outcome === 'rated') charged.push({ ...usage, charge: settlement.charge });
    if (settlement.outcome !== 'rated' || usage.charge === undefined) settlements.push(settlement);
  }
  await ports.store.settle(settlements);
  const byArrival = new Map(waiting.map((usage) => [usage.arrival, usage]));
  for (const settlement of settlements) tell(ports.observer, settlement, byArrival.get(settlement.arrival));
  await post(ports, charged);
}

interface LookUps {
  readonly terms: (netuid: number, policyVersion: bigint) => Promise<SubnetTerms | undefined>;
  readonly payee: (netuid: number, hotkey: string) => Promise<string | undefined>;
}

/** Prices of a version and the owner of a hotkey never change: a batch asks for each once. */
function lookUps({ store, ledger }: SettlePorts): LookUps {
  const terms = new Map<string, Promise<SubnetTerms | undefined>>();
  const payees = new Map<string, Promise<string | undefined>>();
  return {
    terms: (netuid, version) => once(terms, `${netuid}/${version}`, () => store.readPrices(netuid, version)),
    payee: (netuid, hotkey) => once(payees, hotkey, () => payeeOf({ store, ledger }, netuid, hotkey)),
  };
}

function once<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const asked = known.get(key) ?? ask();
  known.set(key, asked);
  return asked;
}

async function rate(lookUp: LookUps, usage: UnsettledUsage): Promise<Settlement | undefined> {
  const { arrival, record, lease, charge } = usage;
  if (charge !== undefined) return { arrival, outcome: 'rated', charge };
  if (isEmpty(record.units)) return { arrival, outcome: 'empty' };
  if (lease === undefined) return { arrival, outcome: 'written-off', reason: 'LEASE_UNKNOWN' };
  if (lease.account !== record.account) return { arrival, outcome: 'written-off', reason: 'ACCOUNT_MISMATCH' };
  const terms = await lookUp.terms(record.netuid, record.policyVersion);
  const lines = terms?.models[record.model];
  if (terms === undefined || lines === undefined) return { arrival, outcome: 'written-off', reason: 'UNPRICED' };
  const minerColdkey = await lookUp.payee(record.netuid, record.minerHotkey);
  if (minerColdkey === undefined) {
    return lease.state === 'Open' ? undefined : { arrival, outcome: 'written-off', reason: 'LEASE_ENDED' };
  }
  const amountRao = chargeOf(record.units, lines, record.maxRao);
  const { ownerColdkey } = terms;
  return {
    arrival,
    outcome: 'rated',
    charge: { amountRao, ...splitCharge(amountRao), minerColdkey, ownerColdkey },
  };
}

async function payeeOf(
  { store, ledger }: Pick<SettlePorts, 'store' | 'ledger'>,
  netuid: number,
  hotkey: string,
): Promise<string | undefined> {
  const known = await store.readPayee(hotkey);
  if (known !== undefined) return known;
  const owners = await ledger.owners(netuid);
  await store.putPayees(owners);
  return owners.get(hotkey);
}

async function post({ store, ledger, observer }: SettlePorts, charged: readonly ChargedUsage[]): Promise<void> {
  const paid = charged.filter(({ charge }) => charge.amountRao > 0n);
  const results = paid.length === 0 ? [] : await postAll(ledger, paid);
  if (results.length !== paid.length)
    throw new OutageError('ledger', `${results.length} results for ${paid.length} postings`);
  const resultOf = new Map<bigint, LedgerResult>(paid.map((usage, at) => [usage.arrival, results[at] ?? missing(at)]));
  const posted = [];
  const lost: Settlement[] = [];
  for (const usage of charged) {
    // A price of zero moves nothing: there is a line on the invoice and no entry in the journal.
    const result = resultOf.get(usage.arrival) ?? { ok: true, sequence: 0n };
    if (result.ok) {
      const { account, timeMs } = usage.record;
      const { amountRao } = usage.charge;
      posted.push({
        arrival: usage.arrival,
        account,
        amountRao,
        period: utcDay(timeMs),
        ledgerSequence: result.sequence,
      });
      continue;
    }
    const reason = LOST[result.reason];
    if (reason === undefined)
      throw new OutageError('ledger', `posting ${usage.record.requestId}: ${result.reason} ${result.message}`);
    lost.push({ arrival: usage.arrival, outcome: 'written-off', reason });
  }
  await store.markPosted(posted);
  await store.settle(lost);
  const byArrival = new Map(charged.map((usage) => [usage.arrival, usage]));
  for (const { arrival, amountRao } of posted) {
    observer.usageTaken('posted');
    observer.charged(byArrival.get(arrival)?.record.netuid ?? 0, amountRao);
  }
  for (const settlement of lost) tell(observer, settlement, byArrival.get(settlement.arrival));
}

type ChargedUsage = UnsettledUsage & { readonly charge: Charge };

async function postAll(ledger: LedgerPort, paid: readonly ChargedUsage[]): Promise<readonly LedgerResult[]> {
  const burns = await ledger.burnsNetworkFee();
  return ledger.postHolds(paid.map((usage) => postingOf(usage, burns)));
}

function postingOf({ record, charge }: ChargedUsage, burnsNetworkFee: boolean): HoldPosting {
  const fee = { amountRao: charge.networkRao, code: 'usage-network' };
  const parts = [
    { to: charge.minerColdkey, amountRao: charge.minerRao, code: 'usage-miner' },
    { to: charge.ownerColdkey, amountRao: charge.ownerRao, code: 'usage-owner' },
    burnsNetworkFee ? { ...fee, to: BURNED_ACCOUNT, netuid: record.netuid } : { ...fee, to: NETWORK_ACCOUNT },
  ];
  return {
    id: `usage/${record.requestId}`,
    holdId: record.leaseId,
    parts: parts.filter((part) => part.amountRao > 0n),
  };
}

function tell(observer: BillingObserver, settlement: Settlement, usage: UnsettledUsage | undefined): void {
  if (settlement.outcome === 'empty') observer.usageTaken('empty');
  if (settlement.outcome !== 'written-off') return;
  observer.usageTaken('written_off');
  if (usage !== undefined) {
    observer.writtenOff(usage.record.requestId, settlement.reason, usage.record.quotedRao);
  }
}

function missing(at: number): never {
  throw new OutageError('ledger', `the ledger answered no result ${at}`);
}
