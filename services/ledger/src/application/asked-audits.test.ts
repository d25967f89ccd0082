import { expect, test } from 'vitest';
import { memoryDatabase, memoryJournal } from '#adapters/memory-journal.ts';
import { testGenesis, testHashes } from '#test/ledger-state.ts';
import { openSequencer, settled } from '#test/open-sequencer.ts';
import { ASKED_MAX, AskedAudits } from './asked-audits.ts';
import { Auditor } from './audit.ts';

/** Audits of a small ledger that take 7 ms each by a clock of the test's own, on which pauses end when it says so. */
async function world() {
  const store = memoryJournal(memoryDatabase());
  await openSequencer(store);
  const auditor = new Auditor(store, testGenesis);
  let nowMs = 0;
  const pauses: { readonly ms: number; readonly end: () => void }[] = [];
  const begun: (() => void)[] = [];
  const fails: unknown[] = [];
  const audits = new AskedAudits({
    auditor: {
      async audit() {
        await new Promise<void>((resolve) => begun.push(resolve));
        nowMs += 7;
        if (fails.length > 0) throw fails.shift();
        return auditor.audit();
      },
    },
    store,
    hashes: testHashes,
    time: {
      monotonicMs: () => nowMs,
      sleep: (ms) => new Promise<void>((end) => pauses.push({ ms, end })),
    },
  });
  return { audits, begun, pauses, fails };
}

test('one goes after the other, and as much time as it took is left to others', async () => {
  const { audits, begun, pauses } = await world();
  const [first, second] = [audits.audit(false), audits.audit(false)];
  await settled();
  expect(begun).toHaveLength(1);
  begun[0]?.();
  expect(await first).toMatchObject({ ok: true, value: { result: { broken: [] }, chain: undefined } });
  await settled();
  expect([begun.length, pauses.map(({ ms }) => ms)]).toEqual([1, [7]]);
  pauses[0]?.end();
  await settled();
  begun[1]?.();
  expect(await second).toMatchObject({ ok: true });
});

test('a chain is verified with a pause after each page', async () => {
  const { audits, begun, pauses } = await world();
  const audited = audits.audit(true);
  await settled();
  begun[0]?.();
  await settled();
  expect(pauses.map(({ ms }) => ms)).toEqual([7]);
  pauses[0]?.end();
  expect(await audited).toMatchObject({ ok: true, value: { chain: { verified: true } } });
});

test('no more than some wait, and whoever comes when these are done is served', async () => {
  const { audits, begun, pauses } = await world();
  const asked = Array.from({ length: ASKED_MAX }, () => audits.audit(false));
  expect(await audits.audit(false)).toMatchObject({ ok: false, code: 'PROOFS_BUSY' });
  for (let at = 0; at < ASKED_MAX; at += 1) {
    await settled();
    begun[at]?.();
    await asked[at];
    await settled();
    pauses[at]?.end();
  }
  const next = audits.audit(false);
  await settled();
  begun[ASKED_MAX]?.();
  expect(await next).toMatchObject({ ok: true });
});

test('what fails is told to whoever asked for it, and holds up nobody else', async () => {
  const { audits, begun, pauses, fails } = await world();
  const away = new Error('the database is away');
  fails.push(away);
  const [first, second] = [audits.audit(false), audits.audit(false)];
  await settled();
  begun[0]?.();
  await expect(first).rejects.toBe(away);
  await settled();
  pauses[0]?.end();
  await settled();
  begun[1]?.();
  expect(await second).toMatchObject({ ok: true });
});
