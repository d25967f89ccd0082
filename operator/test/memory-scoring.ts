import { createHash } from 'node:crypto';
import { type ScoringPort, ScoringUnavailableError } from '#application/ports.ts';

/** Scoring in memory, as far as the operator asks it; tests turn its knobs. */
export class MemoryScoring implements ScoringPort {
  readonly functions = new Map<string, Uint8Array>();
  readonly published: { readonly netuid: number; readonly sha256: string }[] = [];
  isDown = false;
  /** What the next publications are refused with. */
  refusal: { readonly code: string; readonly message: string } | undefined;

  async hasFunction(sha256: string): Promise<boolean> {
    this.#answer();
    return this.functions.has(sha256);
  }

  async publishFunction({ netuid, module }: Parameters<ScoringPort['publishFunction']>[0]) {
    this.#answer();
    if (this.refusal !== undefined) return { kind: 'refused' as const, ...this.refusal };
    const sha256 = createHash('sha256').update(module).digest('hex');
    this.functions.set(sha256, module);
    this.published.push({ netuid, sha256 });
    return { kind: 'published' as const };
  }

  #answer(): void {
    if (this.isDown) throw new ScoringUnavailableError('scoring does not answer');
  }
}
