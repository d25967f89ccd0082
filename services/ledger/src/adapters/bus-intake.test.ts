import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { memoryBus } from '@subnetes/bus/memory-bus';
import { epochScoredSubject } from '@subnetes/bus/subjects';
import { EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import { expect, test } from 'vitest';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import type { Payout } from '#domain/economy/payout.ts';
import type { ToldEpoch } from '#application/pay-epoch.ts';
import { LedgerUnavailable } from '#application/ports.ts';
import { readScored, takeScoredEpochs } from './bus-intake.ts';

const bytesOf = (message: MessageInitShape<typeof EpochScoredSchema>): Uint8Array =>
  toBinary(EpochScoredSchema, create(EpochScoredSchema, message));

const PAID: Payout = { repeated: false, sequence: 1, owner: 0n, incentives: 0n, dividends: 0n, unattributed: 0n };

test.for<readonly [string, { readonly subject: string; readonly payload: Uint8Array }]>([
  ['bytes that are no message', { subject: epochScoredSubject(1), payload: Uint8Array.of(255, 255, 255) }],
  ['a message on the subject of another subnet', { subject: epochScoredSubject(2), payload: bytesOf({ netuid: 1 }) }],
  [
    'an amount that is no number',
    { subject: epochScoredSubject(1), payload: bytesOf({ netuid: 1, neurons: [{ incentiveRao: '1e9' }] }) },
  ],
  [
    'more signatures than a ledger counts',
    {
      subject: epochScoredSubject(1),
      payload: bytesOf({ netuid: 1, witnesses: Array.from({ length: 17 }, () => ({})) }),
    },
  ],
])('%s is refused, not thrown', ([, message]) => {
  expect(readScored(message)).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT' });
});

test('evidence is read with the subnet that it is of; more epochs than an event has are refused', () => {
  const epoch = { index: 5n, inputsSha256: new Uint8Array(32).fill(1), deviationPpm: 600_000 };
  const evidence = { registrationId: new Uint8Array(32).fill(2), epochs: [epoch] };
  const read = (told: object) =>
    readScored({ subject: epochScoredSubject(1), payload: bytesOf({ netuid: 1, evidence: [told] }) });
  expect(read(evidence)).toMatchObject({
    ok: true,
    value: {
      evidence: [
        {
          netuid: 1,
          registrationId: '02'.repeat(32),
          epochs: [{ index: 5, inputsSha256: '01'.repeat(32), deviationPpm: 600_000 }],
        },
      ],
    },
  });
  const many = { ...evidence, epochs: Array.from({ length: 101 }, () => epoch) };
  expect(read(many)).toMatchObject({ ok: false, code: 'INVALID_ARGUMENT' });
});

test('a message is read with its amounts whole', () => {
  const payload = bytesOf({
    netuid: 1,
    index: 7n,
    dueSequence: 9n,
    neurons: [{ uid: 3, incentiveRao: '9007199254740993', dividendRao: '', validatorPermit: true }],
  });
  expect(readScored({ subject: epochScoredSubject(1), payload })).toMatchObject({
    ok: true,
    value: {
      index: 7,
      dueSequence: 9,
      neurons: [{ uid: 3, incentive: 9_007_199_254_740_993n, dividend: 0n, permit: true }],
    },
  });
});

/** Publishes, lets `pay` answer each delivery, and reports until `until` says that it is enough. */
async function deliver(
  messages: readonly Uint8Array[],
  pay: (scored: ToldEpoch) => Promise<Decision<Payout>>,
  until: number,
) {
  const bus = memoryBus();
  await bus.ensureStream('SCORING');
  for (const [at, payload] of messages.entries()) {
    await bus.publish(epochScoredSubject(1), payload, { messageId: `m${at}` });
  }
  const stop = new AbortController();
  const log: string[] = [];
  const note = (line: string): void => {
    log.push(line);
    if (log.length >= until) stop.abort();
  };
  await takeScoredEpochs({
    bus,
    durable: 'ledger',
    payEpoch: pay,
    signal: stop.signal,
    onPaid: ({ index }) => note(`paid ${index}`),
    onUnwitnessed: ({ index }) => note(`waits ${index}`),
    onRefused: ({ code }) => note(code),
    onFailure: (error) => note(error instanceof Error ? error.name : 'thrown'),
  });
  return log;
}

test('what can never be paid is reported and does not hold up what follows', async () => {
  const messages = [Uint8Array.of(255), bytesOf({ netuid: 1, index: 1n }), bytesOf({ netuid: 1, index: 2n })];
  const pay = async ({ index }: ToldEpoch) => (index === 1 ? refuse('EPOCH_CONFLICT', 'paid otherwise') : accept(PAID));
  expect(await deliver(messages, pay, 3)).toEqual(['INVALID_ARGUMENT', 'EPOCH_CONFLICT', 'paid 2']);
});

test('an epoch without enough witnesses is passed over, and comes again with the next signature', async () => {
  const witnesses = [{ publicKey: new Uint8Array(32), signature: new Uint8Array(64) }];
  const messages = [
    bytesOf({ netuid: 1, index: 1n }),
    bytesOf({ netuid: 1, index: 2n }),
    bytesOf({ netuid: 1, index: 1n, witnesses }),
  ];
  const pay = async ({ index, witnesses: signatures }: ToldEpoch) =>
    index === 1 && signatures.length === 0 ? refuse('EPOCH_UNWITNESSED', 'it waits') : accept(PAID);
  expect(await deliver(messages, pay, 3)).toEqual(['waits 1', 'paid 2', 'paid 1']);
});

test('a ledger that is away, or payouts that are stopped, bring the message again', async () => {
  const answers: (() => Promise<Decision<Payout>>)[] = [
    () => Promise.reject(new LedgerUnavailable('away')),
    async () => refuse('PAYOUTS_STOPPED', 'the audit is not clean'),
    async () => accept(PAID),
  ];
  const pay = async () => (answers.shift() ?? (async () => accept(PAID)))();
  const log = await deliver([bytesOf({ netuid: 1, index: 1n })], pay, 3);
  expect(log).toEqual(['LedgerUnavailable', 'PaymentsStopped', 'paid 1']);
});
