import { payPots } from '@subnetes/consensus/emission';
import type { EpochParameters } from '@subnetes/consensus/epoch-types';
import { runKernelEpoch } from '@subnetes/consensus/kernel';
import type { Row } from '@subnetes/consensus/sparse';
import type { Ledger } from '#domain/economy/ledger.ts';
import type { ScoredEpoch } from '#domain/economy/payout.ts';
import type { SealedEpoch, SealedNeuron } from '#domain/economy/sealed-epoch.ts';
import type { Subnet } from '#domain/economy/subnet.ts';

/** How a sealed neuron rates the others: u16 weights, ascending by uid. */
export type Rates = (rater: SealedNeuron, epoch: SealedEpoch) => Row<number>;

/** What scoring keeps of a neuron between two epochs. */
interface Kept {
  readonly registrationId: string;
  readonly bonds: Row<number>;
  readonly permit: boolean;
}

const U16 = 65_535n;

/** Scores sealed epochs by the real consensus, with made-up weights: what the service scoring does, without its wires. */
export class SimulatedScoring {
  readonly #rates: Rates;
  readonly #kept = new Map<number, ReadonlyMap<number, Kept>>();
  readonly #blocks = new Map<number, number>();

  constructor(rates: Rates) {
    this.#rates = rates;
  }

  score(ledger: Ledger, sealed: SealedEpoch): ScoredEpoch {
    const subnet = ledger.subnet(sealed.netuid);
    if (subnet === undefined) throw new Error(`there is no subnet ${sealed.netuid}`);
    const kept = this.#kept.get(sealed.netuid);
    const places = sealed.neurons.toSorted((a, b) => a.uid - b.uid);
    const positions = new Map(places.map(({ uid }, at) => [uid, at]));
    const output = runKernelEpoch({
      block: sealed.block,
      lastEpochBlock: this.#blocks.get(sealed.netuid) ?? null,
      ownerUid: null,
      parameters: parametersOf(subnet),
      neurons: places.map((neuron) => {
        const before = kept?.get(neuron.uid);
        const same = before?.registrationId === neuron.registrationId ? before : undefined;
        return {
          stake: neuron.stake,
          lastUpdate: sealed.block - 1,
          registeredAt: neuron.registeredAtBlock,
          permit: same?.permit ?? kept === undefined,
          oldestCommit: null,
          weights: placed(this.#rates(neuron, sealed), positions),
          bonds: placed(same?.bonds ?? [], positions),
        };
      }),
    });
    const bonds = output.bonds;
    const next = places.map(({ uid, registrationId }, at) => {
      const row = (bonds[at] ?? []).map(([position, value]) => [places[position]?.uid ?? 0, value] as const);
      return [uid, { registrationId, bonds: row, permit: output.permits[at] ?? false }] as const;
    });
    this.#kept.set(sealed.netuid, new Map(next));
    this.#blocks.set(sealed.netuid, sealed.block);
    const paid = payPots(output, { miners: sealed.miner, validators: sealed.validator });
    return {
      ...unpaid(sealed),
      neurons: places.map(({ uid, registrationId }, at) => ({
        uid,
        registrationId,
        incentive: paid.incentive[at] ?? 0n,
        dividend: paid.dividends[at] ?? 0n,
        incentiveU16: output.u16.incentive[at] ?? 0,
        dividendsU16: output.u16.dividends[at] ?? 0,
        permit: output.permits[at] ?? false,
      })),
    };
  }
}

/** An epoch that pays nobody but the subnet's owner. */
export function unpaid({ netuid, index, sequence }: SealedEpoch): ScoredEpoch {
  return { netuid, index, dueSequence: sequence, inputsSha256: '', outputsSha256: '', neurons: [], shares: [] };
}

function placed(row: Row<number>, positions: ReadonlyMap<number, number>): Row<number> {
  return row.flatMap(([uid, value]) => {
    const at = positions.get(uid);
    return at === undefined ? [] : [[at, value] as const];
  });
}

function parametersOf({ active }: Subnet): EpochParameters {
  const { hyperparameters: rules } = active.policy;
  return {
    formula: 'yuma3',
    kappaU16: rules.kappaU16,
    bondsPenaltyU16: rules.bondsPenaltyU16,
    bondsMovingAveragePpm: rules.bondsMovingAveragePpm,
    liquidAlpha: undefined,
    tempo: rules.tempo,
    activityCutoffBlocks: rules.activityCutoffBlocks,
    maxValidators: rules.maxValidators,
    minStake: BigInt(rules.stakeThresholdRao),
    bondMask: 'epoch',
    permitRule: 'nonzero',
    clearBonds: 'without-next-permit',
  };
}

/** A made-up opinion: everybody sees a miner's quality with noise that is the rater's own and stays. */
export function steadyRates({
  seed,
  isMiner,
}: {
  readonly seed: number;
  readonly isMiner: (neuron: SealedNeuron) => boolean;
}): Rates {
  return (rater, { neurons }) =>
    isMiner(rater)
      ? []
      : neurons
          .filter((neuron) => isMiner(neuron))
          .map(({ uid }) => {
            const quality = 1000n + (mixed(seed, uid) * 40_000n) / U16;
            return [uid, Number(quality + (quality * mixed(seed + 1, rater.uid * 1009 + uid)) / (4n * U16))] as const;
          });
}

/** A number of 16 bits that looks drawn, the same on every machine. */
export function mixed(seed: number, value: number): bigint {
  let state = Math.imul(seed ^ 0x9e_37_79_b9, 0x85_eb_ca_6b) ^ Math.imul(value + 1, 0xc2_b2_ae_35);
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return BigInt((state ^ (state >>> 14)) & 0xff_ff);
}
