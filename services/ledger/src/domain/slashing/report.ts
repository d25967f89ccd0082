import { SLASH_DEPOSITS } from '../book/account.ts';
import { accept, type Decision, type Refusal, refuse } from '../book/refusal.ts';
import { poolAt } from '../economy/delegation-rows.ts';
import type { Ledger } from '../economy/ledger.ts';
import { unbondingBlocks } from '../unbonding/leave-stake.ts';
import type { Offence, Slash, SlashVoter } from './slash.ts';
import { openSlashes, rulesOf, slashesOf, tracesOf } from './slash-table.ts';
import { PPM, type SlashCondition, type SlashingTerms } from './slashing-terms.ts';
import { isKnownRegistration, stakeAtFault } from './stake-at-fault.ts';

/** Two different contents that one hotkey signed under one type, registration and sequence; both signatures were verified. */
export interface DoubleSigning {
  readonly netuid: number;
  readonly hotkey: string;
  readonly registrationId: string;
  /** Of the envelopes: `Commit`, `Reveal` or `SetWeights`. */
  readonly envelopeType: string;
  readonly sequence: string;
  /** The smaller of both. */
  readonly expiresAtBlock: number;
  readonly evidenceSha256: string;
}

/** What scoring measured of a neuron over epochs. */
export type ScoringEvidence = Omit<Offence, 'instance' | 'type'> & {
  readonly type: 'FailedAudits' | 'Deviation' | 'Unavailable';
};

export interface Reported {
  readonly slash: Slash;
  /** It was reported before, with the same evidence. */
  readonly repeated: boolean;
}

/** Slashes of one place that are not decided, at most. */
export const OPEN_SLASHES_MAX = 8;

/** Anybody's report, on a deposit of the reporter. */
export function reportDoubleSigning(ledger: Ledger, reporter: string, pair: DoubleSigning): Decision<Reported> {
  const { envelopeType, sequence, expiresAtBlock, ...fault } = pair;
  const oldest = oldestOffenceBlock(ledger);
  if (expiresAtBlock < oldest) {
    return refuse(
      'EVIDENCE_TOO_OLD',
      `it was signed until block ${expiresAtBlock}: what counts is from block ${oldest} on`,
    );
  }
  // Nobody can tell when it was signed: whatever can still be reached answers for it.
  const offence: Offence = {
    ...fault,
    ...poolAt(ledger, fault),
    type: 'DoubleSigning',
    instance: `${envelopeType}/${sequence}`,
    offenceBlock: oldest,
    fromEpoch: 0,
    toEpoch: 0,
    measured: 0,
  };
  return report(ledger, offence, reporter);
}

/** Scoring's word; whether the caller is scoring was judged before. */
export function reportEvidence(ledger: Ledger, evidence: ScoringEvidence): Decision<Reported> {
  const { fromEpoch, toEpoch, measured, type, offenceBlock } = evidence;
  const offence: Offence = { ...evidence, ...poolAt(ledger, evidence), instance: `${fromEpoch}-${toEpoch}` };
  const condition = conditionOf(ledger, type);
  if (condition === undefined) return slashingOff(type);
  const known = ledger.slashes.get(slashId(ledger, offence));
  if (known !== undefined) return repeated(known, offence);
  const epochs = toEpoch - fromEpoch + 1;
  if (epochs < (condition.epochs ?? 1) || measured < (condition.atLeast ?? 0)) {
    return refuse(
      'EVIDENCE_INSUFFICIENT',
      `${type} takes ${condition.epochs ?? 1} epochs of ${condition.atLeast ?? 0} each on average, not ${epochs} of ${measured}`,
    );
  }
  if (offenceBlock > ledger.block) return refuse('INVALID_ARGUMENT', `block ${offenceBlock} is still to come`);
  const oldest = oldestOffenceBlock(ledger);
  if (offenceBlock < oldest) {
    return refuse('EVIDENCE_TOO_OLD', `it began at block ${offenceBlock}: what counts is from block ${oldest} on`);
  }
  const covered = [...slashesOf(ledger, offence), ...tracesOf(ledger, offence)]
    .filter((slash) => slash.type === type && slash.registrationId === offence.registrationId)
    .reduce((last, slash) => Math.max(last, slash.toEpoch), -1);
  if (fromEpoch <= covered) {
    return refuse('OFFENCE_KNOWN', `${type} of ${offence.hotkey} was reported up to epoch ${covered} already`);
  }
  return report(ledger, offence, null);
}

/** The first block of which stake can still be reached. */
export function oldestOffenceBlock(ledger: Ledger): number {
  return Math.max(ledger.network.answersFromBlock ?? 0, ledger.block - unbondingBlocks(ledger));
}

export function conditionOf(ledger: Ledger, type: SlashCondition['type']): SlashCondition | undefined {
  return ledger.network.genesis.slashing?.conditions.find((condition) => condition.type === type);
}

export function slashId(
  ledger: Ledger,
  {
    type,
    netuid,
    hotkey,
    registrationId,
    instance,
  }: Pick<Offence, 'type' | 'netuid' | 'hotkey' | 'registrationId' | 'instance'>,
): string {
  return ledger.hashes.text(JSON.stringify(['slash', type, netuid, hotkey, registrationId, instance]));
}

