import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { signEnvelope } from '@subnetes/keys/envelope';
import { newSessionKey } from '@subnetes/keys/session-key';
import { sessionIdOf, signBatch, signSession } from '@subnetes/keys/spend-session';
import { pairOfSeed, type Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import type { Sequencer } from '@subnetes/ledger/application/sequencer';
import { SignatureLane } from '@subnetes/ledger/application/signature-lane';
import { makeOpenSession, makeSubmitBatch } from '@subnetes/ledger/application/spend-session';
import { makeSubmitOrder } from '@subnetes/ledger/application/submit-order';
import type { Decision } from '@subnetes/ledger/domain/book/refusal';
import { DELEGATION_MIN } from '@subnetes/ledger/domain/economy/delegation';
import { register } from '@subnetes/ledger/domain/economy/registration';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { SessionBatchSchema, SessionScope, WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { DESK, foundingOf, hotkey, type Scale, type SignedWallets, TAO } from './simulated-network.ts';

/** Orders of stake a second with their signatures, as they come from outside; the network between is left out. */
export interface SignedStakes {
  /** One order a signature of the wallet, each wallet on a connection of its own. */
  readonly sr25519PerSecond: number;
  /** In batches that the ed25519 key of a session signed. */
  readonly sessionPerSecond: number;
  readonly ordersPerBatch: number;
}

const WALLETS = 256;
/** Each wallet's orders of its own, one after the other. */
const ORDERS_EACH = 2;
/** As many as a batch may have. */
const ORDERS_A_BATCH = 256;
const BATCHES = 128;
const AT_ONCE = 64;
const OWN_NETUID = 2;
/** The least that may be delegated. */
const EACH = DELEGATION_MIN;
/** Blocks in which an order is good; no block passes while it is measured. */
const LIFE_BLOCKS = 100n;

export interface SignedPorts {
  readonly sequencer: Sequencer;
  readonly networkId: Uint8Array;
  readonly wallets: SignedWallets;
  readonly scale: Scale;
}

/** Signs first, then measures what verifying, deciding and storing take. */
export async function measureSigned(ports: SignedPorts): Promise<SignedStakes> {
  const pairs = Array.from({ length: WALLETS }, (_, at) => pairOfSeed(Uint8Array.from(randomBytes(32)), `bench ${at}`));
  for (const { address } of pairs) {
    await command(ports, DESK, { type: 'Transfer', to: address, amount: 4n * TAO });
  }
  const block = BigInt(await ports.sequencer.read((ledger) => ledger.block));
  const lane = new SignatureLane({ monotonicMs: () => performance.now(), sleep: (ms) => sleep(ms) });
  const all = { ...ports, lane, expiresAtBlock: block + LIFE_BLOCKS };
  return {
    sr25519PerSecond: await byWallets(all, pairs),
    sessionPerSecond: await bySessions(all, pairs),
    ordersPerBatch: ORDERS_A_BATCH,
  };
}

type Ports = SignedPorts & { readonly lane: SignatureLane; readonly expiresAtBlock: bigint };

async function command(
  { sequencer, wallets }: SignedPorts,
  ...order: Parameters<SignedWallets['next']>
): Promise<unknown> {
  return done(await sequencer.submit({ run: wallets.next(...order) }));
}

async function byWallets(ports: Ports, pairs: readonly Sr25519Pair[]): Promise<number> {
  const submit = makeSubmitOrder(ports);
  const orders = Array.from({ length: ORDERS_EACH }, (_, round) =>
    pairs.map((pair, at) => [signedOrder(ports, { pair, at, round }), callerOf(at)] as const),
  );
  const started = performance.now();
  // A round after the other: of one wallet the earlier order comes first.
  for (const round of orders) await atOnce(round, async ([order, caller]) => done(await submit(order, caller)));
  return perSecond(WALLETS * ORDERS_EACH, started);
}

async function bySessions(ports: Ports, pairs: readonly Sr25519Pair[]): Promise<number> {
  const [open, submit] = [makeOpenSession(ports), makeSubmitBatch(ports)];
  await foundOwn(ports, pairs.slice(0, BATCHES));
  const batches: SignedEnvelope[] = [];
  for (const [at, pair] of pairs.slice(0, BATCHES).entries()) {
    const { session, batch } = signedSession(ports, pair, at);
    done(await open(session, callerOf(at)));
    batches.push(batch);
  }
  const started = performance.now();
  await atOnce(batches, async (batch) => done(await submit(batch)));
  return perSecond(BATCHES * ORDERS_A_BATCH, started);
}

/** A session stakes on its wallet's own neurons: one of each wallet in a subnet of their own. */
async function foundOwn({ sequencer, scale }: Ports, pairs: readonly Sr25519Pair[]): Promise<void> {
  const [found] = foundingOf(scale, OWN_NETUID);
  if (found !== undefined) done(await sequencer.submit({ run: found }));
  const whole = { payer: DESK, maxCost: TAO, initialStake: 0n, attempt: 1, mandate: null, cause: null };
  for (const [at, { address: coldkey }] of pairs.entries()) {
    const terms = { ...whole, netuid: OWN_NETUID, hotkey: ownHotkey(at), coldkey };
    done(await sequencer.submit({ run: (ledger) => register(ledger, terms) }));
  }
}

const ownHotkey = (at: number): string => `hotkey-of-wallet-${at}`;

function stakeOn(netuid: number, on: string) {
  return { case: 'addStake' as const, value: { netuid, hotkey: on, amountRao: EACH.toString() } };
}

function signedOrder(
  ports: Ports,
  { pair, at, round }: { readonly pair: Sr25519Pair; readonly at: number; readonly round: number },
): SignedEnvelope {
  const { networkId, expiresAtBlock } = ports;
  const order = create(WalletOrderSchema, { order: stakeOn(1, hotkey(1, at % ports.scale.validators)) });
  const payload = toBinary(WalletOrderSchema, order);
  const sequence = BigInt(round + 1);
  return signEnvelope({ networkId, type: EnvelopeType.WALLET_ORDER, sequence, expiresAtBlock, payload }, pair);
}

function signedSession(ports: Ports, pair: Sr25519Pair, at: number) {
  const { networkId, expiresAtBlock } = ports;
  const key = newSessionKey();
  const nonce = Uint8Array.from(randomBytes(16));
  const limits = { maxPerOrder: TAO, maxTotal: TAO, expiresAtBlock, nonce };
  const session = signSession({ networkId, publicKey: key.publicKey, scopes: [SessionScope.STAKE], ...limits }, pair);
  const orders = Array.from({ length: ORDERS_A_BATCH }, () => ({ order: stakeOn(OWN_NETUID, ownHotkey(at)) }));
  const named = { networkId, sessionId: sessionIdOf(session), wallet: pair.address };
  const batch = signBatch({ ...named, sequence: 1n, expiresAtBlock }, create(SessionBatchSchema, { orders }), key);
  return { session, batch };
}

function callerOf(at: number) {
  return { address: `10.0.${at >> 8}.${at & 255}`, connection: '1' };
}

async function atOnce<Item>(items: readonly Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const waiting = new Set<Promise<unknown>>();
  for (const item of items) {
    const one = work(item).finally(() => waiting.delete(one));
    waiting.add(one);
    if (waiting.size >= AT_ONCE) await Promise.race(waiting);
  }
  await Promise.all(waiting);
}

function done<T>(decision: Decision<T>): T {
  if (!decision.ok) throw new Error(`${decision.code}: ${decision.message}`);
  return decision.value;
}

function perSecond(orders: number, started: number): number {
  return Math.round(orders / ((performance.now() - started) / 1000));
}
