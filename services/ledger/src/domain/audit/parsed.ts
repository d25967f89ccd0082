/** What a payload's text says; undefined where it says something else, since one that was tampered with may be anything. */
export function parsed<P, T>(text: string, read: (payload: P) => T): T | undefined {
  try {
    return read(JSON.parse(text) as P);
  } catch {
    return undefined;
  }
}
