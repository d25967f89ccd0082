import type { Refusal } from './refusal.ts';
import {
  checkMechanism,
  checkSender,
  checkSequence,
  checkStanding,
  type Refused,
  type Sender,
  type SenderFacts,
  type Subnet,
  wrongType,
} from './sender.ts';
import { checkRow, checkShape, rowOf, type RowSource, type StoredRow, type WeightsRow } from './weights.ts';

/** Weights that everybody may see at once. */
export interface WeightsSet extends WeightsRow {
  readonly netuid: number;
  readonly mechanismId: number;
}

/** What is kept of the row in force, without its weights. */
export interface RowHead {
  readonly source: RowSource;
  readonly interval: number;
  readonly block: number;
  /** Of the envelope that brought it; undefined where a beacon did. */
  readonly sequence: bigint | undefined;
  /** Of its weights, as a commit hashes them, hex. */
  readonly hash: string;
}

export interface SetFacts extends SenderFacts {
  readonly hasPermit: boolean;
  /** Of the same registration and mechanism. */
  readonly inForce: RowHead | undefined;
  /** Of the weights that are sent, hex; undefined for what has no hash. */
  readonly hash: string | undefined;
  /** Highest sequence of a SET_WEIGHTS envelope of the registration; 0n when there was none. */
  readonly lastSequence: bigint;
  readonly knownUids: ReadonlySet<number>;
}

export type SetDecision = { readonly accept: StoredRow; readonly repeated: boolean } | Refused;

/** Takes or refuses weights in the open. The same call again is taken again without effect. */
export function decideSet(set: WeightsSet, sender: Sender, facts: SetFacts): SetDecision {
  const sent = checkSender(sender, facts, set);
  if ('refusal' in sent) return sent;
  const malformed = checkShape(set);
  if (malformed !== undefined) return malformed;
  const { registration, subnet } = sent;
  const { inForce, block } = facts;
  const { mechanismId } = set;
  const { registrationId } = sender;
  const row = (at: { readonly interval: number; readonly block: number }): StoredRow =>
    rowOf({ registrationId, mechanismId, kind: 'Open', ...at }, registration.uid, set);
  if (inForce?.source === 'Open' && inForce.sequence === sender.sequence && inForce.hash === facts.hash) {
    return { accept: row(inForce), repeated: true };
  }
  if (subnet.policy.commitReveal.type !== 'Off') return wrongType(subnet);
  const refused =
    checkMechanism(subnet, mechanismId) ??
    checkSequence(sender, facts.lastSequence) ??
    checkStanding(sent, facts.hasPermit) ??
    checkRate(subnet, inForce, block) ??
    checkRow(set, {
      netuid: subnet.netuid,
      policy: subnet.policy,
      ownUid: registration.uid,
      knownUids: facts.knownUids,
    });
  return refused ?? { accept: row({ interval: subnet.interval, block }), repeated: false };
}

function checkRate({ policy }: Subnet, inForce: RowHead | undefined, block: number): Refused | undefined {
  if (inForce === undefined) return undefined;
  const retryAtBlock = inForce.block + policy.weightsRateLimitBlocks;
  if (block >= retryAtBlock) return undefined;
  const refusal: Refusal = {
    code: 'TOO_FREQUENT',
    message: `weights were last set at block ${inForce.block}, weightsRateLimitBlocks is ${policy.weightsRateLimitBlocks}: send them from block ${retryAtBlock} on`,
    retryAtBlock,
  };
  return { refusal };
}
