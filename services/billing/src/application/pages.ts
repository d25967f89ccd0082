import { accept, refuse, type Decision } from '../domain/refusal.ts';
import type { Page } from './ports.ts';

export const PAGE_SIZE_DEFAULT = 100;
export const PAGE_SIZE_MAX = 1000;

/** A page as it is asked for: size 0 is the default; a token is the number below which the page starts. */
export interface PageRequest {
  readonly size: number;
  readonly token: string;
}

export function checkPage({ size, token }: PageRequest): Decision<Page> {
  const asked = size === 0 ? PAGE_SIZE_DEFAULT : size;
  if (!Number.isInteger(asked) || asked < 1 || asked > PAGE_SIZE_MAX) {
    return refuse('INVALID_ARGUMENT', `page.size must be between 1 and ${PAGE_SIZE_MAX}`);
  }
  if (token !== '' && !/^[1-9][0-9]{0,17}$/.test(token)) {
    return refuse('INVALID_ARGUMENT', 'page.token must be one that an answer gave');
  }
  return accept({ size: asked, ...(token === '' ? {} : { before: BigInt(token) }) });
}

/** Reads a page and one item more, which tells whether there is a next page. The token is empty at the end. */
export async function readPage<T extends { readonly number: bigint }>(
  { size, ...from }: Page,
  read: (page: Page) => Promise<readonly T[]>,
): Promise<{ readonly items: readonly T[]; readonly nextPageToken: string }> {
  const found = await read({ size: size + 1, ...from });
  const items = found.slice(0, size);
  const last = items.at(-1);
  return { items, nextPageToken: found.length > size && last !== undefined ? last.number.toString() : '' };
}
