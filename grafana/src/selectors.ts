/** Works with and without the label: All is `.*`, which matches a series that lacks it. */
export const CLUSTER = 'cluster=~"$cluster"';

/** Cluster and the subnets chosen on the board. */
export const SUBNET = `${CLUSTER},subnet=~"$subnet"`;

/** Processes of the system. Neurons are their owners': they come and go, and export some of the same names. */
export const PARTS = `${CLUSTER},service!~"miner|validator"`;

/** A block age above this is red on the board; the local block time is 1 s and the default 12 s. */
export const BLOCK_AGE_LIMIT_SECONDS = 60;

/** Share of a tempo by which a payment may wait before it counts as overdue: as the condition EpochPaid of a Subnet. */
export const OVERDUE_TEMPO_SHARE = 0.5;

/**
 * Tempos without counted weights, beside those between commit and reveal, after which a validator with a permit is overdue: one to
 * commit, one of grace.
 */
export const WEIGHTS_OVERDUE_TEMPOS = 2;

/**
 * How much a counter grew in the time shown, first value included. `increase` misses what a series is born with, and the
 * only request of an hour would count as none; after a restart what the new process counted stands for the whole.
 */
export function grownInRange(counter: string): string {
  return `((${counter} - ${counter} offset $__range) >= 0 or ${counter})`;
}
