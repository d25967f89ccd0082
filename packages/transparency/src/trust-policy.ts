import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { accept, type Decision, type Refusal, refuse } from './refusal.ts';
import { parseNote, verifyNote } from './signed-note.ts';
import { EMPTY_ROOT, isSameHash } from './tree-hash.ts';
import type { VerifierKey } from './verifier-key.ts';

const KEYS_MAX = 64;

/** Whose word makes a checkpoint worth something: one of a log's keys, and k of n witnesses. */
export interface TrustPolicy {
  readonly origin: string;
  readonly logKeys: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
  /** k; 0 takes the log at its word. */
  readonly witnessesMin: number;
}

/** A checkpoint that a policy accepts. */
export interface TrustedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** The log's key that signed. */
  readonly logKey: VerifierKey;
  /** Known witnesses and when they signed, in Unix seconds. */
  readonly witnesses: readonly { readonly name: string; readonly timeSeconds: number }[];
}

/** Refused when it could be satisfied by fewer parties than it says, or by nobody. */
export function trustPolicy(policy: TrustPolicy): Decision<TrustPolicy> {
  const { origin, logKeys, witnesses, witnessesMin } = policy;
  if (logKeys.length === 0 || logKeys.length > KEYS_MAX || witnesses.length > KEYS_MAX) {
    return invalid(`it names 1 to ${KEYS_MAX} keys of the log and at most ${KEYS_MAX} witnesses`);
  }
  if (logKeys.some(({ kind, name }) => kind !== 'ed25519' || name !== origin)) {
    return invalid(`the log's keys are ed25519 keys under the name ${origin}`);
  }
  if (witnesses.some(({ kind }) => kind !== 'cosignature/v1')) return invalid('witnesses sign cosignature/v1');
  // Names do not make a party: one key under two names would count twice.
  const publicKeys = new Set([...logKeys, ...witnesses].map(({ publicKey }) => publicKey.join()));
  if (publicKeys.size !== logKeys.length + witnesses.length) return invalid('a public key stands in it twice');
  if (!Number.isInteger(witnessesMin) || witnessesMin < 0 || witnessesMin > witnesses.length) {
    return invalid(`${witnessesMin} of ${witnesses.length} witnesses cannot sign`);
  }
  return accept(policy);
}

/** Reads a signed checkpoint and judges who signed it. */
export function judgeCheckpoint(note: Uint8Array, policy: TrustPolicy): Decision<TrustedCheckpoint> {
  const parsed = parseNote(note);
  if (!parsed.ok) return parsed;
  const verified = verifyNote(parsed.value, [...policy.logKeys, ...policy.witnesses]);
  if (!verified.ok) return verified;
  const logKey = verified.value.find(({ key }) => policy.logKeys.includes(key))?.key;
  if (logKey === undefined) return refuse('SIGNATURE_MISSING', 'the log itself has not signed the checkpoint');
  const checkpoint = parseCheckpoint(parsed.value.text);
  if (!checkpoint.ok) return checkpoint;
  if (checkpoint.value.origin !== policy.origin) {
    return refuse('ORIGIN_UNKNOWN', `the checkpoint is of ${checkpoint.value.origin}, not of ${policy.origin}`);
  }
  if (checkpoint.value.size === 0 && !isSameHash(checkpoint.value.root, EMPTY_ROOT)) {
    return refuse('CHECKPOINT_MALFORMED', 'the empty tree has one root, and this is another');
  }
  const witnesses = verified.value.flatMap(({ key, timeSeconds }) =>
    timeSeconds === undefined ? [] : [{ name: key.name, timeSeconds }],
  );
  return witnesses.length >= policy.witnessesMin
    ? accept({ checkpoint: checkpoint.value, logKey, witnesses })
    : refuse('QUORUM_MISSED', `${witnesses.length} witnesses have signed, ${policy.witnessesMin} are needed`);
}

function invalid(why: string): Refusal {
  return refuse('POLICY_INVALID', `the policy is of no use: ${why}`);
}
