import { type CommonRaise, commonLever } from '@subnetes/consensus/miner-lever';
import { type Fixed, ONE } from '@subnetes/consensus/fixed';
import type { ScorableInputs } from './epoch-inputs.ts';
import type { EpochOutputs } from './score-epoch.ts';
import { changesIncentives } from './why-policy.ts';

/** What all agreeing validators together would have to give a miner for it to pass the next better one. */
export type Lever = CommonRaise & { readonly passUid: number };

/**
 * Kernel runs for the levers of one epoch, as it is scored: five to twenty a miner, so the best twenty or so of a large
 * subnet (50 ms) and all of a small one have theirs told; `ExplainNeuron` looks for anybody's.
 */
const RUNS_MAX = 96;

/**
 * Levers by uid, of the mechanism with the most emission, from the best miner down until the runs are used. One takes some
 * milliseconds: whoever asks for them may do something else between two. None where the policy changed incentives: levers are
 * searched in the consensus alone, and a sentence must not promise what it cannot know.
 */
export function* commonLevers(inputs: ScorableInputs, outputs: EpochOutputs): Generator<readonly [number, Lever]> {
  if (changesIncentives(outputs)) return;
  if (inputs.due.subnets !== undefined) return; // there are no miners in the root network
  const [main] = inputs.mechanisms
    .map((mechanism, at) => ({ mechanism, output: outputs.mechanisms[at]?.output }))
    .toSorted((left, right) => right.mechanism.emissionWeight - left.mechanism.emissionWeight);
  if (main?.output === undefined) return;
  const { output, mechanism } = main;
  const rated = output.prerank
    .flatMap((given, uid) => (given > 0n ? [{ uid, incentive: output.incentive[uid] ?? 0n }] : []))
    .toSorted((left, right) => (left.incentive > right.incentive ? -1 : left.incentive < right.incentive ? 1 : 0));
  let runs = 0;
  for (const { uid } of rated) {
    if (runs >= RUNS_MAX) break;
    const lever = commonLever(mechanism.epoch, output, uid);
    if (lever === undefined) continue;
    runs += lever.runs;
    yield [uid, lever];
  }
}

/** `validators with 0.80 of stake would have to give 0.0121 more each to pass uid 3`; empty when not even all would do. */
export function leverSentence({ more, stakeShare, passUid }: Lever): string {
  if (more === undefined) return '';
  const stake = (Number(stakeShare) / Number(ONE)).toFixed(2);
  return `validators with ${stake} of stake would have to give ${roundedUp(more)} more each to pass uid ${passUid}`;
}

/** Three digits, up, so that what is told is enough. */
function roundedUp(share: Fixed): string {
  const value = Number(share) / Number(ONE);
  const decimals = Math.min(9, Math.max(3, 2 - Math.floor(Math.log10(value))));
  return (Math.ceil(value * 10 ** decimals) / 10 ** decimals).toFixed(decimals);
}
