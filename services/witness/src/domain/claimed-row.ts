/** A row as scoring says that it was shown: what the validators' envelopes have to prove. */
export interface ClaimedRow {
  readonly lastUpdate: number;
  /** Pairs of uid and u16. */
  readonly weights: readonly (readonly [number, number])[];
}

/** Where the inputs say that a row comes from: from a reveal, from what a round of a beacon opened, or set in the open. */
export interface RowOrigin {
  readonly validatorUid: number;
  readonly mechanismId: number;
  readonly source: 'Salted' | 'Timelock' | 'Open';
  readonly interval: number;
  /** Of the envelope that brought it, u64 as decimal text; releases of before witnesses asked for it did not write it. */
  readonly sequence?: string | undefined;
}

/** What an epoch counted of one registration and mechanism. */
export interface PaidRow {
  /** Undefined: no row. */
  readonly origin: RowOrigin | undefined;
  /** As the mechanism took it; undefined where the policy did not have the mechanism. */
  readonly row: ClaimedRow | undefined;
  /** It was of another interval than the one whose draw of judges was open, and said nothing for that. */
  readonly isSilenced?: boolean;
}

/** The interval whose draw of judges an epoch opened: rows of any other say nothing in it. */
export interface OpenedInterval {
  readonly interval: number;
}

export function isOfAnotherDraw(origin: RowOrigin, opened: OpenedInterval | undefined): boolean {
  return opened !== undefined && origin.interval !== opened.interval;
}

/** Names a row among those of a subnet. */
export function rowKey(registrationId: string, mechanismId: number): string {
  return `${registrationId}/${mechanismId}`;
}
