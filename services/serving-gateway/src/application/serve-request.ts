import type { Admission } from '../domain/admission.ts';
import { checkInferAnswer, checkInferRequest } from '../domain/kserve.ts';
import type { Reservation } from '../domain/lease.ts';
import type { Market, MarketMiner, Offer } from '../domain/market.ts';
import { quote, unitsDelivered, type Units } from '../domain/quote.ts';
import { refuse, type Refusal, type RefusalCode } from '../domain/refusal.ts';
import { choose, eligible, type Candidate } from '../domain/route.ts';
import type { Leases } from './keep-leases.ts';
import type {
  GatewayObserver,
  KeyBook,
  Served,
  ServeCall,
  Upstream,
  UpstreamAnswer,
  UpstreamFailure,
  UsageSpool,
} from './ports.ts';
import type { MinerTrack } from './track-miners.ts';

/** Miners that one request may cost at most: the first and two others. */
export const ATTEMPTS_MAX = 3;

export interface ServeDeps {
  readonly keys: KeyBook;
  readonly market: Market;
  readonly admission: Admission;
  readonly leases: Leases;
  readonly upstream: Upstream;
  readonly track: MinerTrack;
  readonly spool: UsageSpool;
  readonly observer: GatewayObserver;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly monotonicMs: () => number;
}

/**
 * Serves one infer request: admit, reserve, route, forward, and hand the answer to whoever writes it. Nothing is
 * charged before the answer is delivered; a miner that fails is replaced while the client has seen nothing.
 */
export function makeServeRequest(deps: ServeDeps) {
  return async function serveRequest(call: ServeCall): Promise<Served | Refusal> {
    const served = await admitted(deps, call);
    if (!served.ok) deps.observer.refused(served);
    return served;
  };
}

async function admitted(deps: ServeDeps, call: ServeCall): Promise<Served | Refusal> {
  if (call.apiKey === undefined) return refuse('missing_api_key', 'send an API key: authorization: Bearer <key>');
  if (!deps.keys.isLoaded) {
    return refuse('keys_not_read', 'this gateway has not read the API keys yet', { retryAfterSeconds: 1 });
  }
  const holder = deps.keys.verify(call.apiKey);
  if (holder === undefined) return refuse('invalid_api_key', 'the API key is unknown or revoked');
  const offer = deps.market.find(call.model, call.version);
  if (!offer.ok) return offer;
  const malformed = checkBody(call.body, checkInferRequest);
  if (malformed !== undefined) return refuse('invalid_request', malformed.message, { param: malformed.param });
  if (deps.spool.isFull()) return refuse('spool_full', 'usage cannot be kept at present', { retryAfterSeconds: 5 });
  const ticket = deps.admission.enter(holder.account);
  if (!ticket.ok) return ticket;
  let isHandedOn = false;
  try {
    const maxRao = quote(unitsDelivered(offer.lines, offer.subnet.totalMs), offer.lines);
    const reservation = await deps.leases.reserve(holder.account, maxRao, offer.subnet.netuid);
    if ('ok' in reservation) return reservation;
    const served = await forward(deps, call, { offer, reservation, leave: ticket.leave });
    isHandedOn = served.ok;
    return served;
  } finally {
    if (!isHandedOn) ticket.leave();
  }
}

interface Admitted {
  readonly offer: Offer;
  readonly reservation: Reservation;
  readonly leave: () => void;
}

/** Whatever happens, the reservation is ended: by the answer's delivery, or here. */
async function forward(deps: ServeDeps, call: ServeCall, admission: Admitted): Promise<Served | Refusal> {
  const free = (): void => settle(deps, admission, {});
  try {
    const result = await tryMiners(deps, call, admission);
    if (!result.ok) free();
    return result;
  } catch (error) {
    free();
    throw error;
  }
}

async function tryMiners(deps: ServeDeps, call: ServeCall, admission: Admitted): Promise<Served | Refusal> {
  const { offer } = admission;
  const miners = new Map(deps.market.miners(offer.subnet.netuid).map((miner) => [miner.id, miner]));
  const candidates = new Map<string, Candidate>();
  for (const miner of miners.values()) {
    candidates.set(miner.id, deps.track.candidate(miner, { ...deps, model: call.model }));
  }
  const startedMs = deps.monotonicMs();
  let last: Refusal = refuse('no_miner', `no miner of '${call.model}' answers at present`, { retryAfterSeconds: 2 });
  for (let attempts = 1; attempts <= ATTEMPTS_MAX; attempts += 1) {
    const pool = eligible([...candidates.values()], deps.monotonicMs());
    const choice = choose(pool, [deps.random(), deps.random()]);
    const miner = miners.get(choice?.chosen ?? '');
    const leftMs = offer.subnet.totalMs - (deps.monotonicMs() - startedMs);
    if (choice === undefined || miner === undefined || leftMs <= 0) return last;
    const outcome = await attempt(deps, call, { ...admission, miner, leftMs });
    if (outcome.kind === 'answer') {
      const next = choice.next === undefined ? undefined : miners.get(choice.next);
      return servedOf(deps, admission, { miner, next, attempts, answer: outcome.answer });
    }
    last = outcome.refusal;
    candidates.delete(miner.id);
  }
  return last;
}

type Outcome =
  | { readonly kind: 'answer'; readonly answer: UpstreamAnswer }
  | { readonly kind: 'failure'; readonly refusal: Refusal };

