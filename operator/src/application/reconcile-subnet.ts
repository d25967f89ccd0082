import { fails, holds, unknown, type Judgement } from '#domain/judgement.ts';
import { hasEnded, judgeDissolution, type NoticeAnswer } from '#domain/life.ts';
import type { NetworkView, SubnetView } from '#domain/market.ts';
import type { MandateFact } from '#domain/neuron/facts.ts';
import { meaningOf, refusalMessage, type LedgerRefusal, type RefusalMeaning } from '#domain/neuron/refusal.ts';
import { judgeFunction } from '#domain/subnet/incentive-function.ts';
import { judgeEpochPaid, judgeHealth, judgeServing, overdueFromBlock } from '#domain/subnet/judgements.ts';
import { subnetStatus } from '#domain/subnet/status.ts';
import type { Subnet } from '#domain/subnet/subnet.ts';
import { conditionOf } from '#domain/neuron/neuron.ts';
import { answerEnd } from './answer-notice.ts';
import { finishSubnetDeletion, keepSubnetFinalizer } from './dissolve-subnet.ts';
import { mandateMessage, missingMandate } from './mandate-words.ts';
import {
  type Cause,
  LedgerUnavailableError,
  type Outcome,
  type Ports,
  ScoringUnavailableError,
  type SubnetPut,
} from './ports.ts';
import { ensureFunction, type PublishedFunctions } from './publish-function.ts';
import { carriedOver, RECHECK_MS, report } from './report.ts';

/** What was sent to the ledger last, by the object's uid. Empty after a start: sending again changes nothing there. */
type Sent = Map<string, { readonly digest: string; readonly put: SubnetPut }>;

const FALLBACK = { condition: 'Accepted', reason: 'PolicyRefused', advice: '' } as const;

/** Reconciles one Subnet: its policy to the ledger, what ledger and scoring say to its status. */
export function makeReconcileSubnet(ports: Ports): (key: string, signal: AbortSignal) => Promise<Outcome> {
  const sent: Sent = new Map();
  const published: PublishedFunctions = new Map();
  return async (key, signal) => {
    const subnet = ports.cluster.subnet(key);
    if (subnet === undefined) return { kind: 'done' };
    if (subnet.metadata.deletionTimestamp !== undefined) return await leave(ports, subnet, signal);
    if (subnet.spec.suspend === true) return await rest(ports, subnet, signal);
    await keepSubnetFinalizer(ports, subnet, signal);
    if (subnet.status.netuid !== undefined) ports.market.follow(subnet.status.netuid);
    try {
      return await pass(ports, { subnet, sent, published }, signal);
    } catch (error) {
      if (!(error instanceof LedgerUnavailableError || error instanceof ScoringUnavailableError)) throw error;
      return await waitFor(ports, subnet, error, signal);
    }
  };
}

async function pass(
  ports: Ports,
  input: { subnet: Subnet; sent: Sent; published: PublishedFunctions },
  signal: AbortSignal,
): Promise<Outcome> {
  const { subnet, sent, published } = input;
  const network = await ports.ledger.network(signal);
  const ended = subnet.status.netuid === undefined ? undefined : ports.market.view(subnet.status.netuid);
  if (hasEnded(ended)) {
    const accepted = fails('Accepted', 'Dissolved', 'the subnet has ended: the ledger takes nothing for it any more');
    return await tell(ports, { subnet, network, accepted, netuid: subnet.status.netuid }, signal);
  }
  const mandate = ports.cluster.mandate(subnet.metadata.namespace, subnet.spec.mandateRef.name);
  if (mandate.kind === 'missing') {
    return await tell(ports, { subnet, network, accepted: missingMandate(mandate), netuid: undefined }, signal);
  }
  // Before the policy that names it: an epoch that does not find the module is paid without it.
  const known = subnet.status.netuid ?? subnet.spec.netuid;
  const without = await ensureFunction(ports, { subnet, mandate, netuid: known, published }, signal);
  if (without !== undefined)
    return await holdBack(ports, { subnet, network, accepted: without, netuid: known }, signal);
  const result = await ensurePut(ports, { subnet, mandate, sent }, signal);
  if (result.kind === 'refused') {
    const meaning = subnetMeaningOf(result);
    const accepted = fails('Accepted', meaning.reason, refusalMessage(result, meaning));
    return await holdBack(ports, { subnet, network, accepted, netuid: undefined }, signal);
  }
  const { netuid } = result;
  if (known === undefined) {
    const late = await ensureFunction(ports, { subnet, mandate, netuid, published }, signal);
    if (late !== undefined) return await holdBack(ports, { subnet, network, accepted: late, netuid }, signal);
  }
  ports.market.follow(netuid); // just before the status names the netuid, by which its news find the object
  const before = conditionOf(subnet.status, 'Accepted');
  const message = mandateMessage(mandate.name, { use: result.mandate, asset: network.displaySymbol, before });
  const accepted = holds('Accepted', 'MandateHolds', message);
  const asked = { subnet, market: ports.market.view(netuid), mandate, network, cause: causeOf(ports, subnet) };
  const answer = await answerEnd(ports, asked, signal);
  const outcome = await tell(ports, { subnet, network, accepted, netuid, answer }, signal);
  return answer?.kind === 'refused' ? { kind: 'requeue', afterMs: RECHECK_MS } : outcome;
}

