import type {
  Epoch,
  Explanation,
  GivenWeight,
  MetagraphNeuron,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import type { Found } from '../neuron-finder.ts';
import { findNeuron, neuronName } from '../neuron-finder.ts';
import { hexOf, raoOf, shareText, tokenColumn } from '../number-text.ts';
import { readInputs, recomputeEpoch, sha256Hex } from '../recompute-epoch.ts';
import { tableLines } from '../table.ts';

/** What to explain. */
export interface ExplainQuestion {
  readonly kind: 'Miner' | 'Validator';
  readonly name: string;
  /** 0 is the newest. */
  readonly epoch: number;
  readonly netuid: number | undefined;
  readonly namespace: string | undefined;
}

/** `subnetes explain`: who gave what, what of it counted, and whether this machine gets the same. */
export async function explain(context: CommandContext, question: ExplainQuestion): Promise<void> {
  const found = await findNeuron(context.market, question);
  const { netuid } = found.subnet;
  const { uid } = found.neuron;
  const scoring = await context.market.scoring();
  const explanation = await scoring.explainNeuron({ netuid, uid, index: BigInt(question.epoch) });
  const epoch = await scoring.getEpoch({ netuid, index: explanation.index });
  const check = verify(netuid, explanation, epoch);
  const others = epoch.metagraph?.neurons ?? [];
  const lines = question.kind === 'Miner' ? minerLines(found, explanation, others) : validatorLines(found, explanation);
  print(context, { value: explanationValue(found, explanation, check.verified), lines: [...lines, check.line] });
}

function minerLines(found: Found, explanation: Explanation, others: readonly MetagraphNeuron[]): string[] {
  const { neuron } = explanation;
  // Who decides stands first.
  const rows = explanation.given
    .toSorted((left, right) => Number(right.stakeShare) - Number(left.stakeShare))
    .map((weight) => [nameOf(found, weight.validatorUid), ...weightCells(weight, true)]);
  const columns = [
    { head: 'validator' },
    ...['stake', 'gave', 'counted'].map((head) => ({ head, align: 'right' as const })),
    { head: 'clipped' },
  ];
  return [
    `${headOf(found, explanation)}   incentive ${shareText(neuron?.incentiveU16 ?? 0)}, ${tokenColumn(raoOf(neuron?.incentiveRao))} TAO`,
    neuron?.why ?? '',
    '',
    ...(rows.length === 0
      ? ['  no validator with a permit gave weights that count']
      : tableLines(columns, rows).map((line) => `  ${line}`)),
    `  consensus ${explanation.consensus}, the highest weight that validators with at least half of the stake gave or exceeded`,
    standingLine(found, explanation, others),
  ];
}

function validatorLines(found: Found, explanation: Explanation): string[] {
  const { neuron } = explanation;
  const rows = explanation.gave
    .toSorted((left, right) => Number(right.gave) - Number(left.gave))
    .map((weight) => [nameOf(found, weight.minerUid), ...weightCells(weight, false)]);
  const columns = [
    { head: 'miner' },
    ...['gave', 'counted'].map((head) => ({ head, align: 'right' as const })),
    { head: 'clipped' },
  ];
  return [
    `${headOf(found, explanation)}   dividends ${shareText(neuron?.dividendsU16 ?? 0)}, trust ${shareText(neuron?.validatorTrustU16 ?? 0)}, ${tokenColumn(raoOf(neuron?.dividendRao))} TAO`,
    neuron?.why ?? '',
    '',
    ...(rows.length === 0
      ? ['  no weights of it counted in this epoch']
      : tableLines(columns, rows).map((line) => `  ${line}`)),
  ];
}

function headOf(found: Found, explanation: Explanation): string {
  const { subnet, neuron } = found;
  const policy = `policy yuma${explanation.yumaVersion}/${explanation.policyVersion}`;
  return `${neuronName(neuron)} (uid ${neuron.uid}) on ${subnet.handle}, epoch ${explanation.index}, ${policy}, inputs sha256:${hexOf(explanation.inputsSha256).slice(0, 4)}…`;
}

function weightCells(weight: GivenWeight, withStake: boolean): string[] {
  return [...(withStake ? [weight.stakeShare] : []), weight.gave, weight.counted, clippedText(weight)];
}

/** What was taken off, or why nothing was. */
function clippedText({ gave, clipped }: GivenWeight): string {
  if (Number(clipped) !== 0) return clipped;
  return Number(gave) === 0 ? '(gave nothing)' : '(not above the consensus: counts as given)';
}

function standingLine(found: Found, explanation: Explanation, others: readonly MetagraphNeuron[]): string {
  const own = explanation.neuron?.incentiveU16 ?? 0;
  if (own === 0) return 'No incentive in this epoch.';
  const ahead = explanation.hasNextBetter
    ? `Distance to the next better rank: ${explanation.distanceToNext} of incentive behind ${nameOf(found, explanation.nextBetterUid)}.`
    : 'Distance to the next better rank: you are first.';
  return [ahead, leadText(found, own, others), worthText(others)].filter((text) => text !== '').join(' ');
}

/** The nearest miner below, which is the one to watch. */
function leadText(found: Found, own: number, others: readonly MetagraphNeuron[]): string {
  const below = others
    .filter(({ incentiveU16 }) => incentiveU16 > 0 && incentiveU16 < own)
    .toSorted((left, right) => right.incentiveU16 - left.incentiveU16);
  return below[0] === undefined
    ? ''
    : `Lead over ${nameOf(found, below[0].uid)}: ${shareText(own - below[0].incentiveU16)}.`;
}

/** What a hundredth of the incentive was worth, so that a distance can be read as money. */
function worthText(others: readonly MetagraphNeuron[]): string {
  const paid = others.reduce((sum, { incentiveRao }) => sum + raoOf(incentiveRao), 0n);
  return paid === 0n ? '' : `0.01 of incentive was ${tokenColumn(paid / 100n)} TAO in this epoch.`;
}

function nameOf(found: Found, uid: number): string {
  const neuron = found.neighbours.find((neighbour) => neighbour.uid === uid);
  return neuron === undefined ? `uid ${uid}` : neuronName(neuron);
}

/** Recomputes the epoch here; a difference is told, never hidden. */
function verify(netuid: number, explanation: Explanation, epoch: Epoch): { verified: boolean; line: string } {
  const inputsSha256 = sha256Hex(epoch.inputsJson);
  const stored = hexOf(epoch.summary?.outputsSha256 ?? new Uint8Array());
  const isSame =
    inputsSha256 === hexOf(explanation.inputsSha256) &&
    sha256Hex(epoch.outputsJson) === stored &&
    recomputeEpoch(readInputs(epoch.inputsJson), inputsSha256).outputsSha256 === stored;
  return {
    verified: isSame,
    line: isSame
      ? 'Verified: recomputed here from stored inputs, bit for bit.'
      : `NOT verified: this machine gets other outputs from the stored inputs. Run subnetes epoch replay --netuid ${netuid} --epoch ${explanation.index} and report both hashes.`,
  };
}

function explanationValue(found: Found, explanation: Explanation, verified: boolean) {
  const { neuron } = explanation;
  return {
    name: neuronName(found.neuron),
    netuid: found.subnet.netuid,
    uid: found.neuron.uid,
    epoch: explanation.index,
    inputsSha256: hexOf(explanation.inputsSha256),
    incentiveU16: neuron?.incentiveU16 ?? 0,
    dividendsU16: neuron?.dividendsU16 ?? 0,
    incentiveRao: raoOf(neuron?.incentiveRao),
    dividendRao: raoOf(neuron?.dividendRao),
    why: neuron?.why ?? '',
    whyReason: neuron?.whyReason ?? '',
    consensus: explanation.consensus,
    given: explanation.given.map(weightValue),
    gave: explanation.gave.map(weightValue),
    verified,
  };
}

function weightValue({ validatorUid, minerUid, stakeShare, gave, counted, clipped }: GivenWeight) {
  return { validatorUid, minerUid, stakeShare, gave, counted, clipped };
}
