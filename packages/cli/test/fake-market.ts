import { create, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { Billing } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import { Keys } from '@subnetes/proto/gen/subnetes/billing/v1/keys_pb';
import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { Preview } from '@subnetes/proto/gen/subnetes/ledger/v1/preview_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { EmissionState } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import {
  type Explanation,
  ExplanationSchema,
  MetagraphNeuronSchema,
  Scoring,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { RpcService } from '@subnetes/proto/grpc-adapter';
import { addRpcService, type RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { chained, fakeJournal, listEntries, TAO, type Entry } from './fake-journal.ts';
import { fakeLog } from './fake-log.ts';
import { fakePreview } from './fake-preview.ts';
import { fakeKeys, type FakeKeys } from './fake-keys.ts';
import epoch from './fixtures/epoch.json' with { type: 'json' };
import explanations from './fixtures/explanations.json' with { type: 'json' };

/** A market in this process that speaks the real wires: one subnet of three validators and three miners after epoch 5. */
export interface FakeMarket extends AsyncDisposable {
  readonly address: string;
  readonly networkId: Buffer;
  /** Wallet orders as they came, for the test to verify. */
  readonly orders: SignedEnvelope[];
  /** Balances in rao by account; a test may add its own. */
  readonly balances: Map<string, bigint>;
  /** Changes one entry of the journal behind the ledger's back. */
  spoilJournal(): void;
  /** Changes one entry and writes the chain anew from there on, as somebody with the database could. */
  rewriteJournal(): void;
  /** Keeps no entries up to one any more. */
  archive(upTo: number): readonly Entry[];
  /** C2SP form of the key that signs checkpoints. */
  readonly logKey: string;
  /** Serves nothing any more. */
  goAway(): void;
  /** Changes the stored outputs of the epoch. */
  spoilEpoch(): void;
  /** Changes what scoring explains from now on. */
  spoilExplanations(change: (explanation: Explanation) => void): void;
  readonly keys: FakeKeys;
}

const NAMES = ['val-a', 'val-b', 'val-c', 'garch', 'ewma', 'copycat'];
const STAKES = [4500n, 3500n, 2000n, 0n, 0n, 0n];

const NETWORK_ID = Buffer.alloc(32, 0x2a);

function neuronOf(uid: number) {
  const kind = uid < 3 ? 'Validator' : 'Miner';
  return {
    netuid: 1,
    uid,
    hotkey: `hotkey-of-${NAMES[uid] ?? ''}`,
    coldkey: `coldkey-of-${NAMES[uid] ?? ''}`,
    registrationId: Buffer.from((uid + 1).toString(16).padStart(64, '0'), 'hex'),
    stake: { asset: 'TAO', amount: ((STAKES[uid] ?? 0n) * TAO).toString() },
    managedBy: { kind, namespace: 'finance', name: NAMES[uid] ?? '' },
  };
}

function scoredOf(uid: number) {
  const { neurons } = JSON.parse(epoch.outputsJson) as {
    neurons: {
      incentive: number;
      dividends: number;
      validatorTrust: number;
      incentiveRao: string;
      dividendRao: string;
    }[];
  };
  const result = neurons[uid];
  return {
    ...neuronOf(uid),
    stakeRao: ((STAKES[uid] ?? 0n) * TAO).toString(),
    validatorPermit: uid < 3,
    incentiveU16: result?.incentive ?? 0,
    dividendsU16: result?.dividends ?? 0,
    validatorTrustU16: result?.validatorTrust ?? 0,
    incentiveRao: result?.incentiveRao ?? '0',
    dividendRao: result?.dividendRao ?? '0',
    loss: uid === 3 ? 0.00515 : 0.00531,
    judged: uid < 3 ? 0 : 240,
    why: uid === 5 ? "answers repeat ewma's of the day before" : uid === 3 ? 'best calibrated at both horizons' : '',
    whyReason: uid === 5 ? 'CopyDetected' : 'Earning',
  };
}

const network = {
  networkId: NETWORK_ID,
  symbol: 'TAO',
  decimals: 9,
  blockTimeMs: 1000,
  blockRewardRao: TAO.toString(),
  capRao: (21_000_000n * TAO).toString(),
  issuedRao: (2600n * TAO).toString(),
  burnedRao: TAO.toString(),
};

const subnet = {
  netuid: 1,
  handle: 'sp500',
  emission: EmissionState.STARTED,
  epochIndex: 5n,
  epochBlock: 111n,
  lastPaidIndex: 5n,
  nextEpochBlock: 131n,
  neurons: 6,
  registrationCost: { asset: 'TAO', amount: TAO.toString() },
};

/** What the handlers share and a test may change. */
interface State {
  readonly entries: Entry[];
  readonly orders: SignedEnvelope[];
  readonly balances: Map<string, bigint>;
  outputsJson: string;
  block: bigint;
  /** Last entry that is not kept. */
  archivedTo: number;
  /** What scoring says beside the truth; nothing at first. */
  spoilExplanation: (explanation: Explanation) => void;
}

function ledgerHandlers(state: State): Partial<RpcHandlers<typeof Ledger>> {
  const { entries, orders, balances } = state;
  return {
    async getNetwork() {
      state.block += 1n; // each look finds a newer block
      return { ...network, block: state.block, sequence: BigInt(entries.length) };
    },
    getSubnet: async ({ by }) => {
      if (by.value !== 1 && by.value !== 'sp500')
        throw new RpcError({
          code: RpcCode.NOT_FOUND,
          reason: 'SUBNET_NOT_FOUND',
          message: `there is no subnet ${by.value ?? ''}`,
        });
      return subnet;
    },
    listSubnets: async () => ({ subnets: [subnet] }),
    listNeurons: async ({ page }) => {
      // two pages, so that paging is real
      const first = page?.token !== 'second';
      return {
        neurons: (first ? [0, 1, 2, 3] : [4, 5]).map(neuronOf),
        nextPageToken: first ? 'second' : '',
        block: state.block,
      };
    },
    getRegistration: async () => {
      throw new RpcError({ code: RpcCode.NOT_FOUND, reason: 'NOT_REGISTERED', message: 'never registered' });
    },
    getBalances: async ({ accounts }) => ({
      balances: accounts.map((account) => ({
        account,
        posted: { asset: 'TAO', amount: (balances.get(account) ?? 0n).toString() },
        held: { asset: 'TAO', amount: '0' },
      })),
    }),
    listEntries: async (asked) => listEntries(state, asked),
    audit: async () => ({
      entries: BigInt(entries.length),
      differenceRao: '0',
      issuedRao: (2600n * TAO).toString(),
      burnedRao: TAO.toString(),
      chainVerified: true,
    }),
    submitOrder: async ({ order }) => {
      if (order === undefined)
        throw new RpcError({ code: RpcCode.INVALID_ARGUMENT, reason: 'ENVELOPE_MISSING', message: 'no order' });
      orders.push(order);
      return { sequence: 413n, block: state.block, neuron: { ...neuronOf(5), uid: 12 } };
    },
  };
}

function scoringHandlers(state: State): Partial<RpcHandlers<typeof Scoring>> {
  return {
    getInterval: async () => ({ netuid: 1, interval: 6n, block: state.block }),
    getMetagraph: async () => ({
      netuid: 1,
      epochIndex: 5n,
      block: 111n,
      neurons: NAMES.map((_, uid) => scoredOf(uid)),
    }),
    getEpoch: async ({ index }) => {
      if (index !== 0n && index !== 5n)
        throw new RpcError({
          code: RpcCode.NOT_FOUND,
          reason: 'EPOCH_NOT_FOUND',
          message: `epoch ${index} is not scored`,
        });
      return {
        summary: {
          index: 5n,
          block: 111n,
          inputsSha256: Buffer.from(epoch.inputsSha256, 'hex'),
          outputsSha256: Buffer.from(epoch.outputsSha256, 'hex'),
        },
        metagraph: { netuid: 1, epochIndex: 5n, neurons: NAMES.map((_, uid) => scoredOf(uid)) },
        inputsJson: epoch.inputsJson,
        outputsJson: state.outputsJson,
      };
    },
    explainNeuron: async ({ uid }) => {
      const explanation = fromJson(ExplanationSchema, (explanations as JsonValue[])[uid] ?? {});
      state.spoilExplanation(explanation);
      explanation.neuron = create(MetagraphNeuronSchema, scoredOf(uid));
      return explanation;
    },
  };
}

/** Starts it on a free port of loopback, in plain text unless told otherwise. */
export async function startFakeMarket(
  channel: ServerCredentials = ServerCredentials.createInsecure(),
): Promise<FakeMarket> {
  const state: State = {
    entries: fakeJournal(),
    orders: [],
    balances: new Map([['burned', TAO]]),
    outputsJson: epoch.outputsJson,
    block: 118n,
    archivedTo: 0,
    spoilExplanation: () => undefined,
  };
  const { entries, orders, balances } = state;
  const keys = fakeKeys();
  const server = new Server();
  const log = fakeLog([...entries], NETWORK_ID);
  serve(server, Ledger, { ...ledgerHandlers(state), ...log.handlers });
  serve(
    server,
    Preview,
    fakePreview(() => state.block),
  );
  serve(server, Scoring, scoringHandlers(state));
  serve(server, Billing, {
    createAccount: async ({ account, owner }) => ({ account, owner, ledgerAccount: `billing:${account}` }),
  });
  serve(server, Keys, keys.handlers);
  const port = await listen(server, channel);
  const spoilJournal = (): void => {
    const entry = entries[1700];
    if (entry !== undefined) entry.payloadJson = '{"number":0}';
  };
  return {
    address: `127.0.0.1:${port}`,
    networkId: NETWORK_ID,
    orders,
    balances,
    keys,
    spoilJournal,
    rewriteJournal: () => {
      spoilJournal();
      entries.splice(0, entries.length, ...chained(entries));
    },
    archive: (upTo) => {
      state.archivedTo = upTo;
      return entries.slice(0, upTo);
    },
    logKey: log.key,
    goAway: () => server.forceShutdown(),
    spoilEpoch: () => {
      state.outputsJson = state.outputsJson.replace('"permit":true', '"permit":false');
    },
    spoilExplanations: (change) => {
      state.spoilExplanation = change;
    },
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

/** Handlers for what the test asks; everything else is refused. */
function serve<S extends RpcService>(server: Server, service: S, part: Partial<RpcHandlers<S>>): void {
  const refuse = async (): Promise<never> => {
    throw new RpcError({ code: RpcCode.UNIMPLEMENTED, message: 'not part of this test' });
  };
  const others = Object.fromEntries(Object.keys(service.method).map((name) => [name, refuse]));
  addRpcService(server, service, { ...others, ...part } as RpcHandlers<S>);
}

function listen(server: Server, channel: ServerCredentials): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync('127.0.0.1:0', channel, (error, port) => (error === null ? resolve(port) : reject(error)));
  return promise;
}
