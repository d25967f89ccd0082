import { hash } from 'node:crypto';
import type { ChainHash, HashedEntry } from '#domain/book/journal.ts';
import { ByteText } from './byte-text.ts';

/** What an entry's text mostly needs; longer ones make it grow. */
const CAPACITY = 8192;

/** Views of the memory up to this length are kept: entries of a kind are about as long, and each view has to be cleared away. */
const VIEWS_MAX = 4096;

/** The chain's hash, of a text that is written as bytes and never made. */
export function chainHash(): ChainHash {
  const hashed = new ByteText(CAPACITY);
  let views: Buffer[] = [];
  let viewed = hashed.memory;
  return (previousHash, entry) => {
    hashed.clear();
    hashed.hex(previousHash);
    writeHashed(hashed, entry);
    const { length, memory } = hashed;
    if (length > VIEWS_MAX) return hash('sha256', hashed.bytes);
    if (memory !== viewed) [views, viewed] = [[], memory];
    return hash('sha256', (views[length] ??= hashed.bytes));
  };
}

/** Members and their order are those of `ChainHash`. */
function writeHashed(to: ByteText, { block, kind, payloadText, postings }: HashedEntry): void {
  to.ascii('{"block":');
  to.number(block);
  to.ascii(',"kind":');
  to.quoted(kind);
  to.ascii(',"payload":');
  if (!to.plain(payloadText)) to.text(payloadText);
  to.ascii(',"postings":[');
  let isFirst = true;
  for (const { account, asset, delta, balanceAfter } of postings) {
    to.ascii(isFirst ? '{"account":' : ',{"account":');
    isFirst = false;
    to.quoted(account);
    to.ascii(',"asset":');
    to.quoted(asset);
    to.ascii(',"balanceAfter":"');
    to.number(balanceAfter);
    to.ascii('","delta":"');
    to.number(delta);
    to.ascii('"}');
  }
  to.ascii(']}');
}
