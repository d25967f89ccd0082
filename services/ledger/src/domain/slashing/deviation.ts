import { accept, type Decision } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { conditionOf, oldestOffenceBlock, reportEvidence, type Reported } from './report.ts';

/** What scoring says of a validator whose weights were far from the consensus for epochs in a row. */
export interface ToldDeviation {
  readonly netuid: number;
  /** Hex. */
  readonly registrationId: string;
  /** Consecutive, the oldest first, at most 100; millionths of distance from consensus. */
  readonly epochs: readonly {
    readonly index: number;
    readonly inputsSha256: string;
    readonly deviationPpm: number;
  }[];
}

/** Reports it where the network slashes for it and the registration, or stake of it, is still there. Undefined: it does not. */
export function reportDeviation(ledger: Ledger, told: ToldDeviation): Decision<Reported | undefined> {
  const { netuid, registrationId, epochs } = told;
  const [first, last] = [epochs.at(0), epochs.at(-1)];
  const subnet = ledger.subnet(netuid);
  const hotkey = hotkeyOf(ledger, netuid, registrationId);
  if (conditionOf(ledger, 'Deviation') === undefined || first === undefined || last === undefined) {
    return accept(undefined);
  }
  if (subnet === undefined || hotkey === undefined) return accept(undefined);
  const measured = Math.floor(epochs.reduce((sum, { deviationPpm }) => sum + deviationPpm, 0) / epochs.length);
  // Epochs take a tempo at least: stake that left before these cannot have stood behind any of them.
  const span = (subnet.epochIndex - first.index + 1) * subnet.active.policy.hyperparameters.tempo;
  return reportEvidence(ledger, {
    type: 'Deviation',
    netuid,
    hotkey,
    registrationId,
    offenceBlock: Math.max(oldestOffenceBlock(ledger), subnet.epochBlock - span),
    fromEpoch: first.index,
    toEpoch: last.index,
    measured,
    evidenceSha256: ledger.hashes.text(
      JSON.stringify(epochs.map(({ index, inputsSha256, deviationPpm }) => [index, inputsSha256, deviationPpm])),
    ),
  });
}

function hotkeyOf(ledger: Ledger, netuid: number, registrationId: string): string | undefined {
  const active = ledger.neuronsOf(netuid).find((neuron) => neuron.registrationId === registrationId);
  return active?.hotkey ?? ledger.unbondings.find(`registration/${registrationId}`)[0]?.hotkey;
}
