import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { PutSubnetRequest, RegisterRequest } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { SubmitMandatedRequest } from '@subnetes/proto/gen/subnetes/ledger/v1/mandates_pb';
import { SlashStatus, SlashType } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { NO_LOG } from '@subnetes/kube/metrics';
import { describe, expect, test, vi } from 'vitest';
import { ledgerClient } from '#adapters/ledger-client.ts';
import { openMarketStreams } from '#adapters/market-streams.ts';
import { LedgerUnavailableError } from '#application/ports.ts';
import type { Subnet } from '#domain/subnet/subnet.ts';
import { type GrpcServers, neuronMessage, serveGrpc, subnetState } from './grpc-servers.ts';
import { subnetManifest } from './market-samples.ts';

const { signal } = new AbortController();
const cause = {
  cluster: 'c',
  kind: 'Miner',
  namespace: 'finance',
  name: 'garch',
  objectUid: 'u',
  generation: 3,
} as const;
const envelope = toBinary(SignedEnvelopeSchema, fromBinary(SignedEnvelopeSchema, new Uint8Array()));
const register = {
  netuid: 1,
  binding: envelope,
  mandate: envelope,
  maxCostRao: 2_000_000_000n,
  initialStakeRao: 0n,
  attempt: 1,
  cause,
};

const clientOf = ({ ledger: client, lifecycle, mandates, slashing }: GrpcServers) =>
  ledgerClient({ client, lifecycle, mandates, slashing, nowMs: () => 0 });

