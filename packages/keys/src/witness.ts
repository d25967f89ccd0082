import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { type EpochPayment, paymentText } from '@subnetes/consensus/payment-text';
import { type SessionKey, verifyEd25519 } from './session-key.ts';
import { signedBytes } from './signed-bytes.ts';
import { publicKeyOf } from './ss58.ts';

/** Witnesses that a ledger can count, and signatures that a message of an epoch may carry. */
export const WITNESSES_MAX = 16;

/** What a witness says: this sealed epoch comes to these outputs and pays these amounts. */
export interface EpochStatement extends EpochPayment {
  /** 32 bytes. */
  readonly networkId: Uint8Array;
  readonly netuid: number;
  readonly index: number;
}

/** A signature as it came: nothing of it is verified. */
export interface WitnessSignature {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

const NONE = new Uint8Array(0);

/** The bytes that a witness signs; see `subnetes.common.v1.WitnessSignature`. */
export function statementBytes(statement: EpochStatement): Uint8Array {
  const { networkId, netuid, index, dueSequence } = statement;
  return signedBytes({
    networkId,
    type: EnvelopeType.EPOCH_WITNESS,
    registrationId: NONE,
    sequence: BigInt(dueSequence),
    expiresAtBlock: 0n, // what an epoch comes to stays what it comes to
    payload: new TextEncoder().encode(`[${netuid},${index},${paymentText(statement)}]`),
  });
}

export function signStatement(statement: EpochStatement, key: SessionKey): WitnessSignature {
  return { publicKey: key.publicKey, signature: key.sign(statementBytes(statement)) };
}

export function isWitnessedBy(statement: EpochStatement, { publicKey, signature }: WitnessSignature): boolean {
  return verifyEd25519(statementBytes(statement), signature, publicKey);
}

/** A key that counts and its valid signature, both lower-case hex. */
export interface CountedWitness {
  readonly key: string;
  readonly signature: string;
}

/**
 * Which of the keys have signed the statement, in the keys' order, each once whatever came besides. `signatures` are at
 * most WITNESSES_MAX: more are not looked at, since each costs a verification.
 */
export function countWitnesses(
  statement: EpochStatement,
  signatures: readonly WitnessSignature[],
  keys: readonly string[],
): readonly CountedWitness[] {
  const message = statementBytes(statement);
  const byKey = Map.groupBy(signatures.slice(0, WITNESSES_MAX), ({ publicKey }) => hexOf(publicKey));
  return [...new Set(keys)].flatMap((key) => {
    const valid = byKey.get(key)?.find(({ publicKey, signature }) => verifyEd25519(message, signature, publicKey));
    return valid === undefined ? [] : [{ key, signature: hexOf(valid.signature) }];
  });
}

/**
 * Keys of witnesses as people write them, 64 hex digits or an SS58 address each, as lower-case hex.
 * @throws RangeError that says which of them is wrong
 */
export function witnessKeys(texts: readonly string[]): readonly string[] {
  if (texts.length > WITNESSES_MAX) throw new RangeError(`at most ${WITNESSES_MAX} keys, these are ${texts.length}`);
  const keys = texts.map((text, at) => {
    const key = /^[0-9a-fA-F]{64}$/.test(text) ? text.toLowerCase() : ss58KeyHex(text);
    if (key === undefined) throw new RangeError(`key ${at + 1} is neither 64 hex digits nor an SS58 address`);
    return key;
  });
  const repeated = keys.findIndex((key, at) => keys.indexOf(key) !== at);
  if (repeated >= 0) throw new RangeError(`key ${repeated + 1} stands there twice: one key is one witness`);
  return keys;
}

function ss58KeyHex(text: string): string | undefined {
  const key = publicKeyOf(text);
  return key && hexOf(key);
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
