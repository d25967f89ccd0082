import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { signEnvelope } from '@subnetes/keys/envelope';
import { pairOfSeed } from '@subnetes/keys/sr25519-pair';
import {
  EnvelopeType,
  type SignedEnvelope,
  SignedEnvelopeSchema,
} from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { ReportDoubleSigningOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { describe, expect, test } from 'vitest';
import { readSlashOrder } from './read-slash-orders.ts';

const networkId = new Uint8Array(32).fill(1);
const pair = pairOfSeed(new Uint8Array(32).fill(7), 'v1');
const context = { networkId, block: 500 };

const envelope = (payload: string, change: Partial<Parameters<typeof signEnvelope>[0]> = {}, key = pair) =>
  signEnvelope(
    {
      networkId,
      type: EnvelopeType.COMMIT,
      registrationId: new Uint8Array(32).fill(2),
      sequence: 7n,
      expiresAtBlock: 100n,
      payload: new TextEncoder().encode(payload),
      ...change,
    },
    key,
  );

function read(first: SignedEnvelope | undefined, second: SignedEnvelope | undefined) {
  const value = create(ReportDoubleSigningOrderSchema, {
    netuid: 1,
    ...(first && { first }),
    ...(second && { second }),
  });
  return readSlashOrder({ case: 'reportDoubleSigning', value }, context);
}

function decode(bytes: Uint8Array): SignedEnvelope | undefined {
  try {
    return fromBinary(SignedEnvelopeSchema, bytes);
  } catch {
    return undefined; // no envelope any more: nothing that could be reported
  }
}

/** In what is signed. */
function isSame(left: SignedEnvelope, right: SignedEnvelope): boolean {
  return Buffer.from(toBinary(SignedEnvelopeSchema, left)).equals(toBinary(SignedEnvelopeSchema, right));
}

const one = envelope('one');
const two = envelope('two', { expiresAtBlock: 90n });

test('two contents under one sequence prove it, also when they are over, whichever is named first', () => {
  const proved = read(one, two);
  expect(proved).toMatchObject({
    ok: true,
    value: {
      hotkey: pair.address,
      registrationId: '02'.repeat(32),
      envelopeType: 'Commit',
      sequence: '7',
      expiresAtBlock: 90,
    },
  });
  expect(read(two, one)).toEqual(proved);
});

describe('what proves nothing', () => {
  test.for<[string, SignedEnvelope | undefined, string]>([
    ['one alone', undefined, 'ENVELOPE_MISSING'],
    ['the same twice', one, 'NO_DOUBLE_SIGNING'],
    ['the same signed anew', envelope('one', { expiresAtBlock: 120n }), 'NO_DOUBLE_SIGNING'],
    ['another sequence', envelope('two', { sequence: 8n }), 'NO_DOUBLE_SIGNING'],
    ['another registration', envelope('two', { registrationId: new Uint8Array(32) }), 'WRONG_REGISTRATION'],
    ['another type', envelope('two', { type: EnvelopeType.REVEAL }), 'WRONG_ENVELOPE_TYPE'],
    ['another key', envelope('two', {}, pairOfSeed(new Uint8Array(32).fill(7), 'v2')), 'WRONG_SIGNER'],
    ['another network', envelope('two', { networkId: new Uint8Array(32) }), 'WRONG_NETWORK'],
    ['a changed content', { ...two, payload: new Uint8Array([1]) }, 'BAD_SIGNATURE'],
    ['a changed sequence', { ...envelope('two', { sequence: 8n }), sequence: 7n }, 'BAD_SIGNATURE'],
  ])('%s', ([, second, code]) => {
    expect(read(one, second)).toMatchObject({ ok: false, code });
  });

  test('what may share a sequence, and what is bound to no registration', () => {
    for (const change of [
      { type: EnvelopeType.RECEIPT },
      { type: EnvelopeType.WALLET_ORDER },
      { registrationId: new Uint8Array(0) },
    ]) {
      expect(read(envelope('one', change), envelope('two', change))).toMatchObject({
        ok: false,
        code: 'NO_DOUBLE_SIGNING',
      });
    }
  });

  test('any byte of either that is changed', () => {
    const [a, b] = [one, two].map((each) => toBinary(SignedEnvelopeSchema, each));
    fc.assert(
      fc.property(fc.boolean(), fc.nat(), fc.integer({ min: 1, max: 255 }), (isFirst, at, bits) => {
        const bytes = Uint8Array.from((isFirst ? a : b) ?? []);
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ bits;
        const decoded = decode(bytes) ?? envelope('nothing', { sequence: 0n });
        const proved = isFirst ? read(decoded, two) : read(one, decoded);
        // An empty network id is what older signatures have; the signature covers the network all the same.
        const original = { ...(isFirst ? one : two), networkId: decoded.networkId };
        expect(proved.ok).toBe(proved.ok && isSame(decoded, original));
      }),
      { numRuns: 300 },
    );
  });
});

test('orders with ids of a wrong length, and amounts that are none, are refused', () => {
  const slashId = new Uint8Array(31);
  const dispute = { $typeName: 'subnetes.ledger.v1.DisputeSlashOrder' as const, slashId, statement: '' };
  expect(readSlashOrder({ case: 'disputeSlash', value: dispute }, context)).toMatchObject({ code: 'INVALID_ARGUMENT' });
  const vote = { $typeName: 'subnetes.ledger.v1.VoteSlashOrder' as const, slashId, upholds: true };
  expect(readSlashOrder({ case: 'voteSlash', value: vote }, context)).toMatchObject({ code: 'INVALID_ARGUMENT' });
  for (const amountRao of ['0', '-1', '1.5', 'x', '99999999999999999999999999999999999999999']) {
    const rebond = { $typeName: 'subnetes.ledger.v1.RebondOrder' as const, unbondingId: 1n, amountRao };
    expect(readSlashOrder({ case: 'rebond', value: rebond }, context)).toMatchObject({ code: 'INVALID_ARGUMENT' });
  }
});
