import { create, fromBinary } from '@bufbuild/protobuf';
import { RECOMMENDED } from '@subnetes/policy/recommended';
import { EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { MechanismAccountSchema, MetagraphSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { migrate } from '@subnetes/runtime/migrate';
import type { Database } from '@subnetes/runtime/sql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accountMessage } from '#adapters/explanation-message.ts';
import { toHex } from '#adapters/messages.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import type { Store } from '#application/ports.ts';
import type { ScoringPolicy } from '#domain/policy.ts';
import { epochDue, NETUID, POLICY, registrationOf, report, useCases } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';

const IN_THE_OPEN: ScoringPolicy = { ...POLICY, commitReveal: { type: 'Off' }, weightsRateLimitBlocks: 10 };
const AROUND: ScoringPolicy = {
  ...IN_THE_OPEN,
  countermeasures: {
    firewall: RECOMMENDED.firewall,
    reputation: RECOMMENDED.reputation,
    deviation: { ...RECOMMENDED.deviation, reduceAfterEpochs: 1, evidenceAfterEpochs: 2 },
  },
};

/** Countermeasures from the store's side, on any database: what an epoch leaves, the next begins with. */
export function policyContract(name: string, open: () => Promise<Database>): void {
  describe(`${name}: policies`, () => {
    let database: Database;
    let store: Store;
    let cases: ReturnType<typeof useCases>;

    beforeEach(async () => {
      database = await open();
      await migrate(database, MIGRATIONS);
      store = sqlStore(database);
      cases = useCases(store);
    });
    afterEach(() => database[Symbol.asyncDispose]());

    const set = async (uid: number, values: readonly number[]): Promise<void> => {
      const value = { netuid: NETUID, mechanismId: 0, uids: [0, 1, 2], values, versionKey: 7n, report: report([]) };
      expect(await cases.set(uid, value)).toMatchObject({ kind: 'taken' });
    };
    /** Validators 3 and 4 judge; 5 is silent up to epoch 3 and gives all to the worst from epoch 4 on. */
    const playTo = async (last: number, policyOf: (epoch: number) => ScoringPolicy = () => AROUND): Promise<void> => {
      for (let index = 1; index <= last; index += 1) {
        if (index > 1) for (const uid of [3, 4]) await set(uid, [60_000, 40_000 + 100 * index, 20_000]);
        if (index > 3) await set(5, [0, 0, 60_000]);
        await cases.runEpoch(epochDue(index, { policy: policyOf(index) }));
      }
    };
    const epoch = async (index: number) => {
      const stored = await store.epoch(NETUID, index);
      if (stored === undefined) throw new Error(`there is no epoch ${index}`);
      const metagraph = fromBinary(MetagraphSchema, (await cases.readMetagraph(NETUID, index)) ?? new Uint8Array());
      return { ...stored, neurons: metagraph.neurons, told: fromBinary(EpochScoredSchema, stored.scored) };
    };
    const statesOf = async (index: number): Promise<string> => {
      const rows = await database.query('SELECT policy_states FROM epochs WHERE netuid = $1 AND epoch_index = $2', [
        NETUID,
        index,
      ]);
      return String(rows[0]?.['policy_states']);
    };

    test('a silent validator abstains, visibly, and earns nothing', async () => {
      await playTo(3);
      const { neurons, told } = await epoch(3);
      const [, , , judging, , silent] = neurons;
      expect(silent).toMatchObject({
        abstention: 'no-score',
        whyReason: 'Abstains',
        why: expect.stringMatching(/^abstains: it scored nobody, while others scored 3 miners/),
        dividendRao: '0',
      });
      expect(judging).toMatchObject({ abstention: '' });
      expect(told.neurons[5]).toMatchObject({ dividendRao: '0', validatorPermit: true });
    });

    test('evidence names the epochs that it rests on, goes out once, and is served', async () => {
      await playTo(6);
      const evidence = await Promise.all([3, 4, 5, 6].map(async (index) => (await epoch(index)).told.evidence));
      expect(evidence.map((each) => each.length)).toEqual([0, 0, 1, 0]);
      const [proven] = evidence[2]!;
      expect(toHex(proven!.registrationId)).toBe(registrationOf(5));
      expect(toHex(proven!.policySha256)).toBe(POLICY.sha256);
      expect(proven!.limitPpm).toBe(RECOMMENDED.deviation.limitPpm);
      for (const { index, inputsSha256, deviationPpm } of proven!.epochs) {
        expect(toHex(inputsSha256)).toBe((await epoch(Number(index))).inputsSha256);
        expect(deviationPpm).toBeGreaterThan(RECOMMENDED.deviation.limitPpm);
      }
      expect((await epoch(6)).neurons[5]).toMatchObject({ whyReason: 'DividendsReduced' });
    });

    test('the state goes from epoch to epoch through the store, whichever process scores the next', async () => {
      await playTo(3);
      const left = JSON.parse(await statesOf(3)) as Record<string, { neurons: Record<string, object> }>;
      expect(left['0']?.neurons[registrationOf(0)]).toMatchObject({ standingPpm: expect.any(Number) });
      cases = useCases(sqlStore(database)); // another process
      await cases.runEpoch(epochDue(4, { policy: AROUND }));
      const inputs = JSON.parse((await epoch(4)).inputsJson) as { mechanisms: { state: object }[] };
      expect(inputs.mechanisms[0]?.state).toEqual(left['0']);
    });

    test('every epoch is replayed bit for bit, and as if nothing stood around it', async () => {
      await playTo(6);
      for (const index of [1, 2, 3, 4, 5, 6]) {
        expect(await cases.replayEpoch(NETUID, index)).toMatchObject({ equal: true, kernelAgrees: true });
      }
      const off = { overrides: [{ name: 'countermeasures', value: 'off' }], withoutValidators: [] };
      const replay = await cases.replayEpoch(NETUID, 6, off);
      if (replay === undefined || 'refusal' in replay || 'missingModule' in replay)
        throw new Error('the replay was refused');
      expect(replay).toMatchObject({
        equal: true,
        counterfactual: {
          kernelAgrees: true,
          changes: [{ parameter: 'countermeasures', before: 'firewall,reputation,deviation', after: 'off' }],
        },
      });
      expect(replay.counterfactual?.neurons.find(({ uid }) => uid === 5)?.difference).toBeGreaterThan(0n);
      const kappa = { overrides: [{ name: 'kappa', value: '0.6' }], withoutValidators: [5] };
      expect(await cases.replayEpoch(NETUID, 6, kappa)).toMatchObject({ equal: true, counterfactual: {} });
    });

    test('accounts tell each rule on the wire, and add up to what is paid', async () => {
      await playTo(6);
      for (const { uid, incentiveRao, dividendRao } of (await epoch(6)).neurons) {
        const outcome = await cases.explainNeuron({ netuid: NETUID, uid, index: 6 });
        const { accounts } = (outcome as Extract<typeof outcome, { kind: 'explained' }>).explanation;
        const [account] = accounts.map((each) => create(MechanismAccountSchema, accountMessage(each)));
        expect(account?.policy.map(({ step }) => step)).toEqual(['firewall', 'reputation', 'deviation']);
        const lines = (field: 'incentiveRao' | 'dividendRao'): bigint =>
          account!.policy.reduce((sum, line) => sum + BigInt(line[field]), 0n);
        expect(BigInt(account!.miner!.emissionRao) + lines('incentiveRao')).toBe(BigInt(incentiveRao));
        expect(BigInt(account!.validator?.emissionRao ?? 0) + lines('dividendRao')).toBe(BigInt(dividendRao));
      }
      const silent = await cases.explainNeuron({ netuid: NETUID, uid: 5, index: 3 });
      const { accounts } = (silent as Extract<typeof silent, { kind: 'explained' }>).explanation;
      expect(accountMessage(accounts[0]!).abstention).toMatchObject({
        reason: 'no-score',
        figures: { entries: 0n, minersRatedByOthers: 3n },
      });
    });

    test('a policy begins and ends with its epochs; others store nothing of it', async () => {
      await playTo(5, (index) => (index === 3 ? AROUND : IN_THE_OPEN));
      expect(await Promise.all([2, 3, 4].map(statesOf))).toEqual(['{}', expect.stringContaining('neurons'), '{}']);
      for (const index of [2, 4, 5]) {
        const { inputsJson, outputsJson } = await epoch(index);
        expect(`${inputsJson}${outputsJson}`).not.toMatch(/countermeasures|adjustments|"state"/);
      }
      expect((await epoch(3)).outputsJson).toContain('adjustments');
    });
  });
}
