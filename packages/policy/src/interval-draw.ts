import type { EpochOutput } from '@subnetes/consensus/epoch-types';
import {
  type Assignment,
  type AssignmentRules,
  type Candidates,
  candidatesAfter,
  drawAssignment,
} from './assignment.ts';
import { hexOf, type Sha256 } from './sha256.ts';

/** Draws that wait for their rows at most: rows count that many intervals after they were committed, at most. */
export const DRAWS_MAX = 4;

/** How the judges of one interval are drawn, fixed when the interval begins and before the round is out. */
export interface DrawTerms {
  readonly interval: number;
  /** Of the beacon; its signature is what the seed is made of. */
  readonly round: number;
  /** The beacon's, hex: by it anybody can tell whether a signature is the round's. */
  readonly publicKey: string;
  readonly rules: AssignmentRules;
  readonly kappaU16: number;
}

/** Who stood to be drawn under those terms. Stakes are decimal text: it is carried as JSON. */
export interface CarriedDraw extends DrawTerms {
  readonly validators: readonly { readonly registrationId: string; readonly stake: string }[];
  readonly miners: readonly string[];
}

/** The round of one interval, as the beacon signed it. */
export interface OpenedRound {
  readonly interval: number;
  /** Hex, 48 bytes. */
  readonly signature: string;
}

/** Names the draws of one mechanism of one market of a network. */
export function drawScope(netuid: number, mechanismId: number): string {
  return `${netuid}/${mechanismId}`;
}

/** What an epoch carries for later ones: the draws that still wait, and that of the interval which begins with it. */
export function drawsAfter(
  before: readonly CarriedDraw[],
  begins: DrawTerms | undefined,
  facts: {
    readonly index: number;
    readonly output: Pick<EpochOutput, 'permits' | 'incentive'>;
    readonly registrations: readonly (string | null)[];
    readonly stakes: readonly bigint[];
  },
): readonly CarriedDraw[] {
  const waiting = before.filter(({ interval }) => interval > facts.index - DRAWS_MAX);
  if (begins === undefined) return waiting;
  const { validators, miners } = candidatesAfter(facts.output, facts.registrations, facts.stakes);
  const named = validators.map(({ registrationId, stake }) => ({ registrationId, stake: stake.toString() }));
  return [...waiting, { ...begins, validators: named, miners }].slice(-DRAWS_MAX);
}

/**
 * Who judges whom in an interval, once its round is out; undefined where nobody was to be drawn, and everybody judges
 * everybody. The scope keeps markets, and mechanisms of one market, from having the same draw.
 */
export function drawnAssignment(
  draws: readonly CarriedDraw[],
  opened: OpenedRound | undefined,
  context: { readonly scope: string; readonly sha256: Sha256 },
): { readonly assignment: Assignment; readonly rules: AssignmentRules } | undefined {
  const draw = draws.find(({ interval }) => interval === opened?.interval);
  if (draw === undefined || opened === undefined) return undefined;
  const { interval, kappaU16, rules, miners } = draw;
  const text = `subnetes/v1 draw\n${context.scope}\n${interval}\n${opened.signature}`;
  const seed = hexOf(context.sha256(new TextEncoder().encode(text)));
  const validators = draw.validators.map(({ registrationId, stake }) => ({ registrationId, stake: BigInt(stake) }));
  const candidates: Candidates = { validators, miners };
  return { assignment: drawAssignment({ seed, kappaU16, candidates }, rules, context.sha256), rules };
}

/** Miners, by registration, that a validator is not to judge: those that were drawn and did not draw it. */
export function notToJudge({ judges }: Assignment, validator: string): readonly string[] {
  return Object.entries(judges).flatMap(([miner, drawn]) => (drawn.includes(validator) ? [] : [miner]));
}
