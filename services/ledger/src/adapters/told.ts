/** A domain record, or the same out of the journal's JSON, where bigint has become a decimal string. */
export type Told<T> = T extends bigint
  ? bigint | string
  : T extends object
    ? { readonly [K in keyof T]: Told<T[K]> }
    : T;
