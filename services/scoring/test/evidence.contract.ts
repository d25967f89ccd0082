import { migrate } from '@subnetes/runtime/migrate';
import type { Database } from '@subnetes/runtime/sql';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '#adapters/sha256.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import type { FaultTerms } from '#application/evidence-store.ts';
import type { Store } from '#application/ports.ts';
import { makeSubmitEvidence, type SlashReports } from '#application/submit-evidence.ts';
import { faultyEpochFromText, wholeEvidenceOf } from '#domain/faults/evidence.ts';
import type { FaultCondition } from '#domain/faults/fault.ts';
import type { ScoringPolicy } from '#domain/policy.ts';
import { epochDue, NETUID, POLICY, registrationOf, TEMPO, useCases, VALIDATORS, weights } from './market.ts';
import { expectedOf, reportOf, type Said, SHOWN, UNAVAILABLE } from './said-faults.ts';
import { MIGRATIONS } from './store.contract.ts';

const IN_THE_OPEN: ScoringPolicy = { ...POLICY, commitReveal: { type: 'Off' }, weightsRateLimitBlocks: 10 };
const AUDITS: FaultCondition = { type: 'FailedAudits', epochs: 1, atLeast: 2 };

/** Evidence from the store's side, on any database. */
export function evidenceContract(name: string, open: () => Promise<Database>): void {
  describe(`${name}: evidence`, () => {
    let database: Database;
    let store: Store;
    let cases: ReturnType<typeof useCases>;
    /** Validators outlive scoring: their sequences go on rising. */
    let setOf: ReturnType<typeof useCases>['setOf'];
    const begin = async (conditions: readonly FaultCondition[] = [UNAVAILABLE]): Promise<void> => {
      await store.keepFaultTerms({ conditions, unbondingBlocks: 1000 });
    };
    const restart = (): void => {
      store = sqlStore(database);
      cases = useCases(store);
    };

    beforeEach(async () => {
      database = await open();
      await migrate(database, MIGRATIONS);
      restart();
      ({ setOf } = cases);
    });
    afterEach(() => database[Symbol.asyncDispose]());

    /** One epoch in the open, in which each validator says the given. */
    const play = async (index: number, saidBy: Readonly<Record<number, Said>>): Promise<void> => {
      for (const uid of index > 1 ? VALIDATORS : []) {
        const said = saidBy[uid];
        if (said === undefined) continue;
        const { salt: _salt, commitInterval: _interval, ...row } = weights(uid, index, { report: reportOf(said) });
        expect(await cases.submit(setOf(uid, row))).toMatchObject({ kind: 'taken' });
      }
      await store.observeBlock(1 + TEMPO * index, 1000 * index - 1);
      await cases.runEpoch(epochDue(index, { policy: IN_THE_OPEN }));
    };
    const everybody = (said: Said): Readonly<Record<number, Said>> => ({ 3: said, 4: said, 5: said });
    const all = async () => store.listEvidence(NETUID, { before: undefined, limit: 100 });

    test('three epochs of what the stake says are evidence, once, and the next takes three more', async () => {
      await begin();
      for (let index = 1; index <= 8; index += 1) await play(index, everybody([[0, 6]]));
      expect((await all()).map(({ fromEpoch, toEpoch, measured }) => [fromEpoch, toEpoch, measured])).toEqual([
        [5, 7, 6],
        [2, 4, 6],
      ]);
      const [, first] = await all();
      expect(first).toMatchObject({
        type: 'Unavailable',
        registrationId: registrationOf(0),
        offenceBlock: 1 + 2 * TEMPO,
        outcome: { kind: 'waiting' },
      });
      const stored = await store.evidence(first!.sha256);
      expect(sha256(stored!.document)).toBe(first!.sha256);
      const { epochs } = JSON.parse(stored!.document) as { epochs: readonly { index: number; sha256: string }[] };
      expect(epochs.map(({ index }) => index)).toEqual([2, 3, 4]);
      for (const named of epochs) {
        const text = (await store.evidenceEpoch(first!.sha256, named.index)) ?? '';
        expect(sha256(text)).toBe(named.sha256);
        const epoch = faultyEpochFromText(text);
        expect(epoch.inputsSha256).toBe((await store.epoch(NETUID, epoch.index))?.inputsSha256);
        expect(epoch.said.map(({ validatorUid }) => validatorUid)).toEqual([3, 4, 5]);
      }
    });

    test('a condition of 150 epochs is measured over 150 epochs, and replayed', async () => {
      const long = { ...UNAVAILABLE, epochs: 150 };
      await begin([long]);
      for (let index = 1; index <= 150; index += 1) await play(index, everybody([[0, 5]]));
      expect(await all(), 'the first epoch has no rows: that was one less').toEqual([]);
      await play(151, everybody([[0, 5]]));
      expect(await all()).toMatchObject([{ fromEpoch: 2, toEpoch: 151, measured: 5 }]);
      const replayed = await cases.replayEpoch(NETUID, 151);
      const hash = (await all())[0]!.sha256;
      expect(replayed).toMatchObject({ equal: true, evidence: [{ storedSha256: hash, recomputedSha256: hash }] });
      expect((await database.query('SELECT 1 FROM fault_epochs')).length).toBe(0);
    }, 240_000);

    test('an epoch without the fault begins anew, and so does one in which the stake was silent', async () => {
      await begin();
      for (const index of [1, 2, 3]) await play(index, everybody([[0, 9]]));
      await play(4, everybody([[0, 0]]));
      for (const index of [5, 6]) await play(index, everybody([[0, 9]]));
      await play(7, { 3: [[0, 9]] });
      for (const index of [8, 9]) await play(index, everybody([[0, 9]]));
      expect(await all()).toEqual([]);
      await play(10, everybody([[0, 9]]));
      expect(await all()).toMatchObject([{ fromEpoch: 8, toEpoch: 10 }]);
    });

    test('it goes by the average of the newest epochs', async () => {
      await begin();
      await play(1, {});
      for (const [at, count] of [1, 1, 4, 9].entries()) await play(at + 2, everybody([[0, count]]));
      expect(await all()).toEqual([]); // 1, 4 and 9 are 4 on average
      await play(6, everybody([[0, 3]]));
      expect(await all()).toMatchObject([{ fromEpoch: 4, toEpoch: 6, measured: 5 }]);
    });

    test('rows that stay in force are counted in their own epoch alone', async () => {
      await begin();
      await play(1, {});
      await play(2, everybody([[0, 9]]));
      for (const index of [3, 4, 5]) await play(index, {});
      expect(await all()).toEqual([]);
    });

    test('salted rows count in the epoch of their reveal', async () => {
      await begin([{ ...UNAVAILABLE, epochs: 2 }]);
      for (let interval = 1; interval <= 4; interval += 1) {
        for (const uid of interval > 1 ? VALIDATORS : []) {
          const row = (at: number) => weights(uid, at, { report: reportOf([[0, 7]]) });
          if (interval > 2) await cases.reveal(uid, row(interval - 1));
          expect(await cases.commit(uid, row(interval))).toMatchObject({ kind: 'taken' });
        }
        await store.observeBlock(1 + TEMPO * interval, 1000 * interval - 1);
        await cases.runEpoch(epochDue(interval));
      }
      expect(await all()).toMatchObject([{ fromEpoch: 3, toEpoch: 4, measured: 7 }]);
    });

    test('failed audits carry the hash of what shows them; a liar with less than half has no evidence', async () => {
      await begin([AUDITS, UNAVAILABLE]);
      await play(1, {});
      await play(2, { 3: [[1, 20, 20]], 4: [[0, 0, 3]], 5: [[0, 0, 2]] });
      const [only, ...others] = await all();
      expect(others).toEqual([]);
      expect(only).toMatchObject({ type: 'FailedAudits', registrationId: registrationOf(0), measured: 2 });
      expect(await store.evidenceEpoch(only!.sha256, 2)).toContain(SHOWN);
    });

    test('nothing is measured before the terms are known, nor where nobody slashes for it', async () => {
      await play(1, {});
      await play(2, everybody([[0, 9]]));
      await begin([]);
      await play(3, everybody([[0, 9]]));
      expect((await database.query('SELECT 1 FROM fault_epochs')).length).toBe(0);
      await store.keepFaultTerms({ conditions: [AUDITS], unbondingBlocks: 1 });
      expect(await store.faultTerms()).toEqual({ conditions: [AUDITS], unbondingBlocks: 1 });
    });

    test('a replay measures the same again, out of the reports', async () => {
      await begin();
      for (let index = 1; index <= 4; index += 1)
        await play(
          index,
          everybody([
            [0, 6],
            [2, 8],
          ]),
        );
      const hashes = (await all()).map((each) => each.sha256).toSorted();
      expect(hashes).toHaveLength(2);
      const replayed = await cases.replayEpoch(NETUID, 4);
      expect(replayed).toMatchObject({
        equal: true,
        evidence: hashes.map((hash) => ({ storedSha256: hash, recomputedSha256: hash })),
      });
      expect(await cases.replayEpoch(NETUID, 3)).toMatchObject({ evidence: [] });
      // Planted: a report that says less than what was measured.
      await database.query(`UPDATE weight_rows SET report = replace(report, '"unanswered":6', '"unanswered":5')`);
      const found = await cases.replayEpoch(NETUID, 4);
      if (found === undefined || !('evidence' in found)) throw new Error('there is no replay');
      expect(found.evidence.filter((each) => each.storedSha256 !== each.recomputedSha256)).toHaveLength(1);
    });

    test('evidence of before is replayed in its own format', async () => {
      await begin();
      for (let index = 1; index <= 4; index += 1) await play(index, everybody([[0, 6]]));
      const hash = (await all())[0]!.sha256;
      const texts = await database.query('SELECT said FROM evidence_epochs ORDER BY epoch_index');
      const { networkId, condition, hotkey, registrationId } = JSON.parse((await store.evidence(hash))!.document);
      const charge = { networkId, condition, hotkey, registrationId, netuid: NETUID };
      const { document } = wholeEvidenceOf(
        texts.map(({ said }) => faultyEpochFromText(String(said))),
        charge,
      );
      await database.query('UPDATE evidence SET sha256 = $1, document = $2', [sha256(document), document]);
      const evidence = [{ storedSha256: sha256(document), recomputedSha256: sha256(document) }];
      expect(await cases.replayEpoch(NETUID, 4)).toMatchObject({ equal: true, evidence });
    });

    test('a restart anywhere loses and doubles nothing', async () => {
      const run = fc.record({
        counts: fc.array(fc.nat({ max: 9 }), { minLength: 6, maxLength: 12 }),
        restarts: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
      });
      await fc.assert(
        fc.asyncProperty(run, async ({ counts, restarts }) => {
          await database.query('DROP SCHEMA public CASCADE');
          await database.query('CREATE SCHEMA public');
          await migrate(database, MIGRATIONS);
          restart();
          await begin();
          await play(1, {});
          for (const [at, count] of counts.entries()) {
            await play(at + 2, everybody([[0, count]]));
            if (restarts[at] === true) {
              restart();
              await cases.runEpoch(epochDue(at + 2, { policy: IN_THE_OPEN })); // the seal is told again
            }
          }
          const found = (await all()).map(({ fromEpoch, toEpoch }) => [fromEpoch, toEpoch]).toReversed();
          expect(found).toEqual(expectedOf(counts));
        }),
        { numRuns: 8 },
      );
    }, 240_000);

    test('the ledger is told once, again after an outage, and never again after its answer', async () => {
      await begin();
      for (let index = 1; index <= 4; index += 1) await play(index, everybody([[0, 6]]));
      const told: string[] = [];
      let isAway = true;
      const ledger: SlashReports = {
        terms: async () => ({ conditions: [UNAVAILABLE], unbondingBlocks: 1000 }),
        report: async ({ sha256: hash, offenceBlock }) => {
          told.push(hash);
          expect(offenceBlock).toBe(1 + 2 * TEMPO);
          if (isAway) throw new Error('away');
          return { kind: 'reported', slashId: 'ab'.repeat(32) };
        },
      };
      const submit = () => makeSubmitEvidence({ store, ledger, told: () => {} })(new AbortController().signal);
      await expect(submit()).rejects.toThrow('away');
      isAway = false;
      restart();
      expect([await submit(), await submit()]).toEqual([1, 0]);
      expect(told).toHaveLength(2);
      const [only] = await all();
      expect(only?.outcome).toEqual({ kind: 'reported', slashId: 'ab'.repeat(32) });
    });

    test('terms are asked for anew, and old epochs are reported as far as stake can be reached', async () => {
      const terms: FaultTerms = { conditions: [{ ...UNAVAILABLE, epochs: 1 }], unbondingBlocks: 30 };
      let asked = 0;
      const blocks: number[] = [];
      const ledger: SlashReports = {
        terms: async () => {
          asked += 1;
          return terms;
        },
        report: async ({ offenceBlock }) => {
          blocks.push(offenceBlock);
          return { kind: 'refused', code: 'NOTHING_AT_STAKE' };
        },
      };
      const submit = () => makeSubmitEvidence({ store, ledger, told: () => {} })(new AbortController().signal);
      await submit();
      await play(1, {});
      await play(2, everybody([[0, 6]]));
      await store.observeBlock(1 + 5 * TEMPO, 9000);
      await submit();
      expect(asked).toBe(2);
      expect(blocks).toEqual([1 + 5 * TEMPO - 15]);
      expect((await all())[0]?.outcome).toEqual({ kind: 'refused', code: 'NOTHING_AT_STAKE' });
    });
  });
}
