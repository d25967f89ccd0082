import type { Entry } from '../book/journal.ts';

/** What of an entry the audit reads. */
export type AuditedEntry = Pick<Entry, 'sequence' | 'block' | 'kind' | 'payloadText' | 'postings' | 'hash'>;
