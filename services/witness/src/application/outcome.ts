import type { Refusal, RefusalReason } from '#domain/refusal.ts';

/** What a step of judging comes to. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | Refused;
export type Refused = { readonly ok: false; readonly refusal: Refusal };

export function refuse(reason: RefusalReason, message: string, field = ''): Refused {
  return { ok: false, refusal: { reason, field, message } };
}

export function accept<T>(value: T): Outcome<T> {
  return { ok: true, value };
}
