import type { Reservation } from '../domain/lease.ts';
import type { MarketMiner, Offer } from '../domain/market.ts';
import type { Units } from '../domain/quote.ts';
import type { Refusal } from '../domain/refusal.ts';

/** What an authenticated key stands for. */
export interface KeyHolder {
  readonly keyId: string;
  readonly account: string;
}

/** The keys that are valid now. */
export interface KeyBook {
  /** False until all keys were read once: before that nobody can be told from somebody unknown. */
  readonly isLoaded: boolean;
  /** Takes constant time over a wrong secret of a known key; undefined for unknown, wrong and revoked keys. */
  verify(key: string): KeyHolder | undefined;
}

/** A miner's answer, whole. */
export interface UpstreamAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly elapsedMs: number;
  /** The receipt of both sides; absent when the status is not 2xx. */
  readonly receipt?: SignedReceipt;
}

/** A receipt signed by the miner and by this gateway. */
export interface SignedReceipt {
  readonly receiptId: string;
  readonly bytes: Uint8Array;
}

export type UpstreamFailureKind = 'connect' | 'timeout' | 'reset' | 'session' | 'status' | 'receipt' | 'too_large';

/** A miner did not answer, or not with what counts as an answer. */
export interface UpstreamFailure {
  readonly failed: UpstreamFailureKind;
  readonly message: string;
}

export interface UpstreamCall {
  readonly miner: MarketMiner;
  readonly model: string;
  readonly path: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly requestId: string;
  /** What an answer after so long costs; part of what the gateway signs. */
  readonly costOf: (elapsedMs: number) => bigint;
  readonly firstByteMs: number;
  readonly totalMs: number;
  readonly signal: AbortSignal;
}

/** Calls miners. Never throws for what a miner does; rejects with the signal's reason when the caller has gone. */
export interface Upstream {
  call(call: UpstreamCall): Promise<UpstreamAnswer | UpstreamFailure>;
  /** Whether a session stands and the model was ready at the last look. */
  isReady(miner: MarketMiner, model: string): boolean;
}

/** No lease. `mayStand`: billing did not answer, so it may have granted the lease all the same. */
export type NotGranted = Refusal & { readonly mayStand?: boolean };

/** Asks billing for a lease, the same one however often its id is asked for; repeats are the caller's. */
export interface Billing {
  grantLease(request: {
    readonly leaseId: string;
    readonly account: string;
    readonly maxRao: bigint;
  }): Promise<{ readonly ok: true; readonly maxRao: bigint; readonly ttlMs: number } | NotGranted>;
}

/** One answered request as billing will see it. */
export interface Usage {
  readonly reservation: Reservation;
  readonly netuid: number;
  readonly model: string;
  /** Empty: nothing was delivered, nothing is charged, and the counter is accounted for. */
  readonly units: Units;
  readonly policyVersion: bigint;
  readonly quotedRao: bigint;
  readonly miner?: MarketMiner;
  readonly receipt?: SignedReceipt;
}

/** Keeps usage until the bus has it; what was put survives this process. */
export interface UsageSpool {
  put(usage: Usage): void;
  /** Noted before billing is asked: whoever comes after a killed process has to close it. */
  leaseOpened(lease: { readonly leaseId: string; readonly account: string }, netuid: number): void;
  /** Billing said no: there is nothing to close. */
  leaseRefused(leaseId: string): void;
  leaseClosed(lease: { readonly leaseId: string; readonly account: string }, lastCounter: bigint): void;
  isFull(): boolean;
}

/** What the numbers on the dashboards are made of. */
export interface GatewayObserver {
  answered(call: { readonly netuid: number; readonly model: string; readonly status: number }): void;
  refused(refusal: Refusal): void;
  attempted(netuid: number, outcome: 'ok' | UpstreamFailureKind | 'invalid' | 'client_error'): void;
  leased(result: 'granted' | 'refused' | 'failed'): void;
}

/** A request of either protocol, as far as serving it goes. */
export interface ServeCall {
  /** As the client sent it; undefined when it sent none. */
  readonly apiKey: string | undefined;
  readonly model: string;
  readonly version: string | undefined;
  /** Path at the miner. */
  readonly path: string;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly signal: AbortSignal;
}

/** An answer that waits to be written. Exactly one of `delivered` and `dropped` is called in the end. */
export interface Served {
  readonly ok: true;
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly servedBy: string;
  readonly why: string;
  readonly next: string | undefined;
  readonly costRao: bigint;
  readonly receiptId: string | undefined;
  readonly attempts: number;
  readonly offer: Offer;
  /** The client has it: charge. */
  readonly delivered: () => void;
  /** The client has gone: nothing is charged. */
  readonly dropped: () => void;
}
