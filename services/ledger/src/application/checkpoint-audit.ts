import { type Checkpoint, parseCheckpoint } from '@subnetes/transparency/checkpoint';
import { CompactRange } from '@subnetes/transparency/compact-range';
import { entryLeaf } from '@subnetes/transparency/entry-leaf';
import { bytesOfText } from '@subnetes/transparency/note-text';
import { parseNote } from '@subnetes/transparency/signed-note';
import { isSameHash, leafHash } from '@subnetes/transparency/tree-hash';
import type { Findings } from '#domain/audit/finding.ts';
import type { StoredCheckpoint } from './tree-store.ts';

/** Entries that wait for a checkpoint which covers them. */
const UNSIGNED_MAX = 100_000;

interface FollowedEntry {
  readonly sequence: number;
  readonly hash: string;
}

interface Anchor {
  readonly whose: string;
  readonly checkpoint: Checkpoint;
}

/** Holds the journal that is followed against checkpoints: the first n entries give the root that was signed for n. */
export class CheckpointAudit {
  readonly #range = CompactRange.empty();
  /** Followed, and not in the tree: a checkpoint may end anywhere among them. */
  #unsigned: FollowedEntry[] = [];
  #isLost = false;
  #isStale = false;
  #anchors: Anchor[] = [];
  #judged: string | undefined;

  /** A checkpoint has come for which too many entries were followed before: an audit from the first entry can judge it. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** A checkpoint that has to be in the journal. Sizes may come in any order, before the entries that they end at. */
  expect(whose: string, { note, size }: StoredCheckpoint, findings: Findings): void {
    if (note === this.#judged) return;
    if (this.#isLost) {
      this.#isStale = true;
      return;
    }
    const parsed = parseNote(bytesOfText(note));
    const checkpoint = parsed.ok ? parseCheckpoint(parsed.value.text) : parsed;
    if (!checkpoint.ok) {
      findings.add('tree', size, `the checkpoint that ${whose} cannot be read: ${checkpoint.message}`);
      return;
    }
    const anchor = { whose, checkpoint: checkpoint.value };
    this.#anchors = [...this.#anchors, anchor].toSorted((a, b) => a.checkpoint.size - b.checkpoint.size);
    this.#judged = note;
  }

  take(entries: readonly FollowedEntry[], findings: Findings): void {
    if (!this.#isLost) for (const { sequence, hash } of entries) this.#unsigned.push({ sequence, hash });
    for (let next = this.#anchors[0]; next !== undefined; next = this.#anchors[0]) {
      // As far as this one the tree may grow: none that is to be judged ends before it.
      this.#growTo(next.checkpoint.size);
      if (this.#range.size < next.checkpoint.size) break;
      this.#anchors.shift();
      this.#compare(next, findings);
    }
    if (this.#unsigned.length <= UNSIGNED_MAX) return;
    this.#unsigned = [];
    this.#isLost = true;
  }

  /** At the journal's end: what was signed beyond it is missing. */
  end(entries: number, findings: Findings): void {
    for (const { whose, checkpoint } of this.#anchors.splice(0)) {
      const text = `${whose} a tree of ${checkpoint.size} entries, the journal has ${entries}: an older copy is in its place`;
      findings.add('tree', entries, text);
    }
  }

  #compare({ whose, checkpoint }: Anchor, findings: Findings): void {
    const { size, root } = checkpoint;
    if (this.#range.size === size && isSameHash(this.#range.root(), root)) return;
    findings.add('tree', size, `the first ${size} entries do not give the root that ${whose}`);
  }

  #growTo(size: number): void {
    for (const { sequence, hash } of this.#unsigned.splice(0, Math.max(0, size - this.#range.size))) {
      this.#range.append(leafHash(entryLeaf(sequence, hash)));
    }
  }
}
