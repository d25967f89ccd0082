import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { credentials } from '@grpc/grpc-js';
import { commitHash } from '@subnetes/keys/commit-hash';
import { signEnvelope } from '@subnetes/keys/envelope';
import type { KeyPair } from '@subnetes/keys/key-pair';
import { pairOfSeed, type Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { Neuron } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { Scoring, WeightsCommitSchema, WeightsRevealSchema } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { createRpcClient, type RpcClient } from '@subnetes/proto/grpc-client';
import { signBinding, signOrder } from '../src/wallet-order.ts';
import { readWallet, unlockWallet } from '../src/wallet-store.ts';
import type { RealMarket } from './real-market.ts';

/** A neuron of the test: its stake in rao, none for a miner, and what it gives others by their place in the list. */
export interface Player {
  readonly stakeRao: bigint;
  readonly weights: readonly number[];
  /** Places of those who never answer it, as it reports. */
  readonly silent?: readonly number[];
}

interface Registered extends Player {
  readonly pair: Sr25519Pair;
  readonly neuron: Neuron;
}

/** Registers neurons as a wallet does and gives weights as validators do, all over the wire. */
export interface Players extends Disposable {
  readonly hotkeys: readonly string[];
  /** Commits and reveals what the interval asks for; to be called again and again. */
  act(): Promise<void>;
}

const ENOUGH_RAO = 10n ** 12n;

export async function registerPlayers(market: RealMarket, players: readonly Player[]): Promise<Players> {
  const ledger = createRpcClient(Ledger, { address: market.ledgerAddress, credentials: credentials.createInsecure() });
  const scoring = createRpcClient(Scoring, {
    address: market.scoringAddress,
    credentials: credentials.createInsecure(),
  });
  const coldkey = await unlockWallet(readWallet(join(market.folder, 'wallets'), 'quant'), 'correct horse');
  const registered: Registered[] = [];
  for (const [at, player] of players.entries()) {
    registered.push(await register(ledger, { coldkey, player, seed: at + 1 }));
  }
  const submitted = new Map<string, bigint>();
  let sequence = BigInt(Date.now());
  return {
    hotkeys: registered.map(({ pair }) => pair.address),
    async act() {
      const { interval, block, networkId } = await scoring.getInterval({ netuid: 1 });
      for (const validator of registered.filter(({ stakeRao }) => stakeRao > 0n)) {
        const sign = (type: EnvelopeType, payload: Uint8Array) =>
          signEnvelope(
            {
              networkId,
              type,
              payload,
              registrationId: validator.neuron.registrationId,
              sequence: (sequence += 1n),
              expiresAtBlock: block + 1000n,
            },
            validator.pair,
          );
        await submit(scoring, { validator, registered, interval, sign, submitted });
      }
    },
    [Symbol.dispose]() {
      ledger[Symbol.dispose]();
      scoring[Symbol.dispose]();
    },
  };
}

async function register(
  ledger: RpcClient<typeof Ledger>,
  { coldkey, player, seed }: { coldkey: KeyPair; player: Player; seed: number },
): Promise<Registered> {
  const pair = pairOfSeed(Uint8Array.from({ length: 32 }, () => seed));
  const signing = async () => ({ ...(await ledger.getNetwork({})), nowMs: Date.now() });
  const binding = signBinding(coldkey.address, pair, await signing());
  const order = { netuid: 1, binding, maxCostRao: ENOUGH_RAO.toString(), attempt: 1n, initialStakeRao: '' };
  const done = await ledger.submitOrder({
    order: signOrder(
      { case: 'register', value: { $typeName: 'subnetes.ledger.v1.RegisterOrder', ...order } },
      coldkey,
      await signing(),
    ),
  });
  if (done.neuron === undefined) throw new Error('the ledger registered nobody');
  if (player.stakeRao > 0n) {
    const value = { netuid: 1, hotkey: pair.address, amountRao: player.stakeRao.toString() };
    await ledger.submitOrder({
      order: signOrder(
        { case: 'addStake', value: { $typeName: 'subnetes.ledger.v1.AddStakeOrder', ...value } },
        coldkey,
        await signing(),
      ),
    });
  }
  return { ...player, pair, neuron: done.neuron };
}

function silentMiner(registered: Registered | undefined) {
  if (registered === undefined) return [];
  const { uid, registrationId } = registered.neuron;
  return [{ uid, registrationId, answers: 20, invalid: 18, unanswered: 18 }];
}

/** The same weights in every interval: committed once, revealed in the one after. What comes too early or late is refused. */
async function submit(
  scoring: RpcClient<typeof Scoring>,
  turn: {
    validator: Registered;
    registered: readonly Registered[];
    interval: bigint;
    sign: (type: EnvelopeType, payload: Uint8Array) => ReturnType<typeof signEnvelope>;
    submitted: Map<string, bigint>;
  },
): Promise<void> {
  const { validator, registered, interval, sign, submitted } = turn;
  const rated = validator.weights
    .flatMap((value, at) => {
      const uid = registered[at]?.neuron.uid;
      return value === 0 || uid === undefined ? [] : [{ uid, value }];
    })
    .toSorted((left, right) => left.uid - right.uid);
  const row = { uids: rated.map(({ uid }) => uid), values: rated.map(({ value }) => value), salt: [7], versionKey: 0n };
  const key = (kind: string) => `${kind}/${validator.neuron.uid}`;
  const committed = submitted.get(key('commit')) ?? 0n;
  if (committed === interval - 1n && submitted.get(key('reveal')) !== committed) {
    const report = { miners: (validator.silent ?? []).flatMap((at) => silentMiner(registered[at])) };
    const reveal = create(WeightsRevealSchema, { netuid: 1, commitInterval: committed, ...row, report });
    await scoring.revealWeights({
      reveals: [sign(EnvelopeType.REVEAL, toBinary(WeightsRevealSchema, reveal))],
    });
    submitted.set(key('reveal'), committed);
  }
  if (committed === interval) return;
  const hash = commitHash({ hotkey: validator.pair.publicKey, netuid: 1, mechanismId: 0, ...row });
  const commit = create(WeightsCommitSchema, { netuid: 1, interval, commitHash: hash });
  const { results } = await scoring.commitWeights({
    commits: [sign(EnvelopeType.COMMIT, toBinary(WeightsCommitSchema, commit))],
  });
  const [result] = results;
  if (result?.ok === true) submitted.set(key('commit'), interval);
  else if (!['NO_PERMIT', 'WRONG_INTERVAL', 'NOT_REGISTERED'].includes(result?.reason ?? '')) {
    throw new Error(`the commit was refused: ${result?.reason} ${result?.message}`);
  }
}
