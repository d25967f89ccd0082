/** Every way in which the gateway says no: HTTP status, kind, and what it means on the page of errors. */
export const REFUSALS = {
  missing_api_key: [401, 'authentication', 'The request has no API key: send `authorization: Bearer <key>`.'],
  invalid_api_key: [401, 'authentication', 'The API key is unknown or revoked: create one with `subnetes key create`.'],
  budget_exhausted: [402, 'billing', 'The billing account has nothing left: transfer to its ledger account.'],
  account_unknown: [402, 'billing', 'The key belongs to a billing account that does not exist: create the account.'],
  invalid_request: [400, 'invalid_request', 'The request is malformed: the message names the field.'],
  unsupported_media: [415, 'invalid_request', 'Bodies are JSON without content encoding and without binary tensors.'],
  not_found: [404, 'invalid_request', 'There is no such address: the protocol is Open Inference Protocol v2.'],
  model_not_found: [404, 'invalid_request', 'No subnet serves a model of this name or version.'],
  not_for_sale: [404, 'invalid_request', 'The model has no price in the policy of its subnet, or one by tokens.'],
  body_too_large: [413, 'invalid_request', 'The body is larger than this gateway takes.'],
  too_many_requests: [429, 'rate_limit', 'The account has too many requests in flight: wait for some to end.'],
  keys_not_read: [
    503,
    'availability',
    'The gateway has just started and has not read the API keys yet: try again soon.',
  ],
  overloaded: [503, 'availability', 'The gateway has too many requests in flight: try again soon.'],
  no_miner: [503, 'availability', 'No miner of the subnet answers at present: try again soon.'],
  billing_unavailable: [
    503,
    'availability',
    'Billing or the ledger does not answer: try again soon. Nothing was charged.',
  ],
  spool_full: [503, 'availability', 'The bus has been away for too long and no more usage can be kept.'],
  draining: [503, 'availability', 'This gateway is going down: another one answers.'],
  upstream_failed: [502, 'availability', 'Every miner that was tried failed. Nothing was charged.'],
  invalid_answer: [502, 'availability', 'The miners that were tried gave invalid answers. Nothing was charged.'],
  upstream_timeout: [
    504,
    'availability',
    'No miner answered within the time that the subnet allows. Nothing was charged.',
  ],
  internal: [500, 'internal', 'The gateway failed; it has logged why. Nothing was charged.'],
} as const satisfies Record<string, readonly [number, string, string]>;

export type RefusalCode = keyof typeof REFUSALS;

/** An answer that is no. `param` is the field at fault, where there is one. */
export interface Refusal {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly message: string;
  readonly param?: string;
  readonly retryAfterSeconds?: number;
}

export function refuse(
  code: RefusalCode,
  message: string,
  more: Pick<Refusal, 'param' | 'retryAfterSeconds'> = {},
): Refusal {
  return { ok: false, code, message, ...more };
}

export function statusOf(code: RefusalCode): number {
  return REFUSALS[code][0];
}

/** The body of a refused REST request. */
export function refusalBody(refusal: Refusal): string {
  const { code, message, param = null } = refusal;
  return JSON.stringify({ error: { code, message, type: REFUSALS[code][1], param, doc: `/errors#${code}` } });
}
