/** What became of a function in one mechanism of an epoch. */
export interface FunctionRun {
  readonly mechanismId: number;
  readonly sha256: string;
  readonly fuelUsed: number;
  /** Stable code of why it did not decide; absent where it did. */
  readonly refusal?: { readonly code: string; readonly message: string };
}