describe('the ledger client', () => {
  test('reads slashes of a neuron, and nothing where a network slashes nobody', async () => {
    const asked: string[] = [];
    let enabled = true;
    const slash = {
      slashId: new Uint8Array(32).fill(0xab),
      type: SlashType.UNAVAILABLE,
      status: SlashStatus.PENDING,
      reportedAtBlock: 100n,
      disputeUntilBlock: 140n,
      dueBlock: 141n,
      amountRao: '5',
      takenRao: '0',
    };
    const handlers = {
      getSlashingTerms: async () => {
        asked.push('terms');
        return { enabled, windowBlocks: 1000n };
      },
      listSlashes: async ({ netuid, hotkey }: { netuid?: number | undefined; hotkey: string }) => {
        asked.push(`${netuid}/${hotkey}`);
        return { slashes: [slash], block: 120n };
      },
    };
    await using servers = await serveGrpc({}, {}, {}, { slashing: handlers });
    const ledger = clientOf(servers);
    expect(await ledger.slashes(1, '5F', signal)).toEqual({
      block: 120,
      windowBlocks: 1000,
      slashes: [
        {
          id: 'ab'.repeat(32),
          type: 'Unavailable',
          status: 'Pending',
          reportedAtBlock: 100,
          disputeUntilBlock: 140,
          dueBlock: 141,
          amountRao: 5n,
          takenRao: 0n,
        },
      ],
    });
    enabled = false;
    const other = clientOf(servers);
    expect([await other.slashes(1, '5F', signal), await other.slashes(1, '5F', signal)]).toEqual([
      undefined,
      undefined,
    ]);
    expect(asked).toEqual(['terms', '1/5F', 'terms', 'terms']);
    servers.stop();
    await expect(ledger.slashes(1, '5F', signal)).rejects.toThrow(LedgerUnavailableError);
  });

  test('sends a whole policy in the ledger’s units', async () => {
    const seen: PutSubnetRequest[] = [];
    await using servers = await serveGrpc({
      async putSubnet(request) {
        seen.push(request);
        return { subnet: subnetState(0), policyVersion: 4n, mandate: { usedRao: '2', maxRao: '9', notAfterBlock: 7n } };
      },
    });
    const ledger = clientOf(servers);
    const subnet = { ...subnetManifest('finance'), status: {} } as unknown as Subnet;
    const put = await ledger.putSubnet({ subnet, mandate: envelope, cause: { ...cause, kind: 'Subnet' } }, signal);
    expect(put).toEqual({
      kind: 'put',
      netuid: 1,
      policyVersion: 4,
      mandate: { usedRao: 2n, maxRao: 9n, notAfterBlock: 7 },
    });
    expect(seen[0]).toMatchObject({
      handle: 'sp500',
      netuid: 0,
      emission: 1,
      registration: 1,
      cause: { kind: 'Subnet', generation: 3n },
      policy: {
        hyperparameters: { tempo: 20, yumaVersion: 3, kappaU16: 32_767 },
        mechanisms: [
          {
            id: 0,
            quantileForecast: { horizonsDays: [1, 5], quantiles: 19 },
            evaluation: {
              scorer: 'Crps',
              perEpoch: 20,
              timeoutMs: 2_000,
              emaPpm: 100_000,
              copiesSimilarityPpm: 999_000,
            },
          },
        ],
        pricing: [{ name: 'forecast', unit: 'Request', per: 1, priceRao: '2000' }],
      },
    });
    // What the spec leaves open stays open: the ledger resolves it.
    expect(seen[0]?.policy?.hyperparameters?.maxUids).toBeUndefined();
  });

  test('takes a refusal as a value with its code', async () => {
    const seen: RegisterRequest[] = [];
    await using servers = await serveGrpc({
      async register(request) {
        seen.push(request);
        throw new RpcError({ code: RpcCode.RESOURCE_EXHAUSTED, reason: 'SUBNET_FULL', message: 'all are immune' });
      },
    });
    const ledger = clientOf(servers);
    const refused = await ledger.register(register, signal);
    expect(refused).toEqual({ kind: 'refused', code: 'SUBNET_FULL', message: 'all are immune' });
    expect(seen[0]).toMatchObject({ maxCostRao: '2000000000', initialStakeRao: '0', attempt: 1n });
  });

  test.for([
    [{ type: 'MatchEviction', netuid: 1, hotkey: '5F', maxCostRao: 7n }, 'matchEviction', { maxCostRao: '7' }],
    [{ type: 'KeepSubnet', netuid: 1, maxCostRao: 7n }, 'keepSubnet', { netuid: 1, maxCostRao: '7' }],
    [{ type: 'SetAutoStake', netuid: 1, hotkey: '5F', isOn: true }, 'setAutoStake', { hotkey: '5F', enabled: true }],
    [{ type: 'SetChildTake', netuid: 1, hotkey: '5F', takeU16: 9 }, 'setChildTake', { hotkey: '5F', takeU16: 9 }],
    [
      { type: 'SetChildren', netuid: 1, hotkey: '5F', children: [{ hotkey: '5G', proportion: 7n }] },
      'setChildren',
      { hotkey: '5F', children: [{ hotkey: '5G', proportion: 7n }] },
    ],
  ] as const)('orders by mandate under an id: $0.type', async ([order, name, value]) => {
    const seen: SubmitMandatedRequest[] = [];
    const submitMandated = async (request: SubmitMandatedRequest) => {
      seen.push(request);
      if (seen.length === 1) return { repeatedCall: true };
      throw new RpcError({ code: RpcCode.PERMISSION_DENIED, reason: 'MANDATE_NOT_GRANTED', message: 'not named' });
    };
    await using servers = await serveGrpc({}, {}, {}, { mandates: { submitMandated } });
    const ledger = clientOf(servers);
    const request = { id: 'one', order, mandate: envelope, cause };
    expect(await ledger.orderByMandate(request, signal)).toEqual({ kind: 'ordered', repeated: true });
    expect(seen[0]).toMatchObject({ id: 'one', order: { order: { case: name, value } }, cause: { generation: 3n } });
    expect(await ledger.orderByMandate(request, signal)).toMatchObject({
      kind: 'refused',
      code: 'MANDATE_NOT_GRANTED',
    });
  });

  test('takes a ledger that is gone as an outage, and a bug as a bug', async () => {
    await using servers = await serveGrpc({
      async register() {
        throw new Error('a bug');
      },
    });
    const ledger = clientOf(servers);
    await expect(ledger.register(register, signal)).rejects.toMatchObject({ name: 'RpcError', reason: 'INTERNAL' });
    servers.stop();
    await expect(ledger.register(register, signal)).rejects.toThrow(LedgerUnavailableError);
  });

  test('reads a hotkey that was never registered as such', async () => {
    await using servers = await serveGrpc({ getRegistration: async () => ({}) });
    const ledger = clientOf(servers);
    expect(await ledger.registration(1, '5F', signal)).toEqual({ active: undefined, ended: 0, endReason: '' });
  });
});

