import { expect, test } from 'vitest';
import { memoryDatabase, memoryJournal } from '#adapters/memory-journal.ts';
import type { Decision } from '#domain/book/refusal.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { putSubnet } from '#domain/economy/put-subnet.ts';
import { register } from '#domain/economy/registration.ts';
import { carryOut, type WalletOrder } from '#domain/economy/wallet-order.ts';
import { carryOutMandated, mandatedKey } from '#domain/mandates/mandated-order.ts';
import { causeOf, mandateOf, stateText, TAO, testHashes, testPolicy } from '#test/ledger-state.ts';
import { block, openSequencer } from '#test/open-sequencer.ts';
import type { Batch, JournalStore } from './ports.ts';
import type { Sequencer } from './sequencer.ts';

interface Step {
  readonly keys?: readonly string[];
  readonly run: (ledger: Ledger) => Decision<unknown>;
}

/** What can be killed: each is one command, and so one transaction. */
const STEPS: readonly Step[] = [
  { run: (ledger) => putSubnet(ledger, subnetOf('Approval')) },
  order('desk', 1, { type: 'RequestRegistration', netuid: 1, hotkey: 'v1' }),
  order('owner', 1, { type: 'ApproveRegistration', netuid: 1, hotkey: 'v1' }),
  { run: (ledger) => register(ledger, termsOf('v1')) },
  { run: (ledger) => register(ledger, { ...termsOf('c1'), invitation: invitation() }) },
  order('owner', 2, { type: 'AddStake', netuid: 1, hotkey: 'v1', amount: 3n * TAO }),
  order('desk', 2, { type: 'SetChildTake', netuid: 1, hotkey: 'c1', u16: 100 }),
  order('desk', 3, {
    type: 'SetChildren',
    netuid: 1,
    hotkey: 'v1',
    children: [{ hotkey: 'c1', proportion: 1n << 63n }],
  }),
  order('desk', 4, { type: 'SwapHotkey', hotkey: 'v1', newHotkey: 'v2', netuid: 1 }),
  mandated({ type: 'RemoveStake', netuid: 1, hotkey: 'v2', amount: TAO }),
  order('owner', 3, { type: 'RevokeInvitation', netuid: 1, invitationSha256: 'i' }),
  order('desk', 5, { type: 'AnnounceColdkeySwap', newColdkeySha256: testHashes.text('vault') }),
  order('desk', 6, { type: 'DisputeColdkeySwap' }),
];

function subnetOf(registration: 'Approval') {
  const [mandate, cause] = [mandateOf('owner'), causeOf('sp500', { kind: 'Subnet' })];
  return { netuid: 0, handle: 'sp500', policy: testPolicy, emission: 'Started' as const, registration, mandate, cause };
}

function termsOf(hotkey: string) {
  const by = { mandate: mandateOf('desk'), cause: causeOf(hotkey) };
  return {
    netuid: 1,
    hotkey,
    coldkey: 'desk',
    payer: 'desk',
    maxCost: 2n * TAO,
    initialStake: 5n * TAO,
    attempt: 1,
    ...by,
  };
}

function invitation() {
  return { sha256: 'i', signer: 'owner', netuid: 1, hotkey: '', maxUses: 2, expiresAtBlock: 99 };
}

function order(signer: string, sequence: number, wanted: WalletOrder): Step {
  return { run: (ledger) => carryOut(ledger, { signer, sequence, expiresAtBlock: 99, order: wanted }) };
}

function mandated(wanted: WalletOrder): Step {
  const mandate = mandateOf('desk', { sha256: 'm', operations: ['RemoveStake'] });
  const asked = { id: 'one', order: wanted, mandate, cause: causeOf('desk-1') };
  return { keys: [mandatedKey(asked)], run: (ledger: Ledger) => carryOutMandated(ledger, asked) };
}

/** A store of a process that is killed at one append, before or after it is done. */
function killed(inner: JournalStore, at: number, when: 'before' | 'after'): JournalStore {
  let appends = 0;
  const append = async (batch: Batch): Promise<void> => {
    appends += 1;
    if (appends > at || (appends === at && when === 'before')) throw new Error('killed');
    await inner.append(batch);
    if (appends === at) throw new Error('killed');
  };
  return { ...inner, append };
}

/** A repeat of what is done changes nothing: an order says so, and everything else answers as before. */
function wasTaken(decision: Decision<unknown>): boolean {
  return decision.ok || decision.code === 'ENVELOPE_REPLAYED';
}

/** Carries all out from a step on; answers at which it was killed. */
async function play(sequencer: Sequencer, from: number): Promise<number | undefined> {
  for (const [at, step] of STEPS.entries()) {
    if (at < from) continue;
    try {
      const decision = await sequencer.submit(step);
      if (!wasTaken(decision)) throw new TypeError(JSON.stringify(decision));
    } catch (error) {
      if (error instanceof TypeError) throw error;
      return at;
    }
  }
  return undefined;
}

const stateOf = (sequencer: Sequencer): Promise<string> => sequencer.read(stateText);

async function undisturbed(): Promise<string> {
  const { sequencer } = await openSequencer(memoryJournal(memoryDatabase()));
  expect(await play(sequencer, 0)).toBeUndefined();
  await block(sequencer);
  return stateOf(sequencer);
}

test.each(STEPS.flatMap((_step, at) => [[at + 1, 'before'] as const, [at + 1, 'after'] as const]))(
  'a ledger that is killed at append %i, %s it is done, comes to the same',
  async (at, when) => {
    const database = memoryDatabase();
    await openSequencer(memoryJournal(database)); // genesis
    const { sequencer: first } = await openSequencer(killed(memoryJournal(database), at, when));
    const stopped = await play(first, 0);
    expect(stopped).toBe(at - 1);
    const { sequencer: second } = await openSequencer(memoryJournal(database));
    // Whoever asked knows of no answer, and asks again.
    expect(await play(second, stopped ?? 0)).toBeUndefined();
    await block(second);
    expect(await stateOf(second)).toBe(await undisturbed());
  },
);
