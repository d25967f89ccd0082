/** Money of an account that is reserved for one payer of results, until it is posted, voided or its block comes. */
export interface Hold {
  readonly id: string;
  readonly account: string;
  readonly asset: string;
  /** What was reserved at first, in smallest units. */
  readonly amount: bigint;
  /** What is still reserved. */
  readonly remaining: bigint;
  /** The hold ends when this block is produced. */
  readonly expiresAtBlock: number;
}