function causeOf(ports: Ports, { metadata: { uid, name, namespace, generation } }: Subnet): Cause {
  return { cluster: ports.cluster.clusterId, kind: 'Subnet', namespace, name, objectUid: uid, generation };
}

async function leave(ports: Ports, subnet: Subnet, signal: AbortSignal): Promise<Outcome> {
  try {
    return await finishSubnetDeletion(ports, subnet, signal);
  } catch (error) {
    if (error instanceof LedgerUnavailableError) return { kind: 'error', error };
    throw error;
  }
}

/** What costs too much here is the subnet itself, not a registration in it. */
function subnetMeaningOf(refusal: LedgerRefusal): Pick<RefusalMeaning, 'reason' | 'advice' | 'condition'> {
  if (refusal.code !== 'COST_ABOVE_MAX') return meaningOf(refusal, FALLBACK);
  const advice = 'Raise spec.creation.maxCost, or wait: the price falls with every block. It is tried again by itself.';
  return { condition: 'Accepted', reason: 'CostAboveMax', advice };
}

/** Tells what stands against the spec, and looks again: nothing in the cluster may tell that it was put right. */
async function holdBack(
  ports: Ports,
  told: { subnet: Subnet; network: NetworkView; accepted: Judgement; netuid: number | undefined },
  signal: AbortSignal,
): Promise<Outcome> {
  await tell(ports, told, signal);
  return { kind: 'requeue', afterMs: RECHECK_MS };
}

async function rest(ports: Ports, subnet: Subnet, signal: AbortSignal): Promise<Outcome> {
  const { conditions: _conditions, observedGeneration: _generation, ...fields } = subnet.status;
  const judgements = [fails('Accepted', 'Suspended', 'spec.suspend is true: remove it to go on')];
  await report(ports, subnet, { judgements, fields }, signal);
  return { kind: 'done' };
}

async function ensurePut(
  ports: Ports,
  input: { subnet: Subnet; mandate: Extract<MandateFact, { kind: 'found' }>; sent: Sent },
  signal: AbortSignal,
): Promise<SubnetPut | LedgerRefusal> {
  const { subnet, mandate, sent } = input;
  const { handle, netuid, registration, emission, policy } = subnet.spec;
  const digest = ports.digest({ handle, netuid, registration, emission, policy, mandate: mandate.sha256 });
  const { uid } = subnet.metadata;
  const before = sent.get(uid);
  if (before !== undefined && before.digest === digest && !isForgotten(ports, before.put)) return before.put;
  const cause = causeOf(ports, subnet);
  const result = await ports.ledger.putSubnet({ subnet, mandate: mandate.envelope, cause }, signal);
  if (result.kind === 'put') sent.set(uid, { digest, put: { ...result, mandate: undefined } });
  return result;
}

/** A ledger that was restored from an older state knows none of the versions that it gave later. */
function isForgotten(ports: Ports, put: SubnetPut): boolean {
  const policy = ports.market.view(put.netuid)?.policy;
  if (policy?.active === undefined) return false;
  return Math.max(policy.active.version, policy.pending?.version ?? 0) < put.policyVersion;
}

