import { Slashing, type SubmitEvidenceRequest, SlashType } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { methodsOf } from '@subnetes/proto/grpc-adapter';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { OutageError } from '@subnetes/runtime/errors';
import { rpcService, serveGrpc } from '@subnetes/runtime/grpc-server';
import { createLogger } from '@subnetes/telemetry/logger';
import { createMetrics } from '@subnetes/telemetry/metrics';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ledgerSlashes } from '#adapters/ledger-slashes.ts';
import { hotkeyOf, registrationOf } from './market.ts';

const { signal } = new AbortController();
const evidence = {
  type: 'Unavailable',
  netuid: 1,
  hotkey: hotkeyOf(0),
  registrationId: registrationOf(0),
  offenceBlock: 40,
  fromEpoch: 2,
  toEpoch: 4,
  measured: 6,
  sha256: 'ab'.repeat(32),
} as const;

const teardown = new AsyncDisposableStack();
const seen: SubmitEvidenceRequest[] = [];
let refusal: RpcError | undefined;
let slashes: ReturnType<typeof ledgerSlashes>;

beforeAll(async () => {
  const nothing = Object.fromEntries(
    [...methodsOf(Slashing).keys()].map((name) => [name, () => Promise.reject(new Error(name))]),
  );
  const handlers = {
    ...nothing,
    getSlashingTerms: async () => ({
      enabled: true,
      unbondingBlocks: 900n,
      conditions: [
        { type: SlashType.DOUBLE_SIGNING, ppm: 1 },
        { type: SlashType.UNAVAILABLE, ppm: 1, epochs: 12, atLeast: 15n },
        { type: SlashType.FAILED_AUDITS, ppm: 1, epochs: 1000, atLeast: 1n },
      ],
    }),
    submitEvidence: async (request: SubmitEvidenceRequest) => {
      seen.push(request);
      if (refusal !== undefined) throw refusal;
      return { slash: { slashId: new Uint8Array(32).fill(0xcd) } };
    },
  } as unknown as RpcHandlers<typeof Slashing>;
  const server = teardown.use(
    await serveGrpc({
      port: 0,
      host: '127.0.0.1',
      services: [rpcService(Slashing, handlers)],
      metrics: createMetrics({ service: 'ledger', version: 'test', processMetrics: false }),
      log: createLogger({ service: 'ledger', level: 'silent' }),
      drainMs: 0,
    }),
  );
  slashes = teardown.use(ledgerSlashes({ address: `127.0.0.1:${server.port}`, tls: undefined }));
});
afterAll(() => teardown.disposeAsync());

test('of the terms those are taken that validators report, however many epochs they ask for', async () => {
  expect(await slashes.terms(signal)).toEqual({
    unbondingBlocks: 900,
    conditions: [
      { type: 'FailedAudits', epochs: 1000, atLeast: 1 },
      { type: 'Unavailable', epochs: 12, atLeast: 15 },
    ],
  });
});

test('evidence is told as it is, and the slash is what came of it', async () => {
  expect(await slashes.report(evidence, signal)).toEqual({ kind: 'reported', slashId: 'cd'.repeat(32) });
  expect(seen.at(-1)).toMatchObject({
    type: SlashType.UNAVAILABLE,
    netuid: 1,
    hotkey: hotkeyOf(0),
    offenceBlock: 40n,
    fromEpoch: 2n,
    toEpoch: 4n,
    measured: 6n,
  });
});

test.for([
  [RpcCode.FAILED_PRECONDITION, 'OFFENCE_KNOWN'],
  [RpcCode.ALREADY_EXISTS, 'EXISTS_WITH_DIFFERENT_CONTENT'],
  [RpcCode.RESOURCE_EXHAUSTED, 'SLASH_COUNT'],
  [RpcCode.NOT_FOUND, 'NOT_REGISTERED'],
] as const)('what the ledger judges with %i %s is its answer', async ([code, reason]) => {
  refusal = new RpcError({ code, reason, message: 'no' });
  expect(await slashes.report(evidence, signal)).toEqual({ kind: 'refused', code: reason });
});

test.for([
  [RpcCode.UNAVAILABLE, 'NOT_WRITER'],
  [RpcCode.PERMISSION_DENIED, 'CALLER_NOT_ALLOWED'],
  [RpcCode.INTERNAL, 'INTERNAL'],
] as const)('with %i %s it has not judged: it is told again', async ([code, reason]) => {
  refusal = new RpcError({ code, reason, message: 'no' });
  await expect(slashes.report(evidence, signal)).rejects.toThrow(OutageError);
});
