import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { signEnvelope } from '@subnetes/keys/envelope';
import {
  EnvelopeType,
  type SignedEnvelope,
  SignedEnvelopeSchema,
} from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { openEnvelopes } from '#adapters/read-weights.ts';
import { PAIR, REGISTRATION_ID, VALID_PAYLOADS } from './fuzz-payloads.ts';
import { type FuzzRandom, mutate } from './fuzz-random.ts';
import { codeOf, type FuzzRun } from './fuzz-run.ts';

const NETWORK_ID = new Uint8Array(32).fill(1);
const TYPES = { commit: EnvelopeType.COMMIT, reveal: EnvelopeType.REVEAL, set: EnvelopeType.SET_WEIGHTS };

interface Signed {
  readonly kind: keyof typeof TYPES;
  readonly bytes: Uint8Array;
}

export function signedEnvelopes(): readonly Signed[] {
  return (['commit', 'reveal', 'set'] as const).map((kind) => {
    const registrationId = Buffer.from(REGISTRATION_ID, 'hex');
    const terms = { networkId: NETWORK_ID, type: TYPES[kind], registrationId, sequence: 9n, expiresAtBlock: 120n };
    const envelope = signEnvelope({ ...terms, payload: VALID_PAYLOADS[kind] }, PAIR);
    return { kind, bytes: toBinary(SignedEnvelopeSchema, envelope) };
  });
}

/** Nothing of a signed envelope can be changed: one that still opens says the very same. */
export function fuzzEnvelope(run: FuzzRun, random: FuzzRandom, signed: readonly Signed[]): void {
  const { kind, bytes } = random.pick(signed);
  const corpus = signed.map((each) => each.bytes);
  const changed = random.chance(0.5) ? mutate(bytes, corpus, random) : withOtherField(bytes, random);
  run.judge(
    `${kind} envelope`,
    () => Buffer.from(changed).toString('hex'),
    saysTheSame(changed, bytes),
    () => {
      const [opened] = openEnvelopes([{ kind, envelope: changed, context: { networkId: NETWORK_ID, block: 100 } }]);
      if (opened === undefined) throw new Error('an envelope was left unopened');
      return codeOf(opened);
    },
  );
}

/** Well-formed, with one field of another value; now and then with none. */
function withOtherField(bytes: Uint8Array, random: FuzzRandom): Uint8Array {
  const envelope = fromBinary(SignedEnvelopeSchema, bytes);
  const other = (own: Uint8Array): Uint8Array => mutate(own, [own], random);
  const change = random.pick<(of: SignedEnvelope) => Partial<SignedEnvelope>>([
    () => ({}),
    () => ({ type: random.below(12) }),
    () => ({ sequence: BigInt(random.below(20)) }),
    () => ({ expiresAtBlock: BigInt(random.pick([0, 99, 100, 121, 2 ** 53])) }),
    () => ({ signer: random.pick(['', PAIR.address.slice(1), '5'.repeat(48), 'x'.repeat(10_000)]) }),
    ({ networkId }) => ({ networkId: other(networkId) }),
    ({ registrationId }) => ({ registrationId: other(registrationId) }),
    ({ payload }) => ({ payload: other(payload) }),
    ({ signature }) => ({ signature: other(signature) }),
  ]);
  return toBinary(SignedEnvelopeSchema, create(SignedEnvelopeSchema, { ...envelope, ...change(envelope) }));
}

/** Whether all that the signature covers is as it was. Fields that nobody knows change nothing. */
function saysTheSame(changed: Uint8Array, original: Uint8Array): boolean {
  const said = signedParts(changed);
  return said !== undefined && said === signedParts(original);
}

function signedParts(bytes: Uint8Array): string | undefined {
  try {
    const { type, registrationId, sequence, expiresAtBlock, payload, signer, signature, sessionKey, networkId } =
      fromBinary(SignedEnvelopeSchema, bytes);
    const isPlain = sessionKey === undefined && (networkId.length === 0 || Buffer.from(networkId).equals(NETWORK_ID));
    const lists = [registrationId, payload, signature].map((list) => Buffer.from(list).toString('hex'));
    return isPlain ? [type, sequence, expiresAtBlock, signer, ...lists].join('/') : undefined;
  } catch {
    return undefined; // no envelope
  }
}
