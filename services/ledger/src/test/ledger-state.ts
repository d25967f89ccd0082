import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Decision } from '#domain/book/refusal.ts';
import { accountKey, BURNED, MINT } from '#domain/book/account.ts';
import { produceBlock } from '#domain/economy/emission.ts';
import type { Genesis } from '#domain/economy/genesis.ts';
import { payEpoch } from '#domain/economy/payout.ts';
import { startNetwork } from '#domain/economy/start-network.ts';
import { type Hashes, Ledger } from '#domain/economy/ledger.ts';
import type { Cause, Mandate } from '#domain/economy/mandate.ts';
import type { Mechanism, PolicyDraft } from '#domain/economy/policy.ts';
import { type PutSubnet, putSubnet } from '#domain/economy/put-subnet.ts';
import type { Subnet } from '#domain/economy/subnet.ts';
import { register } from '#domain/economy/registration.ts';
import { carryOut, orderKey, type WalletOrder } from '#domain/economy/wallet-order.ts';
import { registerOrWait } from '#domain/life/register-or-wait.ts';
import type { RegistrationTerms } from '#domain/economy/registration-terms.ts';
import { hashedText } from './hashed-text.ts';
import { FORECAST } from './forecast-mechanism.ts';

export const TAO = 1_000_000_000n;

export const testHashes: Hashes = {
  chain: (previous, entry) => createHash('sha256').update(previous).update(hashedText(entry)).digest('hex'),
  text: (text) => createHash('sha256').update(text).digest('hex'),
  registrationId: (registration) => createHash('sha256').update(JSON.stringify(registration)).digest('hex'),
};

export const testGenesis: Genesis = {
  networkId: 'a'.repeat(64),
  symbol: 'TAO',
  decimals: 9,
  cap: 21_000_000n * TAO,
  blockTimeMs: 1000,
  blockReward: TAO,
  halving: 'ByIssuance',
  emissionPolicy: { name: 'Equal', version: 1 },
  accounts: [
    { account: 'owner', amount: 1000n * TAO },
    { account: 'desk', amount: 10_000n * TAO },
    { account: 'billing:shop', amount: 100n * TAO },
  ],
};

export const forecast: Mechanism = { ...FORECAST, quantileForecast: { horizonsDays: [1, 5], quantiles: 19 } };

export const testPolicy: PolicyDraft = {
  hyperparameters: { tempo: 10, immunityPeriodBlocks: 30, maxUids: 4, maxValidators: 4 },
  mechanisms: [forecast],
};

export function causeOf(name: string, change: Partial<Cause> = {}): Cause {
  return {
    cluster: 'c1',
    kind: 'Miner',
    namespace: 'finance',
    name,
    objectUid: `uid-${name}`,
    generation: 1,
    ...change,
  };
}

export function mandateOf(payer: string, change: Partial<Mandate> = {}): Mandate {
  return {
    sha256: `mandate-of-${payer}`,
    payer,
    owner: payer,
    cluster: 'c1',
    namespace: 'finance',
    operations: ['Register', 'Stake', 'SetPolicy', 'Deregister', 'CreateSubnet', 'DissolveSubnet'],
    netuids: [],
    maxPerOperation: 5000n * TAO,
    maxTotal: 9000n * TAO,
    notAfterBlock: 1_000_000,
    ...change,
  };
}

/** A network after genesis. */
export function newLedger(genesis: Genesis = testGenesis): Ledger {
  const ledger = new Ledger(testHashes);
  done(ledger.decide((state) => startNetwork(state, genesis)));
  return ledger;
}

export function put(ledger: Ledger, handle: string, change: Partial<PutSubnet> = {}) {
  return ledger.decide((state) =>
    putSubnet(state, {
      netuid: 0,
      handle,
      policy: testPolicy,
      emission: 'Started',
      registration: 'Open',
      mandate: mandateOf('owner'),
      cause: causeOf(handle, { kind: 'Subnet' }),
      ...change,
    }),
  );
}

export function enroll(ledger: Ledger, hotkey: string, change: Partial<RegistrationTerms> = {}) {
  return ledger.decide((state) => register(state, termsOf(hotkey, change)));
}

function termsOf(hotkey: string, change: Partial<RegistrationTerms>): RegistrationTerms {
  return {
    netuid: 1,
    hotkey,
    coldkey: 'desk',
    payer: 'desk',
    maxCost: 2n * TAO,
    initialStake: 0n,
    attempt: 1,
    mandate: mandateOf('desk'),
    cause: causeOf(hotkey),
    ...change,
  };
}

/** As `enroll`, where a newcomer may have to wait. */
export function enrollOrWait(ledger: Ledger, hotkey: string, change: Partial<RegistrationTerms> = {}) {
  return ledger.decide((state) => registerOrWait(state, termsOf(hotkey, change)));
}

/** Produces blocks and answers the epochs that they sealed. */
export function produce(ledger: Ledger, blocks: number) {
  return Array.from({ length: blocks }, () => done(ledger.decide((state) => produceBlock(state, 0)))).flatMap(
    (block) => block.sealed,
  );
}

/** Goes to a later block at once, without those between. */
export function skipTo(ledger: Ledger, block: number): void {
  ledger.decide((state) => {
    state.network = { ...state.network, block };
    return { ok: true, value: undefined };
  });
}

