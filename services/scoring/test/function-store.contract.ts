import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '#adapters/sha256.ts';
import type { FunctionStore } from '#application/incentive-functions.ts';

/** What any store of modules does. */
export function functionStoreContract(name: string, open: () => Promise<FunctionStore & AsyncDisposable>): void {
  describe(`${name}: modules`, () => {
    let functions: FunctionStore & AsyncDisposable;
    beforeEach(async () => {
      functions = await open();
    });
    afterEach(() => functions[Symbol.asyncDispose]());
    const quota = { bytes: 10, modules: 3 };
    const module = (...bytes: number[]) => ({ sha256: sha256(Uint8Array.from(bytes)), bytes: Uint8Array.from(bytes) });

    test('what was published is there by its hash, once, and counts on the quota of each that published it', async () => {
      const own = module(1, 2, 3, 4);
      expect(await functions.module(own.sha256)).toBeUndefined();
      expect(await functions.has(own.sha256)).toBe(false);
      expect(await functions.publish(1, own, quota)).toEqual({ kind: 'published', bytesPublished: 4 });
      expect(await functions.publish(1, own, quota)).toEqual({ kind: 'repeated', bytesPublished: 4 });
      expect(await functions.publish(2, own, quota)).toEqual({ kind: 'published', bytesPublished: 4 });
      expect(await functions.module(own.sha256)).toEqual(own.bytes);
      expect(await functions.has(own.sha256)).toBe(true);
    });

    test('the quota is of bytes and of modules; what is over it changes nothing, what was there may come again', async () => {
      const first = module(1, 2, 3, 4, 5, 6);
      const second = module(1, 2, 3, 4);
      expect(await functions.publish(1, first, quota)).toMatchObject({ kind: 'published' });
      expect(await functions.publish(1, second, quota)).toEqual({ kind: 'published', bytesPublished: 10 });
      const over = module(9);
      expect(await functions.publish(1, over, quota)).toEqual({ kind: 'over-quota', bytesPublished: 10 });
      expect(await functions.has(over.sha256)).toBe(false);
      expect(await functions.publish(1, first, quota)).toEqual({ kind: 'repeated', bytesPublished: 10 });
      for (const byte of [1, 2, 3])
        expect(await functions.publish(2, module(byte), quota)).toMatchObject({ kind: 'published' });
      expect(await functions.publish(2, module(4), quota)).toEqual({ kind: 'over-quota', bytesPublished: 3 });
    });

    test('of many publications at once as many are kept as fit', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, byte) => functions.publish(1, module(byte, 0, 0, 0), quota)),
      );
      expect(outcomes.filter(({ kind }) => kind === 'published')).toHaveLength(2);
    });
  });
}
