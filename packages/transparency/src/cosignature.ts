import { bytesOfText } from './note-text.ts';
import { isSignature, SIGNATURE_BYTES } from './signature.ts';

const TIME_BYTES = 8;

/** What a witness signs: the time in Unix seconds, and the whole text of the checkpoint. */
export function cosignedMessage(checkpointText: string, timeSeconds: number): Uint8Array {
  return bytesOfText(`cosignature/v1\ntime ${timeSeconds}\n${checkpointText}`);
}

/** Time as u64 (big endian), then the ed25519 signature. @throws RangeError for a time that is none */
export function cosignatureBytes(timeSeconds: number, signature: Uint8Array): Uint8Array {
  if (!Number.isSafeInteger(timeSeconds) || timeSeconds <= 0) throw new RangeError(`${timeSeconds} is no time`);
  const bytes = new Uint8Array(TIME_BYTES + signature.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(timeSeconds));
  bytes.set(signature, TIME_BYTES);
  return bytes;
}

/** Undefined when the bytes are no cosignature of the text by that key. Times after 2^53 seconds are no times. */
export function verifyCosignature(
  publicKey: Uint8Array,
  checkpointText: string,
  bytes: Uint8Array,
): { readonly timeSeconds: number } | undefined {
  if (bytes.length !== TIME_BYTES + SIGNATURE_BYTES) return undefined;
  const time = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0);
  if (time === 0n || time > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
  const timeSeconds = Number(time);
  const holds = isSignature(bytes.subarray(TIME_BYTES), cosignedMessage(checkpointText, timeSeconds), publicKey);
  return holds ? { timeSeconds } : undefined;
}
