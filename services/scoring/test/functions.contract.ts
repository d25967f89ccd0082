import { create, fromBinary } from '@bufbuild/protobuf';
import { RECOMMENDED } from '@subnetes/policy/recommended';
import { MechanismAccountSchema, MetagraphSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { migrate } from '@subnetes/runtime/migrate';
import type { Database } from '@subnetes/runtime/sql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accountMessage } from '#adapters/explanation-message.ts';
import { fromHex } from '#adapters/messages.ts';
import { sha256 } from '#adapters/sha256.ts';
import { sqlFunctions } from '#adapters/sql-functions.ts';
import { sqlStore } from '#adapters/sql-store.ts';
import type { FunctionAuthority } from '#application/publish-function.ts';
import type { Store } from '#application/ports.ts';
import type { ScoringPolicy } from '#domain/policy.ts';
import { exampleModule, mandateFor, orderFor, owner, stranger } from './function-samples.ts';
import { epochDue, NETUID, POLICY, report, useCases } from './market.ts';
import { MIGRATIONS } from './store.contract.ts';

const WINNER = exampleModule('winner-takes-most');
const SMOOTHING = exampleModule('smoothing');

const IN_THE_OPEN: ScoringPolicy = { ...POLICY, commitReveal: { type: 'Off' }, weightsRateLimitBlocks: 10 };
const under = (module: Uint8Array, fuel = 20_000_000): ScoringPolicy => ({
  ...IN_THE_OPEN,
  countermeasures: { qualityFloor: RECOMMENDED.qualityFloor, incentiveFunction: { sha256: sha256(module), fuel } },
});

/** Incentive functions from the store's side, on any database: published, run, lost, refused, and computed again. */
export function functionsContract(name: string, open: () => Promise<Database>): void {
  describe(`${name}: incentive functions`, () => {
    let database: Database;
    let store: Store;
    let cases: ReturnType<typeof useCases>;
    const owners = { owner: async (netuid: number) => (netuid === NETUID ? owner.address : undefined) };
    const casesOn = (): ReturnType<typeof useCases> => useCases(store, { functions: sqlFunctions(database), owners });

    beforeEach(async () => {
      database = await open();
      await migrate(database, MIGRATIONS);
      store = sqlStore(database);
      cases = casesOn();
    });
    afterEach(() => database[Symbol.asyncDispose]());

    const publish = (
      module: Uint8Array,
      authority: FunctionAuthority | undefined = orderFor(module),
      netuid = NETUID,
    ) => cases.publishFunction({ netuid, module, authority });
    /** Validators 3 and 4 weigh miners 0 to 2 as 6 : 4 : 2 or so, from the second epoch on. */
    const play = async (first: number, last: number, policyOf: (epoch: number) => ScoringPolicy): Promise<void> => {
      for (let index = first; index <= last; index += 1) {
        if (index > 1) {
          for (const uid of [3, 4]) {
            const values = [60_000, 40_000 + 100 * index, 20_000];
            const row = { netuid: NETUID, mechanismId: 0, uids: [0, 1, 2], values, versionKey: 7n, report: report([]) };
            expect(await cases.set(uid, row)).toMatchObject({ kind: 'taken' });
          }
        }
        await cases.runEpoch(epochDue(index, { policy: policyOf(index) }));
      }
    };
    const epoch = async (index: number) => {
      const stored = await store.epoch(NETUID, index);
      if (stored === undefined) throw new Error(`there is no epoch ${index}`);
      const metagraph = fromBinary(MetagraphSchema, (await cases.readMetagraph(NETUID, index)) ?? new Uint8Array());
      const incentives = metagraph.neurons.slice(0, 3).map(({ incentiveRao }) => BigInt(incentiveRao));
      return { ...stored, metagraph, incentives };
    };
    const replayed = async (index: number) => {
      const replay = await cases.replayEpoch(NETUID, index);
      if (replay === undefined || 'refusal' in replay || 'missingModule' in replay) throw new Error('no replay');
      return replay;
    };

    test('a published function divides what the epoch pays; the record, the account and the replay say so', async () => {
      expect(await publish(WINNER)).toEqual({
        kind: 'published',
        sha256: sha256(WINNER),
        repeated: false,
        bytesPublished: WINNER.length,
      });
      expect(await publish(WINNER)).toMatchObject({ kind: 'published', repeated: true });
      await play(1, 3, () => under(WINNER));
      const { metagraph, incentives, outputsJson } = await epoch(3);
      const total = incentives.reduce((left, right) => left + right, 0n);
      expect(Number((incentives[0]! * 1000n) / total)).toBe(700); // winner-takes-most: 70 %
      expect(metagraph.incentiveFunctions).toMatchObject([
        { mechanismId: 0, sha256: fromHex(sha256(WINNER)), refusal: '', fuelUsed: expect.any(Number) },
      ]);
      expect(JSON.parse(outputsJson)).toMatchObject({
        mechanisms: [{ policy: { incentiveFunction: { refusal: null } } }],
      });
      expect(await replayed(3)).toMatchObject({ equal: true, kernelAgrees: true });
      const off = await cases.replayEpoch(NETUID, 3, {
        overrides: [{ name: 'countermeasures', value: 'off' }],
        withoutValidators: [],
      });
      expect(off).toMatchObject({ equal: true, counterfactual: { kernelAgrees: true } });
    });

    test('accounts have a line for it, and add up to what is paid', async () => {
      await publish(WINNER);
      await play(1, 3, () => under(WINNER));
      for (const { uid, incentiveRao, dividendRao } of (await epoch(3)).metagraph.neurons) {
        const outcome = await cases.explainNeuron({ netuid: NETUID, uid, index: 3 });
        const { accounts } = (outcome as Extract<typeof outcome, { kind: 'explained' }>).explanation;
        const [account] = accounts.map((each) => create(MechanismAccountSchema, accountMessage(each)));
        expect(account?.policy.map(({ step }) => step)).toEqual(['quality-floor', 'incentive-function']);
        const lines = (field: 'incentiveRao' | 'dividendRao'): bigint =>
          account!.policy.reduce((sum, line) => sum + BigInt(line[field]), 0n);
        expect(BigInt(account!.miner!.emissionRao) + lines('incentiveRao')).toBe(BigInt(incentiveRao));
        expect(BigInt(account!.validator?.emissionRao ?? 0) + lines('dividendRao')).toBe(BigInt(dividendRao));
      }
    });

    test('its state goes from epoch to epoch through the store, and ends with another module', async () => {
      await publish(SMOOTHING);
      await publish(WINNER);
      await play(1, 3, () => under(SMOOTHING));
      cases = { ...casesOn(), set: cases.set }; // another process; its validators' sequences go on
      await play(4, 6, (index) => under(index === 6 ? WINNER : SMOOTHING));
      const stateOf = async (index: number): Promise<unknown> => {
        const document = JSON.parse((await epoch(index)).inputsJson) as { mechanisms: { state?: object }[] };
        return document.mechanisms[0]?.state;
      };
      expect(await stateOf(4)).toMatchObject({ incentiveFunction: { sha256: sha256(SMOOTHING) } });
      expect(await stateOf(5)).not.toEqual(await stateOf(4));
      expect(JSON.parse((await epoch(6)).outputsJson)).toMatchObject({
        mechanisms: [{ policy: { state: { incentiveFunction: { sha256: sha256(WINNER), bytesHex: '' } } } }],
      });
      for (const index of [3, 4, 5, 6])
        expect(await replayed(index)).toMatchObject({ equal: true, kernelAgrees: true });
    });

    test('a module that nobody has stops nothing: the inputs say so, and it is replayed the same once it is there', async () => {
      await play(1, 3, () => under(WINNER));
      const without = await epoch(3);
      expect(JSON.parse(without.inputsJson)).toMatchObject({ functionMissing: true });
      expect(without.metagraph.incentiveFunctions).toMatchObject([{ refusal: 'MODULE_MISSING', fuelUsed: 0 }]);
      await publish(WINNER);
      expect(await replayed(3)).toMatchObject({ equal: true, kernelAgrees: true });
      await play(4, 4, () => under(WINNER));
      const { inputsJson, metagraph } = await epoch(4);
      expect(JSON.parse(inputsJson)).not.toHaveProperty('functionMissing');
      expect(metagraph.incentiveFunctions).toMatchObject([{ refusal: '' }]);
    });

    test('a module that was lost after its epoch: accounts are told still, a replay names it', async () => {
      await publish(WINNER);
      await play(1, 3, () => under(WINNER));
      await database.query('DELETE FROM incentive_function_publications');
      await database.query('DELETE FROM incentive_functions');
      expect((await epoch(3)).metagraph.incentiveFunctions).toMatchObject([{ refusal: '' }]);
      expect(await cases.explainNeuron({ netuid: NETUID, uid: 0, index: 3 })).toMatchObject({ kind: 'explained' });
      expect(await cases.replayEpoch(NETUID, 3)).toEqual({ missingModule: sha256(WINNER) });
    });

    test('bytes that are not what they are called are not there, and the right ones put it right', async () => {
      await publish(WINNER);
      await database.query('UPDATE incentive_functions SET module = $1', [Uint8Array.of(0, 1)]);
      await play(1, 3, () => under(WINNER));
      expect((await epoch(3)).metagraph.incentiveFunctions).toMatchObject([{ refusal: 'MODULE_MISSING' }]);
      expect(await publish(WINNER)).toMatchObject({ kind: 'published', repeated: true });
      await play(4, 4, () => under(WINNER));
      expect((await epoch(4)).metagraph.incentiveFunctions).toMatchObject([{ refusal: '' }]);
    });

    test('a refused run pays what the consensus and the rules before it gave, and is on record', async () => {
      await publish(WINNER);
      const floorAlone = { ...IN_THE_OPEN, countermeasures: { qualityFloor: RECOMMENDED.qualityFloor } };
      await play(1, 4, (index) => (index === 4 ? under(WINNER, 10) : floorAlone));
      const { metagraph, outputsJson } = await epoch(4);
      expect(metagraph.incentiveFunctions).toMatchObject([{ refusal: 'FUEL_EXHAUSTED', fuelUsed: 10 }]);
      const { mechanisms } = JSON.parse(outputsJson) as {
        mechanisms: { policy: { adjustments: { step: string; incentive: string[] }[] } }[];
      };
      const [, floor, divided] = mechanisms[0]!.policy.adjustments;
      expect(divided?.step).toBe('incentive-function');
      expect(divided?.incentive).toEqual(floor?.incentive);
      expect(await replayed(4)).toMatchObject({ equal: true, kernelAgrees: true });
    });

    test('epochs without one store nothing of it', async () => {
      await play(1, 3, () => IN_THE_OPEN);
      const { inputsJson, outputsJson } = await epoch(3);
      expect(`${inputsJson}${outputsJson}`).not.toMatch(/incentiveFunction|functionMissing/);
    });

    test.for<[string, () => Parameters<typeof publish>]>([
      ['AUTHORITY_MISSING', () => [WINNER, undefined]],
      ['NOT_OWNER', () => [WINNER, orderFor(WINNER, { key: stranger })]],
      ['WRONG_SUBNET', () => [WINNER, orderFor(WINNER, { netuid: 2 })]],
      ['UNKNOWN_SUBNET', () => [WINNER, orderFor(WINNER, { netuid: 2 }), 2]],
      ['DIGEST_DIFFERS', () => [WINNER, orderFor(SMOOTHING)]],
      ['MANDATE_NOT_GRANTED', () => [WINNER, mandateFor({ operations: ['Register'] })]],
      ['MANDATE_NOT_GRANTED', () => [WINNER, mandateFor({ netuids: [7] })]],
      ['NOT_OWNER', () => [WINNER, mandateFor({}, stranger)]],
      ['WRONG_ENVELOPE_TYPE', () => [WINNER, { kind: 'order', envelope: mandateFor().envelope }]],
      ['MODULE_MALFORMED', () => [Uint8Array.of(1, 2, 3), mandateFor()]],
      ['MODULE_TOO_LARGE', () => [new Uint8Array(262_145), mandateFor()]],
    ])('%s: nothing is kept', async ([code, asked]) => {
      const [module, authority, netuid] = asked();
      const outcome = await cases.publishFunction({ netuid: netuid ?? NETUID, module, authority });
      expect(outcome).toMatchObject({ kind: 'refused', code });
      expect(await cases.functions.has(sha256(module))).toBe(false);
    });

    test('an order that is over is refused; a mandate to set the policy is as good as an order', async () => {
      await store.observeBlock(500, 1);
      expect(await publish(WINNER, orderFor(WINNER, { expiresAtBlock: 499n }))).toMatchObject({
        code: 'ENVELOPE_EXPIRED',
      });
      expect(await publish(WINNER, mandateFor({ netuids: [NETUID] }))).toMatchObject({ kind: 'published' });
    });
  });
}
