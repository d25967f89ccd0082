import type { EpochOutput } from '@subnetes/consensus/epoch-types';
import type { ScorableInputs, SealedNeuron } from './epoch-inputs.ts';
import type { FunctionRecord } from '@subnetes/policy/incentive-function';
import type { Lever } from './levers.ts';
import { type JoinedReport, joinReports, reportsByMiner, type SeenMiner, type WeighedReport } from './report.ts';
import type { EpochOutputs, NeuronOutput } from './score-epoch.ts';
import { countRevealed, type EpochStandings, NO_WEIGHTS, type WeightsStanding } from './standing.ts';
import { explainMiner, explainValidator, type Why } from './why.ts';
import { NO_EFFECT, type PolicyEffect, policyEffects } from './why-policy.ts';

export interface MetagraphNeuron extends NeuronOutput {
  readonly hotkey: string;
  readonly coldkey: string;
  readonly registeredAt: number;
  readonly stakeRao: bigint;
  readonly weights: WeightsStanding;
  readonly lastUpdate: number;
  readonly report: JoinedReport;
  /** Of a validator: miners on whom more than a tenth of its weight was clipped. */
  readonly clippedColumns: number;
  readonly ratedColumns: number;
  /** What the policy did to it. */
  readonly policy: PolicyEffect;
  readonly why: Why;
}

/** The registered state of a subnet after an epoch. */
export interface Metagraph {
  readonly netuid: number;
  readonly epochIndex: number;
  readonly block: number;
  readonly inputsSha256: string;
  readonly outputsSha256: string;
  readonly neurons: readonly MetagraphNeuron[];
  readonly validatorsWithPermit: number;
  readonly validatorsRevealed: number;
  /** Newest day that a validator judged; empty when none did. */
  readonly replayDay: string;
  /** What became of the incentive function, one a mechanism; empty where there is none. */
  readonly incentiveFunctions: readonly (FunctionRecord & { readonly mechanismId: number })[];
}

export interface ScoredEpoch extends EpochStandings {
  readonly inputs: ScorableInputs;
  readonly outputs: EpochOutputs;
  readonly outputsSha256: string;
  readonly reports: readonly WeighedReport[];
  /** By uid, as far as they were looked for. */
  readonly levers: ReadonlyMap<number, Lever>;
}

/** Joins sealed state, outputs and reports into what people and routers read. */
export function buildMetagraph(scored: ScoredEpoch): Metagraph {
  const { inputs, outputs } = scored;
  const sealed = new Map(inputs.due.neurons.map((neuron) => [neuron.uid, neuron]));
  const earnings = outputs.neurons.map(({ incentiveRao }) => incentiveRao).toSorted((a, b) => Number(b - a));
  const rated = outputs.neurons.filter(({ incentive }) => incentive > 0).length;
  const reports = reportsByMiner(scored.reports);
  const effects = policyEffects(
    outputs,
    inputs.mechanisms.map(({ emissionWeight }) => emissionWeight),
  );
  const neurons = outputs.neurons.flatMap((output) => {
    const neuron = sealed.get(output.uid);
    if (neuron === undefined) return [];
    const place = earnings.findIndex((incentiveRao) => incentiveRao <= output.incentiveRao) + 1;
    const seen = reports.get(neuron.registrationId) ?? [];
    const policy = effects.get(output.uid) ?? NO_EFFECT;
    const lever = scored.levers.get(output.uid);
    return [metagraphNeuron(scored, { neuron, output, seen, place, rated, lever, policy })];
  });
  return {
    netuid: inputs.due.netuid,
    epochIndex: inputs.due.index,
    block: inputs.due.block,
    inputsSha256: outputs.inputsSha256,
    outputsSha256: scored.outputsSha256,
    neurons,
    validatorsWithPermit: neurons.filter(({ permit }) => permit).length,
    validatorsRevealed: countRevealed(neurons, scored.standings),
    replayDay: scored.reports.reduce(
      (newest, { report }) => (report.replayDay > newest ? report.replayDay : newest),
      '',
    ),
    incentiveFunctions: outputs.mechanisms.flatMap(({ id, policy }) =>
      policy?.incentiveFunction === undefined ? [] : [{ mechanismId: id, ...policy.incentiveFunction }],
    ),
  };
}

function metagraphNeuron(
  scored: ScoredEpoch,
  own: {
    readonly neuron: SealedNeuron;
    readonly output: NeuronOutput;
    readonly seen: readonly SeenMiner[];
    readonly place: number;
    readonly rated: number;
    readonly lever: Lever | undefined;
    readonly policy: PolicyEffect;
  },
): MetagraphNeuron {
  const { inputs, outputs } = scored;
  const { neuron, output, place, rated, lever, policy } = own;
  const weights = scored.standings.get(neuron.registrationId) ?? NO_WEIGHTS;
  const report = joinReports(own.seen);
  const clipping = countClipped(
    neuron.uid,
    outputs.mechanisms.map((mechanism) => mechanism.output),
  );
  const isRoot = inputs.due.subnets !== undefined;
  const validates = isRoot || output.permit || weights.state !== 'none' || policy.abstention !== undefined;
  return {
    ...output,
    hotkey: neuron.hotkey,
    coldkey: neuron.coldkey,
    registeredAt: neuron.registeredAt,
    stakeRao: neuron.stake,
    weights,
    lastUpdate: Math.max(0, ...inputs.mechanisms.map(({ epoch }) => epoch.neurons[neuron.uid]?.lastUpdate ?? 0)),
    report,
    clippedColumns: clipping.clipped,
    ratedColumns: clipping.rated,
    policy,
    why: validates
      ? explainValidator({
          output,
          weights,
          missedReveal: scored.missedReveal,
          rates: isRoot ? 'subnets' : 'miners',
          policy,
          ...clipping,
        })
      : explainMiner({ output, report, place, rated, epochIndex: inputs.due.index, lever, policy }),
  };
}

/** A tenth, so that the daily differences of honest validators do not read as an accusation. */
const CLIPPED_VISIBLY_DIVISOR = 10n;

function countClipped(uid: number, outputs: readonly EpochOutput[]): { clipped: number; rated: number } {
  let clipped = 0;
  let rated = 0;
  for (const output of outputs) {
    const counted = output.clipped[uid] ?? [];
    let at = 0; // both rows ascend
    for (const [column, gave] of output.weights[uid] ?? []) {
      while ((counted[at]?.[0] ?? column) < column) at += 1;
      const [of, kept] = counted[at] ?? [];
      rated += 1;
      if (gave - (of === column ? (kept ?? 0n) : 0n) > gave / CLIPPED_VISIBLY_DIVISOR) clipped += 1;
    }
  }
  return { clipped, rated };
}
