import type { SubnetShare } from '../economy/emission-state.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { SealedEpoch } from '../economy/sealed-epoch.ts';

/** Paid epochs of each subnet that are remembered: enough to tell what is usual, few enough for memory. */
export const PAID_EPOCHS_KEPT = 4;

/** What a paid epoch says of what stake and work earn. Money in rao. */
export interface PaidEpoch {
  readonly index: number;
  readonly block: number;
  /** What there was for miners and validators. */
  readonly pots: bigint;
  readonly incentives: bigint;
  readonly dividends: bigint;
  /** Of all neurons. */
  readonly stakes: bigint;
  /** Those that earned something; a uid and the block of its registration tell one neuron. */
  readonly earned: readonly {
    readonly uid: number;
    readonly since: number;
    readonly stake: bigint;
    readonly incentive: bigint;
    readonly dividend: bigint;
  }[];
  /** Of the root network alone: how it split blocks. */
  readonly shares?: readonly SubnetShare[];
}

interface Earnings {
  readonly uid: number;
  readonly incentive: bigint;
  readonly dividend: bigint;
}

/** Keeps what an epoch paid, for those who ask what the next ones will. */
export function rememberPaid(
  ledger: Ledger,
  sealed: SealedEpoch,
  scored: { readonly neurons: readonly Earnings[]; readonly shares: readonly SubnetShare[] },
): void {
  const neurons = new Map(sealed.neurons.map((neuron) => [neuron.uid, neuron]));
  const sumOf = (amountOf: (each: Earnings) => bigint): bigint =>
    scored.neurons.reduce((sum, each) => sum + amountOf(each), 0n);
  ledger.paidEpochs.put(rowKey(sealed.netuid, sealed.index), {
    index: sealed.index,
    block: ledger.block,
    pots: sealed.miner + sealed.validator,
    incentives: sumOf(({ incentive }) => incentive),
    dividends: sumOf(({ dividend }) => dividend),
    stakes: sealed.neurons.reduce((sum, { stake }) => sum + stake, 0n),
    earned: scored.neurons
      .filter(({ incentive, dividend }) => incentive > 0n || dividend > 0n)
      .map(({ uid, incentive, dividend }) => {
        const { registeredAtBlock: since = 0, stake = 0n } = neurons.get(uid) ?? {};
        return { uid, since, stake, incentive, dividend };
      }),
    ...(sealed.subnets === undefined ? {} : { shares: scored.shares }),
  });
}

/**
 * The epochs of late by which to reckon, oldest first: those in which somebody was rated, if the last one is of them, else those
 * in which nobody was. Where nobody is rated validators get all there is by their stake, as in the first epochs of a subnet under
 * commit and reveal: an average of both would promise them, and deny miners, what no epoch pays.
 */
export function usualEpochsOf(ledger: Ledger, netuid: number): readonly PaidEpoch[] {
  const epochs = paidEpochsOf(ledger, netuid);
  const isRated = ({ incentives }: PaidEpoch): boolean => incentives > 0n;
  const last = epochs.at(-1);
  return last === undefined ? [] : epochs.filter((epoch) => isRated(epoch) === isRated(last));
}

/** What a subnet's epochs of late paid, oldest first. */
export function paidEpochsOf(ledger: Ledger, netuid: number): readonly PaidEpoch[] {
  const last = ledger.subnet(netuid)?.lastPaidIndex ?? 0;
  const epochs: PaidEpoch[] = [];
  for (let index = Math.max(1, last - PAID_EPOCHS_KEPT + 1); index <= last; index += 1) {
    const epoch = ledger.paidEpochs.get(rowKey(netuid, index));
    if (epoch?.index === index) epochs.push(epoch);
  }
  return epochs;
}

/** A row for each place of the ring: it never grows. */
function rowKey(netuid: number, index: number): string {
  return `${netuid}/${index % PAID_EPOCHS_KEPT}`;
}
