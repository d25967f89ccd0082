/** What an epoch pays, as far as money depends on it. Hashes and registration ids are lower-case hex. */
export interface EpochPayment {
  /** The ledger's sequence of the EpochDue that was scored. */
  readonly dueSequence: number;
  readonly inputsSha256: string;
  readonly outputsSha256: string;
  /** In the order in which they are told; amounts in rao. */
  readonly neurons: readonly {
    readonly uid: number;
    readonly registrationId: string;
    readonly incentive: bigint;
    readonly dividend: bigint;
  }[];
  /** Of the root network alone: what each subnet gets of every block, ascending by netuid. */
  readonly shares?: readonly { readonly netuid: number; readonly sharePpm: number }[];
}

/**
 * The one text of a payment: the ledger remembers its hash, so that an epoch is not paid by two outputs, and witnesses
 * sign it. The hash of the outputs alone would let amounts differ under it. It may never change: paid epochs hold it.
 */
export function paymentText(payment: EpochPayment): string {
  const amounts = payment.neurons.map((n) => [n.uid, n.registrationId, n.incentive.toString(), n.dividend.toString()]);
  const content = [payment.dueSequence, payment.inputsSha256, payment.outputsSha256, amounts];
  // Only where there are shares: epochs that were paid before there were any keep their text.
  const shares = (payment.shares ?? []).map(({ netuid, sharePpm }) => [netuid, sharePpm]);
  return JSON.stringify(shares.length === 0 ? content : [...content, shares]);
}