async function attempt(
  deps: ServeDeps,
  call: ServeCall,
  of: Admitted & { readonly miner: MarketMiner; readonly leftMs: number },
): Promise<Outcome> {
  const { miner, offer, reservation } = of;
  const { netuid, firstByteMs } = offer.subnet;
  deps.track.begin(miner.id);
  let answer: UpstreamAnswer | UpstreamFailure;
  try {
    answer = await deps.upstream.call({
      ...call,
      miner,
      requestId: reservation.requestId,
      costOf: (elapsedMs) => quote(unitsDelivered(offer.lines, elapsedMs), offer.lines),
      firstByteMs: Math.min(firstByteMs, of.leftMs),
      totalMs: of.leftMs,
    });
  } finally {
    deps.track.end(miner.id);
  }
  const failure = 'failed' in answer ? answer : failureOf(answer, offer);
  if ('failed' in answer || failure !== undefined) {
    deps.track.failed(miner.id, deps.monotonicMs());
    deps.observer.attempted(netuid, failure?.failed ?? 'status');
    return { kind: 'failure', refusal: refusalOf(failure ?? { failed: 'status', message: 'failed' }) };
  }
  deps.track.succeeded(miner.id, answer.elapsedMs);
  deps.observer.attempted(netuid, answer.status < 300 ? 'ok' : 'client_error');
  return { kind: 'answer', answer };
}

interface Failure {
  readonly failed: UpstreamFailure['failed'] | 'invalid';
  readonly message: string;
}

/** Why an answer does not count. A 4xx about the request itself is the client's answer and costs nothing. */
function failureOf(answer: UpstreamAnswer, offer: Offer): Failure | undefined {
  const { status } = answer;
  if (status === 400 || status === 413 || status === 415 || status === 422) return undefined;
  if (status < 200 || status > 299) return { failed: 'status', message: `a miner answered ${status}` };
  if (!offer.subnet.refundsInvalid) return undefined;
  const invalid = checkBody(answer.body, checkInferAnswer);
  return invalid === undefined ? undefined : { failed: 'invalid', message: invalid.message };
}

function refusalOf({ failed, message }: Failure): Refusal {
  const codes: Partial<Record<Failure['failed'], RefusalCode>> = {
    timeout: 'upstream_timeout',
    invalid: 'invalid_answer',
  };
  return refuse(codes[failed] ?? 'upstream_failed', message, { retryAfterSeconds: 1 });
}

function servedOf(
  deps: ServeDeps,
  admission: Admitted,
  got: {
    readonly miner: MarketMiner;
    readonly next: MarketMiner | undefined;
    readonly attempts: number;
    readonly answer: UpstreamAnswer;
  },
): Served {
  const { miner, next, attempts, answer } = got;
  const { offer } = admission;
  const isCharged = answer.status < 300;
  const units = isCharged ? unitsDelivered(offer.lines, answer.elapsedMs) : {};
  const costRao = quote(units, offer.lines);
  const incentive = deps.market.incentive(miner).toFixed(3);
  let isEnded = false;
  const end = (delivered: Units): void => {
    if (isEnded) return;
    isEnded = true;
    settle(deps, admission, delivered, { miner, answer });
    deps.observer.answered({ netuid: offer.subnet.netuid, model: offer.model, status: answer.status });
    admission.leave();
  };
  return {
    ok: true,
    status: answer.status,
    contentType: answer.contentType,
    body: answer.body,
    servedBy: nameOf(offer, miner),
    why: `incentive ${incentive}, ${Math.round(answer.elapsedMs)} ms, ${costRao} rao`,
    next: next === undefined ? undefined : nameOf(offer, next),
    costRao,
    receiptId: answer.receipt?.receiptId,
    attempts,
    offer,
    delivered: () => end(units),
    dropped: () => end({}),
  };
}

/** Ends the reservation at the lease and tells billing of its counter. */
function settle(
  deps: ServeDeps,
  { offer, reservation }: Admitted,
  units: Units,
  answered?: { readonly miner: MarketMiner; readonly answer: UpstreamAnswer },
): void {
  const quotedRao = quote(units, offer.lines);
  deps.spool.put({
    reservation,
    netuid: offer.subnet.netuid,
    model: offer.model,
    units,
    policyVersion: offer.policyVersion,
    quotedRao,
    ...(answered === undefined ? {} : { miner: answered.miner }),
    ...(answered?.answer.receipt === undefined ? {} : { receipt: answered.answer.receipt }),
  });
  // After the spool, since the last settlement of a lease closes it there.
  deps.leases.settle(reservation, quotedRao < reservation.maxRao ? quotedRao : reservation.maxRao);
}

/** `<handle>/<uid>/<hotkey>` */
function nameOf(offer: Offer, miner: MarketMiner): string {
  return `${offer.subnet.handle}/${miner.uid}/${miner.hotkey}`;
}

const TEXT = new TextDecoder('utf-8', { fatal: true });

function checkBody(
  body: Uint8Array,
  check: (parsed: unknown) => ReturnType<typeof checkInferRequest>,
): { readonly param: string; readonly message: string } | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(TEXT.decode(body));
  } catch {
    return { param: 'body', message: 'body is no JSON in UTF-8' }; // the parser's words quote the body
  }
  const checked = check(parsed);
  return checked.ok ? undefined : checked;
}
