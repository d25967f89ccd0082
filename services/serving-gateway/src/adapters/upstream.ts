import type { AddressRule } from '@subnetes/dial/address-rule';
import { openMinerPool } from '@subnetes/dial/miner-pool';
import { requestMac, SESSION_HEADERS } from '@subnetes/keys/request-session';
import { traceHeaders } from '@subnetes/telemetry/tracing';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Pool } from 'undici';
import type { Upstream, UpstreamAnswer, UpstreamCall, UpstreamFailure } from '../application/ports.ts';
import type { Market, MarketMiner } from '../domain/market.ts';
import { exchange, type RawAnswer } from './exchange.ts';
import type { GatewayIdentity } from './gateway-identity.ts';
import { openSession, type Session } from './handshake.ts';
import { readMetadata, type ModelTensors } from './model-metadata.ts';
import type { Receipts } from './receipts.ts';

export interface UpstreamDeps {
  readonly market: Market;
  readonly rule: AddressRule;
  readonly identity: GatewayIdentity;
  readonly receipts: Receipts;
  /** Undefined until the ledger has told it. */
  readonly networkId: () => Uint8Array | undefined;
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  readonly answerBytesMax: number;
}

/** Renewed when less than this is left of a session. */
const RENEW_MS = 10_000;
const PROBE_TIMEOUT_MS = 2000;
const PROBE_BYTES_MAX = 65_536;

/** A miner as this gateway is connected to it. */
interface Link {
  readonly miner: MarketMiner;
  pool: Pool | undefined;
  session: Session | undefined;
  opening: Promise<void> | undefined;
  /** Public model names that were ready at the last look. */
  ready: ReadonlySet<string>;
  /** What its models take and give, by public name; asked once. */
  readonly tensors: Map<string, ModelTensors>;
  /** Why it cannot be called, as it was logged last. */
  trouble: string | undefined;
}

/** Connections, sessions and readiness of all miners that announced an endpoint. */
export class MinerLinks implements Upstream, AsyncDisposable {
  readonly #deps: UpstreamDeps;
  readonly #links = new Map<string, Link>();

  constructor(deps: UpstreamDeps) {
    this.#deps = deps;
  }

  isReady(miner: MarketMiner, model: string): boolean {
    const link = this.#links.get(miner.id);
    return link !== undefined && link.session !== undefined && link.ready.has(model);
  }

