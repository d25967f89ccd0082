import { signWithSession } from '@subnetes/keys/envelope';
import { certifySessionKey, newSessionKey } from '@subnetes/keys/session-key';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import type { EnvelopeType, SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';

/** Longer than any process lives; the registration ends it earlier. */
const NEVER = (1n << 63n) - 1n;

/**
 * Signs what is hot with a new ed25519 key that the hotkey certifies once. Sequences begin at the clock's milliseconds,
 * so that they rise over restarts without being stored.
 */
export function sessionSigner(options: {
  readonly hotkey: Sr25519Pair;
  readonly networkId: Uint8Array;
  readonly registrationId: Uint8Array;
  readonly nowMs: () => number;
}): (type: EnvelopeType, payload: Uint8Array, expiresAtBlock: bigint) => SignedEnvelope {
  const { hotkey, networkId, registrationId, nowMs } = options;
  const key = newSessionKey();
  const certificate = certifySessionKey(hotkey, key.publicKey, {
    networkId,
    registrationId,
    sequence: BigInt(nowMs()),
    expiresAtBlock: NEVER,
  });
  let last = 0n;
  return (type, payload, expiresAtBlock) => {
    const now = BigInt(nowMs());
    last = now > last ? now : last + 1n;
    return signWithSession(
      { networkId, registrationId, type, payload, sequence: last, expiresAtBlock },
      key,
      certificate,
    );
  };
}
