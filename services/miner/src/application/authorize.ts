import { CLOCK_SKEW_MS_MAX, requestMac } from '@subnetes/keys/request-session';
import type { ReplayWindow } from '#domain/replay-window.ts';
import type { SessionSeal } from './ports.ts';

/** What a request says about itself; `undefined` where a header is missing. */
export type Claim = {
  readonly session: string | undefined;
  readonly requestId: string | undefined;
  readonly timestampMs: string | undefined;
  readonly mac: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
};

export type Authorization =
  | { readonly ok: true; readonly peer: string; readonly requestId: string }
  | { readonly ok: false; readonly reason: string; readonly message: string };

const REQUEST_ID = /^[\x21-\x7e]{1,128}$/;

/** Checks that a request belongs to a session, is fresh, is whole, and comes for the first time. */
export function makeAuthorize(ports: {
  readonly seal: SessionSeal;
  readonly seen: ReplayWindow;
  readonly isEqual: (one: string, other: string) => boolean;
}): (claim: Claim, nowMs: number) => Authorization {
  return (claim, nowMs) => {
    const { session: token, requestId, timestampMs: time, mac } = claim;
    if (token === undefined || requestId === undefined || time === undefined || mac === undefined) {
      return refuse('SIGNATURE_MISSING', 'open a session with a handshake and sign each request within it');
    }
    const session = ports.seal.open(token);
    if (session === undefined || session.expiresAtMs < nowMs) {
      return refuse('SESSION_UNKNOWN', 'the session is unknown or has expired: make a new handshake');
    }
    if (!REQUEST_ID.test(requestId)) return refuse('MALFORMED', 'the request id must be 1 to 128 printable characters');
    const timestampMs = Number(time);
    if (!Number.isSafeInteger(timestampMs) || Math.abs(timestampMs - nowMs) > CLOCK_SKEW_MS_MAX) {
      return refuse('WRONG_TIME', `the request's time is more than ${CLOCK_SKEW_MS_MAX} ms from this miner's clock`);
    }
    const { method, path, body } = claim;
    const expected = requestMac(session.secret, { method, path, body, timestampMs, requestId });
    if (!ports.isEqual(expected, mac)) return refuse('BAD_SIGNATURE', 'the mac does not fit the request');
    switch (ports.seen.admit(`${session.peer}/${requestId}`, nowMs)) {
      case 'new':
        return { ok: true, peer: session.peer, requestId };
      case 'seen':
        return refuse('REPLAYED', 'this request id came before: give each request its own');
      case 'full':
        return refuse('TOO_MANY_REQUESTS', 'more requests came than this miner can tell apart: come back later');
    }
  };
}

function refuse(reason: string, message: string): Authorization {
  return { ok: false, reason, message };
}
