import { readFileSync, statSync, writeFileSync } from 'node:fs';
import type { InclusionProof } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { formatEntryProof } from '@subnetes/transparency/entry-proof';
import { LOG_PROOF_BYTES_MAX } from '@subnetes/transparency/log-proof';
import type { Decision } from '@subnetes/transparency/refusal';
import { type TrustPolicy, trustPolicy } from '@subnetes/transparency/trust-policy';
import { parseVerifierKey } from '@subnetes/transparency/verifier-key';
import { checkFailed } from './command-context.ts';
import { EXIT, Failure, usageFailure } from './failure.ts';
import { entryText } from './journal-verifier.ts';

/** Whose signatures a person believes. */
export interface TrustOptions {
  readonly logKey: string;
  readonly witness: readonly string[];
  readonly witnessesMin: number | undefined;
}

/** The proof of an entry as a file. */
export function entryProofOf({ checkpoint, entry, previousHash, hashes }: InclusionProof): Uint8Array {
  if (checkpoint === undefined || entry === undefined) {
    throw new Failure({ code: 'PROOF_MISSING', message: 'the ledger gave no proof', exitCode: EXIT.checkFailed });
  }
  return formatEntryProof({
    sequence: Number(entry.sequence),
    previousHash: Buffer.from(previousHash).toString('hex'),
    text: entryText(entry),
    proof: hashes,
    note: checkpoint.note,
  });
}

export function policyOf(options: TrustOptions): TrustPolicy {
  const logKey = keyOf(options.logKey);
  const witnesses = options.witness.map(keyOf);
  const policy = trustPolicy({
    origin: logKey.name,
    logKeys: [logKey],
    witnesses,
    witnessesMin: options.witnessesMin ?? witnesses.length,
  });
  if (policy.ok) return policy.value;
  throw usageFailure(policy.message);
}

function keyOf(text: string) {
  const key = parseVerifierKey(text);
  if (key.ok) return key.value;
  throw usageFailure(
    key.message,
    'a key looks like <name>+<8 hex digits>+<base64>; subnetes ledger prove names the ledger’s',
  );
}

export function judged<T>(decision: Decision<T>): T {
  if (decision.ok) return decision.value;
  throw checkFailed(decision.code, decision.message);
}

export function readProof(path: string): Uint8Array {
  try {
    if (statSync(path).size <= LOG_PROOF_BYTES_MAX) return readFileSync(path);
  } catch (cause) {
    throw fileFailure(`${path} cannot be read`, cause);
  }
  throw checkFailed('PROOF_MALFORMED', `${path} is larger than any proof`);
}

export function writeProof(path: string, file: Uint8Array): void {
  try {
    writeFileSync(path, file);
  } catch (cause) {
    throw fileFailure(`${path} cannot be written`, cause);
  }
}

function fileFailure(message: string, cause: unknown): Failure {
  return new Failure({ code: 'PROOF_FILE', message, exitCode: EXIT.noPermission, cause });
}