describe('the market’s streams', () => {
  const metagraph = (epochIndex: number, hotkey: string) => ({
    netuid: 1,
    epochIndex: BigInt(epochIndex),
    block: BigInt(12 + epochIndex * 20),
    validatorsWithPermit: 3,
    validatorsRevealed: 3,
    neurons: [
      {
        uid: 0,
        hotkey,
        registrationId: new Uint8Array(32).fill(2),
        incentiveU16: 27_000,
        incentiveRao: '7',
        dividendRao: '1',
      },
    ],
  });
  const open = (servers: Awaited<ReturnType<typeof serveGrpc>>, onChange: () => void) =>
    openMarketStreams({ ...servers, log: NO_LOG, random: () => 0, onChange });
  const eventually = async (check: () => void): Promise<void> => await vi.waitFor(check, { timeout: 60_000 });

  test('make one view, told once when scores and payment tell of the same epoch', async () => {
    const scored = Promise.withResolvers<void>();
    const later = Promise.withResolvers<void>();
    await using servers = await serveGrpc(
      {
        async *watchSubnet(_request, call) {
          yield { block: 33n, snapshot: true, subnet: subnetState(1), neurons: [neuronMessage(0, '5F')] };
          // A pot that grows and a block that comes are no news.
          yield { block: 34n, subnet: subnetState(1, { pot: '9' }) };
          await later.promise;
          yield { block: 35n, neurons: [neuronMessage(0, '5G')], endedUids: [0] };
          await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
        },
      },
      {
        async *watchMetagraph(_request, call) {
          await scored.promise;
          yield metagraph(1, '5F');
          await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
        },
      },
    );
    let changes = 0;
    await using streams = open(servers, () => (changes += 1));
    streams.follow(1);
    streams.follow(1);
    expect(streams.view(1)).toBeUndefined();
    scored.resolve();
    await eventually(() => expect(streams.view(1)).toBeDefined());
    expect(streams.view(1)).toMatchObject({ netuid: 1, tempo: 20, paid: { index: 1, emissionRao: 20_000_000_000n } });
    expect(streams.view(1)?.paid?.neurons.get('02'.repeat(32))).toMatchObject({ earnedRao: 8n, incentiveU16: 27_000 });
    expect(streams.view(1)?.neurons.get('5F')).toMatchObject({ uid: 0, endpoint: 'https://a:8443', stakeRao: 5n });
    expect(changes).toBe(1);
    later.resolve();
    await eventually(() => expect([...(streams.view(1)?.neurons.keys() ?? [])]).toEqual(['5G']));
    expect(changes).toBe(2);
  });

  test('open again after an outage', async () => {
    let calls = 0;
    await using servers = await serveGrpc({
      async *watchSubnet(_request, call) {
        calls += 1;
        yield {
          block: 20n,
          snapshot: true,
          subnet: subnetState(0),
          neurons: calls === 1 ? [] : [neuronMessage(0, '5F')],
        };
        await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
      },
    });
    await using streams = open(servers, () => undefined);
    streams.follow(1);
    await eventually(() => expect(streams.view(1)?.neurons.size).toBe(0));
    servers.stop();
    await servers.restart();
    await eventually(() => expect(streams.view(1)?.neurons.size).toBe(1));
  });
});