/** Carries an order of a wallet out, by the sequence that it has not used yet. */
export function orderBy(ledger: Ledger, signer: string, order: WalletOrder) {
  const sequence = (ledger.sequences.get(orderKey(signer)) ?? 0) + 1;
  const expiresAtBlock = ledger.block + 100;
  return ledger.decide((state) => carryOut(state, { signer, sequence, expiresAtBlock, order }));
}

/** Pays the sealed epoch of subnet 1 to nobody, so that the next one can be due. */
export function payNothing(ledger: Ledger): void {
  const sealed = ledger.sealed.get('1');
  const { index = 0, sequence = 0 } = sealed ?? {};
  const scored = {
    netuid: 1,
    index,
    dueSequence: sequence,
    inputsSha256: '',
    outputsSha256: '',
    neurons: [],
    shares: [],
  };
  done(ledger.decide((state) => payEpoch(state, scored)));
}

/** Pays the sealed epoch of subnet 1, its validators' half to one neuron; answers that half. */
export function payDividends(ledger: Ledger, uid: number): bigint {
  const sealed = ledger.sealed.get('1');
  const registrationId = sealed?.neurons.find((neuron) => neuron.uid === uid)?.registrationId;
  if (sealed === undefined || registrationId === undefined) throw new Error(`uid ${uid} is in no sealed epoch`);
  const neuron = { uid, registrationId, incentive: 0n, dividend: sealed.validator, incentiveU16: 0, dividendsU16: 65_535, permit: true }; // prettier-ignore
  const scored = {
    netuid: 1,
    index: sealed.index,
    dueSequence: sealed.sequence,
    inputsSha256: '',
    outputsSha256: '',
    neurons: [neuron],
    shares: [],
  };
  done(ledger.decide((state) => payEpoch(state, scored)));
  return sealed.validator;
}

/** The value of a decision; fails the test on a refusal. */
export function done<T>(decision: Decision<T>): T {
  if (!decision.ok) throw new Error(`${decision.code}: ${decision.message}`);
  return decision.value;
}

/** Fails unless money is conserved, floors hold and reservations are the open holds'. */
export function expectConserved(ledger: Ledger): void {
  const sums = new Map<string, bigint>();
  let held = 0n;
  for (const account of ledger.book.accounts.values()) {
    sums.set(account.asset, (sums.get(account.asset) ?? 0n) + account.posted);
    held += account.held;
    const terms = ledger.book.termsOf(account.asset, account.id);
    if (account.id !== MINT) expect(account.posted - account.held).toBeGreaterThanOrEqual(terms?.floor ?? 0n);
    if (terms?.closed === true) expect([account.posted, account.held]).toEqual([0n, 0n]);
    if (terms !== undefined && terms.limit !== null) expect(account.posted).toBeLessThanOrEqual(terms.limit);
  }
  const floors = [...ledger.book.terms.values()].reduce((total, { floor }) => total - floor, 0n);
  expect(ledger.creditGranted).toBe(floors);
  expectHoldsIndexed(ledger);
  for (const [asset, sum] of sums) expect([asset, sum]).toEqual([asset, 0n]);
  expect(held).toBe([...ledger.book.holds.values()].reduce((total, hold) => total + hold.remaining, 0n));
  const { genesisIssued, rewards } = ledger.network;
  expect(ledger.issued).toBe(genesisIssued + rewards);
  const burned = ledger.book.posted(ledger.asset, BURNED);
  const own = [...ledger.book.accounts.values()].filter(({ asset }) => asset === ledger.asset);
  const others = own.filter(({ id }) => id !== MINT && id !== BURNED);
  expect(others.reduce((total, account) => total + account.posted, 0n)).toBe(ledger.issued - burned);
}

/** Fails unless each open hold still has blocks to run and is found by its account. */
function expectHoldsIndexed(ledger: Ledger): void {
  const found = new Map<string, string[]>();
  for (const hold of ledger.book.holds.values()) {
    expect(hold.expiresAtBlock, 'no read sees a hold at the block that ends it').toBeGreaterThan(ledger.block);
    found.set(hold.account, [...(found.get(hold.account) ?? []), hold.id]);
  }
  for (const { id, asset } of ledger.book.accounts.values()) {
    expect(ledger.book.holdIndex.of(asset, id)).toEqual((found.get(id) ?? []).toSorted());
  }
}

/** All that a command could change, as text. */
export function stateText(ledger: Ledger): string {
  return JSON.stringify(stateRows(ledger));
}

/** The same, a row each: the journal's end first, then all tables with their rows in order. */
export function stateRows(ledger: Ledger): readonly string[] {
  const accounts = Array.from(ledger.book.accounts.values(), (row) => [accountKey(row.asset, row.id), row] as const);
  const holds = [...ledger.book.holds.entries()];
  const documents = ledger.documents.map((table) => [table.name, [...table.entries()]] as const);
  const tables: readonly (readonly [string, readonly (readonly [string, unknown])[]])[] = [
    ['accounts', accounts],
    ['holds', holds],
    ...documents,
  ];
  const rows = tables.flatMap(([table, entries]) =>
    entries.map(([key, row]) => `${table}/${key} ${JSON.stringify(row, inOrder)}`),
  );
  return [`head ${JSON.stringify(ledger.journal.head)}`, ...rows.toSorted()];
}

/** Members by name, since who reads a row from the store has them in another order. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The first subnet of a ledger. */
export function firstSubnet(ledger: Ledger): Subnet {
  const subnet = ledger.subnet(1);
  if (subnet === undefined) throw new Error('there is no subnet 1');
  return subnet;
}
