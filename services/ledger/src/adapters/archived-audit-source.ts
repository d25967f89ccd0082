import type { AuditSource } from '#application/outside-audit.ts';
import type { StoredEntry } from '#application/ports.ts';
import { readArchiveFiles } from './archive-file.ts';

/** A ledger's database, with the files that hold the entries which it does not keep any more: an audit reads all from the first. */
export function withArchiveFiles(source: AuditSource, folder: string): AuditSource {
  let reading: { readonly entries: AsyncGenerator<StoredEntry, void>; at: number } | undefined;
  return {
    ...source,
    async readEntries({ afterSequence, limit }) {
      if (reading?.at !== afterSequence) {
        await reading?.entries.return();
        reading = { entries: readArchiveFiles(folder, afterSequence), at: afterSequence };
      }
      const page: StoredEntry[] = [];
      while (page.length < limit) {
        const next = await reading.entries.next();
        if (next.done === true) break;
        page.push(next.value);
      }
      reading.at = page.at(-1)?.sequence ?? afterSequence;
      if (page.length === limit) return page;
      return [...page, ...(await source.readEntries({ afterSequence: reading.at, limit: limit - page.length }))];
    },
  };
}
