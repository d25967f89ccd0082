/** Remembers what was seen for a while, so that nothing counts twice; holds a limited number of keys. */
export type ReplayWindow = {
  /** True the first time a key comes; `full` where the memory is, and the caller has to wait. */
  readonly admit: (key: string, nowMs: number) => 'new' | 'seen' | 'full';
};

/** A window that keeps keys for `keepMs` and holds at most `keysMax` of them. */
export function replayWindow(limits: { readonly keepMs: number; readonly keysMax: number }): ReplayWindow {
  // A Map keeps the order of insertion, so the oldest keys come first.
  const seenAtMs = new Map<string, number>();
  return {
    admit(key, nowMs) {
      for (const [old, atMs] of seenAtMs) {
        if (nowMs - atMs <= limits.keepMs) break;
        seenAtMs.delete(old);
      }
      if (seenAtMs.has(key)) return 'seen';
      if (seenAtMs.size >= limits.keysMax) return 'full';
      seenAtMs.set(key, nowMs);
      return 'new';
    },
  };
}