async function waitFor(
  ports: Ports,
  subnet: Subnet,
  error: LedgerUnavailableError | ScoringUnavailableError,
  signal: AbortSignal,
): Promise<Outcome> {
  // What was accepted stays accepted through an outage; only a spec that was never taken says that it waits.
  if (conditionOf(subnet.status, 'Accepted')?.observedGeneration !== subnet.metadata.generation) {
    const { conditions: _conditions, observedGeneration: _generation, ...fields } = subnet.status;
    const reason = error instanceof LedgerUnavailableError ? 'LedgerUnavailable' : 'ScoringUnavailable';
    const judgements = [unknown('Accepted', reason, error.message)];
    await report(ports, subnet, { judgements, fields }, signal);
  }
  return { kind: 'error', error };
}

async function tell(
  ports: Ports,
  input: {
    subnet: Subnet;
    network: NetworkView;
    accepted: Judgement;
    netuid: number | undefined;
    answer?: NoticeAnswer | undefined;
  },
  signal: AbortSignal,
): Promise<Outcome> {
  const { subnet, network, accepted, answer } = input;
  const netuid = input.netuid ?? subnet.status.netuid;
  const market = netuid === undefined ? undefined : ports.market.view(netuid);
  const registered = registrationOf(netuid, market);
  const judgements = [
    accepted,
    registered,
    ...lifeJudgements(subnet, market, answer),
    ...marketJudgements(subnet, market),
  ];
  const fields = market === undefined ? { ...known(subnet), netuid } : subnetStatus(market, network);
  await report(ports, subnet, { judgements, fields }, signal);
  return nextLook(market, network);
}

/** That a notice was answered stays told until there is another one. */
function lifeJudgements(
  subnet: Subnet,
  market: SubnetView | undefined,
  answer: NoticeAnswer | undefined,
): readonly Judgement[] {
  const dissolution = judgeDissolution(market, answer);
  if (dissolution !== undefined) return [dissolution];
  const isKept = market !== undefined && conditionOf(subnet.status, 'Dissolving')?.reason === 'SubnetKept';
  return isKept ? carriedOver(subnet, ['Dissolving']) : [];
}

function registrationOf(netuid: number | undefined, market: SubnetView | undefined): Judgement {
  if (netuid === undefined) return fails('Registered', 'NotRegistered', 'the ledger has given no netuid yet');
  if (market?.waitsFor === undefined) return holds('Registered', 'Registered', `netuid ${netuid}`);
  const message = `netuid ${netuid}; the network is full, and it begins when subnet ${market.waitsFor} has ended`;
  return unknown('Registered', 'WaitingForPlace', message);
}

function marketJudgements(subnet: Subnet, market: SubnetView | undefined): readonly Judgement[] {
  if (market === undefined && subnet.status.conditions !== undefined) {
    return carriedOver(subnet, ['EpochPaid', 'IncentiveFunction', 'Healthy', 'Serving', 'Dissolving']);
  }
  const more = [judgeFunction(subnet.spec.policy.incentiveFunction, market), judgeServing(subnet, market)];
  return [judgeEpochPaid(market), judgeHealth(market), ...more.filter((judgement) => judgement !== undefined)];
}

/** What the status said before, for passes that have no news of the market yet. */
function known(subnet: Subnet): Record<string, unknown> {
  const { conditions: _conditions, observedGeneration: _generation, ...fields } = subnet.status;
  return fields;
}

/**
 * News bring a subnet back by themselves, but for the first, which may come before the status names the netuid by which they find
 * it; a payment that does not come makes no news, so its time is kept here.
 */
function nextLook(market: SubnetView | undefined, network: NetworkView): Outcome {
  if (market === undefined) return { kind: 'requeue', afterMs: RECHECK_MS };
  const overdueFrom = overdueFromBlock(market);
  if (overdueFrom === undefined) return { kind: 'done' };
  const blocks = Math.max(1, overdueFrom + 1 - market.block);
  return { kind: 'requeue', afterMs: blocks * network.blockTimeMs };
}
