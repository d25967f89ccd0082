import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate } from '@subnetes/runtime/migrate';
import { openDatabase } from '@subnetes/runtime/postgres';
import { expect, test } from 'vitest';
import { sqlStore } from '#adapters/sql-store.ts';
import { NETUID, registrationOf } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';

/** As version 1 of the database stored it. */
const OLD_POLICY = {
  version: 3,
  sha256: 'bb'.repeat(32),
  tempo: 20,
  yumaVersion: 3,
  kappaU16: 32_767,
  bondsPenaltyU16: 65_535,
  bondsMovingAveragePpm: 900_000,
  activityCutoffBlocks: 5000,
  maxValidators: 64,
  revealPeriodEpochs: 2,
  weightsVersionKey: '18446744073709551615',
  minAllowedWeights: 1,
  maxWeightLimitU16: 65_535,
  stakeThreshold: '9007199254740993',
  liquidAlpha: null,
  mechanisms: [{ id: 0, emissionWeight: 1 }],
};

test('a database from before there was a choice keeps its commits, rows and sequences', async () => {
  await using database = await openDatabase({ url: 'pglite:memory' });
  const folder = await mkdtemp(path.join(tmpdir(), 'migrations-'));
  try {
    await copyFile(path.join(MIGRATIONS, '0001_scoring.sql'), path.join(folder, '0001_scoring.sql'));
    await migrate(database, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
  const id = registrationOf(3);
  await database.query('INSERT INTO subnets VALUES ($1, 50, 1, 4, $2)', [NETUID, JSON.stringify(OLD_POLICY)]);
  await database.query(`INSERT INTO registrations VALUES ($1, $2, 3, 'hot3', 'cold3', 2, 5000, false, 50)`, [
    NETUID,
    id,
  ]);
  await database.script(`
    INSERT INTO commits VALUES
      (${NETUID}, 0, '${id}', 1, 3, 'aa', 12, true, 1, ''),
      (${NETUID}, 0, '${id}', 2, 4, 'bb', 33, true, 2, ''),
      (${NETUID}, 0, '${id}', 3, 5, 'cc', 54, false, 18446744073709551615, '');
    INSERT INTO reveals VALUES
      (${NETUID}, 0, '${id}', 1, 12, 3, '[[0,7]]', '{"miners":[],"replayDay":""}', 1, ''),
      (${NETUID}, 0, '${id}', 2, 33, 3, '[[0,9]]', '{"miners":[],"replayDay":""}', 2, '');
  `);

  expect(await migrate(database, MIGRATIONS)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);

  const store = sqlStore(database);
  const { revealPeriodEpochs, ...kept } = OLD_POLICY;
  expect(await store.subnet(NETUID)).toMatchObject({
    interval: 4,
    policy: {
      ...kept,
      commitReveal: { type: 'Salted', revealPeriodEpochs },
      weightsRateLimitBlocks: 100,
      missedReveal: 'Keep',
      weightsVersionKey: 18_446_744_073_709_551_615n,
      stakeThreshold: 9_007_199_254_740_993n,
    },
  });
  const key = { registrationId: id, mechanismId: 0, interval: 3 };
  await store.inSubnet(NETUID, async (transaction) => {
    expect(await transaction.commitsSince(5)).toMatchObject([
      { interval: 3, kind: 'Salted', hash: 'cc', revealed: false, failure: undefined, opensAt: undefined },
    ]);
    expect(await transaction.rowsInForce()).toMatchObject([
      { interval: 2, source: 'Salted', block: 33, weights: [[0, 9]] },
    ]);
    const { sequences, commits, rows } = await transaction.facts({ registrationIds: [id], commits: [key] });
    expect([...commits.values()]).toMatchObject([{ hash: 'cc' }]);
    expect([...rows.values()]).toMatchObject([{ source: 'Salted', block: 33 }]);
    expect([...sequences.values()].toSorted((left, right) => (left < right ? -1 : 1))).toEqual([
      2n,
      18_446_744_073_709_551_615n,
    ]);
  });
});
