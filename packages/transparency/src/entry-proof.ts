import { chainHashOf, entryLeaf, isHexHash, leafIndexOf } from './entry-leaf.ts';
import { type LedgerEntry, readEntryText } from './ledger-entry.ts';
import { formatLogProof, parseLogProof, verifyLogProof } from './log-proof.ts';
import { bytesOfText, textOfBytes } from './note-text.ts';
import { accept, type Decision, refuse } from './refusal.ts';
import { leafHash } from './tree-hash.ts';
import type { TrustedCheckpoint, TrustPolicy } from './trust-policy.ts';

/** A file that shows, without any network, that a ledger has an entry: a C2SP tlog-proof that carries the entry itself. */

/** What makes an entry's hash. */
export interface EntryContent {
  readonly sequence: number;
  /** Hex of the hash of the entry before, 64 zeros for the first. */
  readonly previousHash: string;
  /** The journal's canonical text of block, kind, payload and postings. */
  readonly text: string;
}

export interface EntryProof extends EntryContent {
  readonly proof: readonly Uint8Array[];
  /** A signed checkpoint. */
  readonly note: Uint8Array;
}

/** An entry that a ledger has, as far as the policy's keys are to be believed. */
export interface ProvenEntry {
  readonly sequence: number;
  /** Hex. */
  readonly hash: string;
  readonly entry: LedgerEntry;
  readonly trusted: TrustedCheckpoint;
}

export function formatEntryProof({ sequence, previousHash, text, proof, note }: EntryProof): Uint8Array {
  return formatLogProof({ extra: bytesOfText(`${previousHash}\n${text}`), index: leafIndexOf(sequence), proof, note });
}

/** Checks a file from its bytes alone. */
export function checkEntryProof(file: Uint8Array, policy: TrustPolicy): Decision<ProvenEntry> {
  const parsed = parseLogProof(file);
  if (!parsed.ok) return parsed;
  const extra = parsed.value.extra === undefined ? undefined : textOfBytes(parsed.value.extra);
  const split = extra?.indexOf('\n') ?? -1;
  const previousHash = extra?.slice(0, split) ?? '';
  if (extra === undefined || split < 0 || !isHexHash(previousHash)) {
    return refuse('ENTRY_MALFORMED', 'the proof does not carry the hash before its entry and the text of the entry');
  }
  const text = extra.slice(split + 1);
  const sequence = parsed.value.index + 1;
  const hash = chainHashOf(previousHash, text);
  const trusted = verifyLogProof(parsed.value, leafHash(entryLeaf(sequence, hash)), policy);
  if (!trusted.ok) return trusted;
  const entry = readEntryText(text);
  return entry.ok ? accept({ sequence, hash, entry: entry.value, trusted: trusted.value }) : entry;
}
