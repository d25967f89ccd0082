import type { MetagraphRecord, NetworkRecord, NeuronRecord, ScoredRecord, SubnetRecord } from './market.ts';
import { shortKey } from './short-key.ts';
import { accusedView, type SlashRecord } from './slash-view.ts';
import { blocksUntil, moneyView, subnetView } from './subnet-view.ts';
import type { MetagraphView, NeuronView, Role } from './views.ts';

const U16_ONE = 65_535;

/** A uid keeps its outcome only while the same registration holds it. */
type Scored = ReadonlyMap<string, ScoredRecord>;

/** Everything that one look at a subnet needs; the metagraph is absent before the first epoch was scored. */
export interface SubnetReading {
  readonly network: NetworkRecord;
  readonly subnet: SubnetRecord;
  readonly neurons: readonly NeuronRecord[];
  readonly metagraph: MetagraphRecord | undefined;
}

/** The registered neurons with what the newest scored epoch gave them, and who of them is accused. */
export function metagraphView(reading: SubnetReading, slashes: readonly SlashRecord[]): MetagraphView {
  const { metagraph } = reading;
  const scored: Scored = new Map(metagraph?.neurons.map((neuron) => [scoredKey(neuron), neuron]));
  return {
    subnet: subnetView(reading.subnet, reading.network),
    epoch: Number(metagraph?.epochIndex ?? 0n),
    block: Number(metagraph?.block ?? 0n),
    inputsSha256: metagraph?.inputsSha256 ?? '',
    validatorsWithPermit: metagraph?.validatorsWithPermit ?? 0,
    validatorsRevealed: metagraph?.validatorsRevealed ?? 0,
    replayDay: metagraph?.replayDay ?? '',
    neurons: reading.neurons
      .toSorted((left, right) => left.uid - right.uid)
      .map((neuron) => neuronView(neuron, scored.get(scoredKey(neuron)), reading.network)),
    slashes: slashes.map((slash) => accusedView(slash, reading)),
  };
}

/** One neuron; without an outcome it was registered after the newest epoch was sealed. */
export function neuronView(neuron: NeuronRecord, scored: ScoredRecord | undefined, network: NetworkRecord): NeuronView {
  const { symbol } = network;
  return {
    uid: neuron.uid,
    name: neuron.managedBy?.name ?? shortKey(neuron.hotkey),
    namespace: neuron.managedBy?.namespace ?? '',
    hotkey: neuron.hotkey,
    coldkey: neuron.coldkey,
    role: roleOf(neuron, scored),
    stake: moneyView(neuron.stakeRao, symbol),
    delegated: moneyView(neuron.delegatedRao, symbol),
    take: neuron.takeU16 / U16_ONE,
    immune: neuron.immuneUntilBlock > network.block,
    notice:
      neuron.notice === undefined
        ? null
        : {
            dueBlock: Number(neuron.notice.dueBlock),
            inBlocks: blocksUntil(neuron.notice.dueBlock, network.block),
            price: moneyView(neuron.notice.priceRao, symbol),
          },
    registeredAtBlock: Number(neuron.registeredAtBlock),
    earnedTotal: moneyView(neuron.earnedTotalRao, symbol),
    urls: neuron.urls,
    ...outcome(scored, symbol),
  };
}

type Outcome = Pick<
  NeuronView,
  | 'permit'
  | 'incentive'
  | 'dividends'
  | 'validatorTrust'
  | 'earnedLastEpoch'
  | 'loss'
  | 'judged'
  | 'invalidShare'
  | 'weights'
  | 'why'
  | 'reason'
>;

function outcome(scored: ScoredRecord | undefined, symbol: string): Outcome {
  if (scored === undefined) {
    return {
      permit: false,
      incentive: 0,
      dividends: 0,
      validatorTrust: 0,
      earnedLastEpoch: moneyView(0n, symbol),
      loss: null,
      judged: 0,
      invalidShare: null,
      weights: null,
      why: 'Registered after the newest epoch was sealed; the next one counts it.',
      reason: 'NotJudgedYet',
    };
  }
  return {
    permit: scored.validatorPermit,
    incentive: scored.incentiveU16 / U16_ONE,
    dividends: scored.dividendsU16 / U16_ONE,
    validatorTrust: scored.validatorTrustU16 / U16_ONE,
    earnedLastEpoch: moneyView(scored.incentiveRao + scored.dividendRao, symbol),
    loss: scored.judged > 0 ? scored.loss : null,
    judged: scored.judged,
    invalidShare: scored.answers > 0 ? scored.invalid / scored.answers : null,
    weights: scored.weightsState ?? null,
    why: scored.why,
    reason: scored.whyReason,
  };
}

function roleOf(neuron: NeuronRecord, scored: ScoredRecord | undefined): Role {
  if (neuron.managedBy?.kind === 'Validator') return 'Validator';
  if (neuron.managedBy?.kind === 'Miner') return 'Miner';
  return scored?.validatorPermit === true ? 'Validator' : 'Miner';
}

function scoredKey(neuron: { readonly uid: number; readonly hotkey: string }): string {
  return `${neuron.uid}/${neuron.hotkey}`;
}