function report(ledger: Ledger, offence: Offence, reporter: string | null): Decision<Reported> {
  const terms = ledger.network.genesis.slashing;
  const condition = conditionOf(ledger, offence.type);
  if (terms === undefined || condition === undefined) return slashingOff(offence.type);
  const id = slashId(ledger, offence);
  if (ledger.slashes.get(id) !== undefined || ledger.slashTraces.get(id) !== undefined) {
    return refuse('OFFENCE_KNOWN', `this offence of ${offence.hotkey} was reported before: it is slash ${id}`);
  }
  if (!isKnownRegistration(ledger, offence)) {
    return refuse('NOT_REGISTERED', `${offence.hotkey} has no such registration in subnet ${offence.netuid}`);
  }
  if (openSlashes(ledger, offence).length >= OPEN_SLASHES_MAX) {
    return refuse('SLASH_COUNT', `${OPEN_SLASHES_MAX} slashes of ${offence.hotkey} are open: wait for one`);
  }
  const measure = measureOf(ledger, offence, { terms, condition });
  if (!measure.ok) return measure;
  const deposit = reporter === null ? 0n : terms.reportDeposit;
  if (reporter !== null && deposit > 0n) {
    const parts = [{ to: SLASH_DEPOSITS, amount: deposit }];
    const paid = ledger.book.pay({ asset: ledger.asset, from: reporter, parts });
    if (!paid.ok) return paid;
  }
  const until = ledger.block + terms.disputeBlocks;
  const owner = ledger.hotkeys.get(offence.hotkey) ?? '';
  const slash: Slash = {
    ...offence,
    id,
    owner,
    reportedAtBlock: ledger.block,
    disputeUntilBlock: until,
    dueBlock: until + 1,
    ...measure.value,
    taken: 0n,
    reporter,
    deposit,
    status: 'Pending',
    statement: '',
    ...decidersOf(ledger, terms, { offence, owner, reporter }),
    rules: rulesOf(terms),
  };
  ledger.slashes.put(id, slash);
  ledger.journal.write({ block: ledger.block, kind: 'SlashReported', payload: slash });
  return accept({ slash, repeated: false });
}

/** How much it takes: the condition's part of what answers for it, within the bounds of the offence and of the window. */
function measureOf(
  ledger: Ledger,
  offence: Offence,
  { terms, condition }: { readonly terms: SlashingTerms; readonly condition: SlashCondition },
): Decision<Pick<Slash, 'ppm' | 'base' | 'amount'>> {
  const used = slashesOf(ledger, offence)
    .filter(({ registrationId, status }) => registrationId === offence.registrationId && status !== 'Dropped')
    .filter(({ reportedAtBlock }) => reportedAtBlock > ledger.block - terms.windowBlocks)
    .reduce((sum, { ppm }) => sum + ppm, 0);
  const ppm = Math.min(condition.ppm, terms.windowPpm - used);
  if (ppm <= 0) {
    return refuse(
      'SLASH_BOUND',
      `slashes of ${offence.hotkey} have reached ${terms.windowPpm} ppm within ${terms.windowBlocks} blocks`,
    );
  }
  const base = stakeAtFault(ledger, offence).total;
  const part = (base * BigInt(ppm)) / PPM;
  const amount = condition.max !== undefined && condition.max < part ? condition.max : part;
  return amount === 0n
    ? refuse('NOTHING_AT_STAKE', `${base} rao answer for what ${offence.hotkey} did: nothing of it can be taken`)
    : accept({ ppm, base, amount });
}

/** Neither who is accused nor who accuses decides. */
function decidersOf(
  ledger: Ledger,
  { deciders }: SlashingTerms,
  { offence, owner, reporter }: { readonly offence: Offence; readonly owner: string; readonly reporter: string | null },
): Pick<Slash, 'voters' | 'needed'> {
  const isParty = (wallet: string): boolean => wallet === owner || wallet === reporter;
  if (deciders.type === 'Arbiters') {
    const voters = deciders.keys.map((voter): SlashVoter => ({ voter, weight: 1n, upholds: null }));
    return { voters: voters.filter(({ voter }) => !isParty(voter)), needed: BigInt(deciders.required) };
  }
  const weights = new Map<string, bigint>();
  for (const neuron of ledger.neuronsOf(offence.netuid)) {
    if (!neuron.permit || isParty(neuron.coldkey)) continue;
    const { total } = stakeAtFault(ledger, { ...neuron, offenceBlock: ledger.block + 1 });
    if (total > 0n) weights.set(neuron.coldkey, (weights.get(neuron.coldkey) ?? 0n) + total);
  }
  const voters = Array.from(weights, ([voter, weight]): SlashVoter => ({ voter, weight, upholds: null }));
  const all = voters.reduce((sum, { weight }) => sum + weight, 0n);
  return { voters, needed: all / 2n + 1n };
}

function repeated(slash: Slash, { evidenceSha256 }: Offence): Decision<Reported> {
  return slash.evidenceSha256 === evidenceSha256
    ? accept({ slash, repeated: true })
    : refuse('EXISTS_WITH_DIFFERENT_CONTENT', `slash ${slash.id} was reported with other evidence`);
}

function slashingOff(type: string): Refusal {
  return refuse('SLASHING_OFF', `this network does not slash for ${type}`);
}
