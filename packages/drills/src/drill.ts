import type { EpochInput, EpochOutput, Formula } from '@subnetes/consensus/epoch-types';
import { type Assignment, candidatesAfter, drawAssignment } from '@subnetes/policy/assignment';
import type { ConsensusPolicy } from '@subnetes/policy/consensus-policy';
import { type PolicyMachinery, type PolicyOutcome, runPolicyEpoch } from '@subnetes/policy/policy-epoch';
import { EMPTY_STATE } from '@subnetes/policy/policy-state';
import { hexOf } from '@subnetes/policy/sha256';
import { ATTACK_CATALOGUE, type AttackName } from './attacks.ts';
import { Capture, type CaptureFigures } from './capture.ts';
import { blockOf, epochInput, parametersOf, stakesOf } from './chain.ts';
import { type Market, type MarketSpec, openMarket } from './market.ts';
import { RowsInForce } from './rows-in-force.ts';

/** One attack on one market under one policy. */
export interface DrillSpec {
  readonly attack: AttackName;
  readonly market: MarketSpec;
  readonly formula: Formula;
  readonly policy: ConsensusPolicy;
  /** Intervals between a commit and its reveal; 0 without commit-reveal. */
  readonly revealPeriod: number;
  /** The attackers' part of all stake, in millionths; without effect for attacks without validators. */
  readonly stakeSharePpm: number;
  /** Everybody is honest in the intervals before this one, and nothing is measured until its rows count. */
  readonly attackFrom: number;
}

/** What came out of it. */
export interface DrillResult extends CaptureFigures {
  /** Abstentions of attackers and of honest validators, over all epochs. */
  readonly abstentions: { readonly attackers: number; readonly honest: number };
  /** Records of evidence, likewise. */
  readonly evidence: { readonly attackers: number; readonly honest: number };
  /** The last epoch as it was counted. */
  readonly lastEpoch: EpochInput;
}

/** Runs a drill. Pure and seeded: the same specification gives the same result on every machine. */
export function runDrill(spec: DrillSpec, machinery: PolicyMachinery): DrillResult {
  const attack = ATTACK_CATALOGUE[spec.attack];
  const market = openMarket(spec.market, attack.intruders);
  const stakes = stakesOf(market, spec.stakeSharePpm);
  const rows = new RowsInForce({
    market,
    attack,
    stakes,
    attackFrom: spec.attackFrom,
    revealPeriod: spec.revealPeriod,
  });
  const capture = new Capture(market, stakes);
  const attackers = new Set(market.attackingValidators);
  const counts = { abstentions: { attackers: 0, honest: 0 }, evidence: { attackers: 0, honest: 0 } };
  const draws: Assignment[] = [];
  let before: { readonly output: EpochOutput; readonly outcome: PolicyOutcome } | undefined;
  for (let epoch = 0; epoch < spec.market.epochs; epoch += 1) {
    const registeredAt = registrations(market, { epoch, attackFrom: spec.attackFrom, joinsLate: attack.joinsLate });
    const ids = registeredAt.map((block, uid) => (block === blockOf(epoch) ? null : `${uid}@${block}`));
    draws.push(drawOf(spec, { epoch, ids, stakes, before: before?.output, sha256: machinery.sha256 }));
    const ownerUid = attack.ownsSubnet ? (market.attackingValidators[0] ?? null) : null;
    const { formula, revealPeriod } = spec;
    const epochFacts = { market, formula, epoch, revealPeriod, stakes, registeredAt, ownerUid, before: before?.output };
    const assignment = draws[Math.max(0, epoch - revealPeriod)];
    const outcome = runPolicyEpoch(
      {
        epoch: epochInput({ ...epochFacts, rows: rows.at(epoch) }),
        index: epoch,
        inputsSha256: hexOf(machinery.sha256(new TextEncoder().encode(`${spec.attack} ${epoch}`))),
        registrations: ids,
        ...(assignment === undefined ? {} : { assignment }),
      },
      spec.policy,
      before?.outcome.state ?? EMPTY_STATE,
      machinery,
    );
    if (epoch >= spec.attackFrom + revealPeriod) {
      capture.add(outcome.output);
      for (const { uid } of outcome.abstentions) counts.abstentions[attackers.has(uid) ? 'attackers' : 'honest'] += 1;
      for (const { registrationId } of outcome.evidence) {
        counts.evidence[attackers.has(ids.indexOf(registrationId)) ? 'attackers' : 'honest'] += 1;
      }
    }
    before = { output: outcome.output, outcome };
  }
  if (before === undefined) throw new RangeError('a drill needs an epoch');
  return { ...capture.figures(), ...counts, lastEpoch: before.outcome.counted };
}

/** Block of registration of every uid; latecomers are vacant slots until the attack begins. */
function registrations(
  market: Market,
  {
    epoch,
    attackFrom,
    joinsLate,
  }: { readonly epoch: number; readonly attackFrom: number; readonly joinsLate: boolean },
): number[] {
  const late = new Set(joinsLate ? market.attackingMiners : []);
  const arrival = blockOf(Math.min(epoch, attackFrom - 1));
  return Array.from({ length: market.neurons }, (_, uid) => (late.has(uid) ? arrival : 0));
}

function drawOf(
  spec: DrillSpec,
  facts: {
    readonly epoch: number;
    readonly ids: readonly (string | null)[];
    readonly stakes: readonly bigint[];
    readonly before: EpochOutput | undefined;
    readonly sha256: PolicyMachinery['sha256'];
  },
): Assignment {
  const rules = spec.policy.countermeasures?.assignment;
  const seed = hexOf(facts.sha256(new TextEncoder().encode(`${spec.market.seed} draw ${facts.epoch}`)));
  if (rules === undefined) return { seed, judges: {} };
  const standing = facts.before ?? { permits: facts.ids.map((_, uid) => uid < facts.stakes.length), incentive: [] };
  const candidates = candidatesAfter(standing, facts.ids, facts.stakes);
  const { kappaU16 } = parametersOf(spec.formula);
  return drawAssignment({ seed, kappaU16, candidates }, rules, facts.sha256);
}