  /** What a model takes and gives, by a miner that is ready; undefined while nobody has told. */
  tensorsOf(model: string): ModelTensors | undefined {
    const told = [...this.#links.values()].filter(({ ready }) => ready.has(model));
    return told.map(({ tensors }) => tensors.get(model)).find((tensors) => tensors !== undefined);
  }

  /** Miners of a subnet that may be called now. */
  readyCount(netuid: number): number {
    return [...this.#links.values()].filter(({ miner, ready }) => miner.netuid === netuid && ready.size > 0).length;
  }

  /** Links what was announced, unlinks what is gone, renews sessions and looks at readiness; all miners at once. */
  async maintain(): Promise<void> {
    const { market } = this.#deps;
    const wanted = new Map(
      market.subnets().flatMap(({ netuid }) => market.miners(netuid).map((miner) => [miner.id, miner] as const)),
    );
    for (const [id, link] of this.#links) {
      const miner = wanted.get(id);
      if (miner !== undefined && isSameEndpoint(miner, link.miner)) continue;
      this.#links.delete(id);
      void link.pool?.close().catch(() => {}); // calls in flight end first; nobody waits for a gone miner's sockets
    }
    const probes = [...wanted.values()].map((miner) => {
      const link = this.#links.get(miner.id) ?? newLink(miner);
      this.#links.set(miner.id, link);
      return this.#refresh(link);
    });
    await Promise.all(probes);
  }

  async call(call: UpstreamCall): Promise<UpstreamAnswer | UpstreamFailure> {
    const link = this.#links.get(call.miner.id);
    const networkId = this.#deps.networkId();
    if (link?.pool === undefined || link.session === undefined || networkId === undefined) {
      return { failed: 'session', message: 'there is no session with the miner' };
    }
    const startedMs = this.#deps.monotonicMs();
    const answer = await this.#send(link.pool, link.session, call);
    if ('failed' in answer) return answer;
    if (answer.status === 401 || answer.status === 403) {
      link.session = undefined; // the miner restarted, or forgot us: the next look opens another
      void this.#refresh(link);
      return { failed: 'session', message: `the miner refused the session with ${answer.status}` };
    }
    const elapsedMs = this.#deps.monotonicMs() - startedMs;
    const contentType = textOf(answer.headers['content-type']) ?? 'application/json';
    const whole = { status: answer.status, contentType, body: answer.body, elapsedMs };
    if (answer.status < 200 || answer.status > 299) return whole;
    const signed = this.#deps.receipts.countersign(
      textOf(answer.headers[SESSION_HEADERS.minerReceipt]),
      {
        miner: call.miner,
        requestId: call.requestId,
        model: call.model,
        request: call.body,
        response: answer.body,
        status: answer.status,
        costRao: call.costOf(elapsedMs),
      },
      { networkId, block: this.#deps.market.block },
    );
    return signed.ok ? { ...whole, receipt: signed.receipt } : { failed: 'receipt', message: signed.reason };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#links.values()].map(async ({ pool }) => pool?.destroy()));
  }

  #send(pool: Pool, session: Session, call: UpstreamCall): Promise<RawAnswer | UpstreamFailure> {
    const { path, body, requestId, contentType } = call;
    const timestampMs = this.#deps.nowMs();
    return exchange(pool, {
      method: 'POST',
      path,
      headers: {
        'content-type': contentType,
        [SESSION_HEADERS.session]: session.id,
        [SESSION_HEADERS.requestId]: requestId,
        [SESSION_HEADERS.timestampMs]: String(timestampMs),
        [SESSION_HEADERS.mac]: requestMac(session.secret, { method: 'POST', path, body, timestampMs, requestId }),
        ...traceHeaders(),
      },
      body,
      firstByteMs: call.firstByteMs,
      totalMs: call.totalMs,
      bodyBytesMax: this.#deps.answerBytesMax,
      signal: call.signal,
    });
  }

  #refresh(link: Link): Promise<void> {
    link.opening ??= this.#open(link).finally(() => {
      link.opening = undefined;
    });
    return link.opening;
  }

  async #open(link: Link): Promise<void> {
    const { rule, identity, market, nowMs, monotonicMs } = this.#deps;
    const networkId = this.#deps.networkId();
    if (networkId === undefined) return;
    if (link.pool === undefined) {
      const [url = ''] = link.miner.urls;
      const resolved = await rule.resolve(url);
      if (!resolved.ok) return this.#troubled(link, resolved.reason);
      link.pool = openMinerPool(resolved.address, link.miner.spkiSha256);
    }
    if (link.session === undefined || link.session.expiresAtMs - monotonicMs() < RENEW_MS) {
      const context = { identity, networkId, block: market.block, nowMs: nowMs(), monotonicMs };
      const opened = await openSession(link.pool, link.miner, context);
      if (!opened.ok) {
        if (link.session !== undefined && link.session.expiresAtMs <= monotonicMs()) link.session = undefined;
        return this.#troubled(link, opened.reason);
      }
      link.session = opened.session;
    }
    link.ready = await this.#probe(link, link.pool);
    if (link.ready.size === 0) return this.#troubled(link, 'it answers, but no model is ready');
    if (link.trouble !== undefined) this.#deps.log.info({ uid: link.miner.uid }, 'a miner can be called again');
    link.trouble = undefined;
  }

  async #probe(link: Link, pool: Pool): Promise<ReadonlySet<string>> {
    const subnet = this.#deps.market.subnets().find(({ netuid }) => netuid === link.miner.netuid);
    const names = (subnet?.models ?? []).map(({ name }) => `${subnet?.handle}.${name}`);
    const ready = await Promise.all(
      names.map(async (name) => {
        const path = `/v2/models/${encodeURIComponent(name)}`;
        const answer = await look(pool, `${path}/ready`);
        if ('failed' in answer || answer.status !== 200) return [];
        if (!link.tensors.has(name)) {
          const told = await look(pool, path);
          const tensors = 'failed' in told ? undefined : readMetadata(told.body);
          if (tensors !== undefined) link.tensors.set(name, tensors);
        }
        return [name];
      }),
    );
    return new Set(ready.flat());
  }

  #troubled(link: Link, reason: string): void {
    link.ready = new Set();
    if (link.trouble === reason) return;
    link.trouble = reason;
    const { netuid, uid, hotkey } = link.miner;
    this.#deps.log.warn({ netuid, uid, hotkey, reason }, 'a miner cannot be called');
  }
}

function look(pool: Pool, path: string): Promise<RawAnswer | UpstreamFailure> {
  const limits = { firstByteMs: PROBE_TIMEOUT_MS, totalMs: PROBE_TIMEOUT_MS, bodyBytesMax: PROBE_BYTES_MAX };
  return exchange(pool, { method: 'GET', path, headers: {}, ...limits });
}

function newLink(miner: MarketMiner): Link {
  return {
    miner,
    pool: undefined,
    session: undefined,
    opening: undefined,
    ready: new Set(),
    tensors: new Map(),
    trouble: undefined,
  };
}

function isSameEndpoint(one: MarketMiner, other: MarketMiner): boolean {
  return one.spkiSha256 === other.spkiSha256 && one.urls.join(' ') === other.urls.join(' ');
}

function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
