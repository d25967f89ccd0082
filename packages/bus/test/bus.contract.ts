import { expect, test } from 'vitest';
import type { Bus, ConsumeOptions } from '../src/bus.ts';
import { epochDueSubject, ledgerMessageId, registrationSubject } from '../src/subjects.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);

/** What every bus does. `open` gives a new connection to one and the same, empty bus. */
export function busContract(open: () => Promise<Bus>): void {
  const collect = (
    bus: Bus,
    durable: string,
    more: Pick<Partial<ConsumeOptions>, 'batchMax' | 'lingerMs' | 'handle'> & { subjects?: string[] } = {},
  ) => {
    const seen: string[] = [];
    const errors: unknown[] = [];
    const stop = new AbortController();
    const done = bus.consume({
      stream: 'LEDGER',
      durable,
      ...(more.subjects === undefined ? {} : { subjects: more.subjects }),
      batchMax: more.batchMax ?? 1,
      lingerMs: more.lingerMs ?? 0,
      signal: stop.signal,
      failed: (error) => errors.push(error),
      async handle(batch) {
        await more.handle?.(batch);
        seen.push(...batch.map((message) => text(message.payload)));
      },
    });
    return {
      seen,
      errors,
      async [Symbol.asyncDispose]() {
        stop.abort();
        await done;
      },
    };
  };
  const publish = async (bus: Bus, from: number, to: number, subject = epochDueSubject(1)) => {
    for (let n = from; n <= to; n += 1)
      await bus.publish(subject, bytes(String(n)), { messageId: ledgerMessageId(BigInt(n)) });
  };

  test('messages come in order, once published or not at all, and filtered by subject', async () => {
    await using bus = await open();
    await bus.ensureStream('LEDGER');
    await bus.ensureStream('LEDGER');
    await publish(bus, 1, 5);
    await publish(bus, 3, 5);
    await publish(bus, 6, 6, registrationSubject(1));
    await using all = collect(bus, 'all');
    await using due = collect(bus, 'due', { subjects: ['ledger.v1.epoch.due.*'], batchMax: 4 });
    await expect.poll(() => all.seen).toEqual(['1', '2', '3', '4', '5', '6']);
    await expect.poll(() => due.seen).toEqual(['1', '2', '3', '4', '5']);
  });

  test('a failing handler gets the same messages again, before any later one', async () => {
    await using bus = await open();
    let failures = 0;
    const tried: string[] = [];
    await using consumer = collect(bus, 'failing', {
      async handle([message]) {
        const name = text(message?.payload ?? bytes(''));
        tried.push(name);
        if (name === '2' && failures < 2) {
          failures += 1;
          throw new Error('not yet');
        }
      },
    });
    await expect.poll(() => consumer.seen.length).toBe(6);
    expect(tried.slice(0, 5)).toEqual(['1', '2', '2', '2', '3']);
    expect(consumer.errors).toHaveLength(2);
  });

  test('a consumer goes on where one of its name ended', async () => {
    await using bus = await open();
    {
      await using first = collect(bus, 'resumed');
      await expect.poll(() => first.seen.length).toBe(6);
    }
    await publish(bus, 7, 8);
    await using second = collect(bus, 'resumed');
    await expect.poll(() => second.seen).toEqual(['7', '8']);
  });

  test('headers travel in lower case', async () => {
    await using bus = await open();
    await bus.publish(epochDueSubject(2), bytes('h'), { messageId: 'ledger/h', headers: { Sequence: '9' } });
    const headers: Readonly<Record<string, string>>[] = [];
    await using consumer = collect(bus, 'headers', {
      subjects: [epochDueSubject(2)],
      async handle(batch) {
        headers.push(...batch.map((message) => message.headers));
      },
    });
    await expect.poll(() => consumer.seen).toEqual(['h']);
    expect(headers[0]).toMatchObject({ sequence: '9', 'nats-msg-id': 'ledger/h' });
  });

  test('a subject that no stream takes is refused', async () => {
    await using bus = await open();
    await expect(bus.publish('nobody.v1.x', bytes('x'), { messageId: 'x' })).rejects.toMatchObject({
      name: 'BusError',
    });
  });

  test('a bucket keeps the last value, and a watch sees what is there and what comes', async () => {
    await using bus = await open();
    await expect(bus.bucket('prices')).rejects.toMatchObject({ name: 'BusError' });
    const bucket = await bus.bucket('prices', { create: true });
    await bucket.put('1', bytes('a'));
    await bucket.put('1', bytes('b'));
    await bucket.put('2', bytes('c'));
    expect(text((await bucket.get('1')) ?? bytes(''))).toBe('b');
    expect(await bucket.get('3')).toBeUndefined();
    const stop = new AbortController();
    const seen: [string, string | undefined][] = [];
    const watching = (async () => {
      for await (const entry of bucket.watch(stop.signal))
        seen.push([entry.key, entry.value === undefined ? undefined : text(entry.value)]);
    })();
    await expect
      .poll(() => new Map(seen))
      .toEqual(
        new Map([
          ['1', 'b'],
          ['2', 'c'],
        ]),
      );
    await bucket.delete('1');
    await expect.poll(() => seen.at(-1)).toEqual(['1', undefined]);
    stop.abort();
    await watching;
    expect(await bucket.get('1')).toBeUndefined();
  });

  test('a bucket can be read whole, and tells whether it was written', async () => {
    await using bus = await open();
    const bucket = await bus.bucket('api-keys', { create: true });
    expect(await bucket.entries()).toEqual(new Map());
    const empty = await bucket.state();
    await bucket.put('a', bytes('1'));
    await bucket.put('a', bytes('2'));
    await bucket.put('b', bytes(''));
    await bucket.put('c', bytes('3'));
    await bucket.delete('c');
    const entries = [...(await bucket.entries())].map(([key, value]) => [key, text(value)]);
    expect(Object.fromEntries(entries)).toEqual({ a: '2', b: '' });
    expect(await (await bus.bucket('api-keys')).state()).toEqual({ madeAt: empty.madeAt, writes: empty.writes + 5n });
  });

  test('a consumer that lingers gets what comes meanwhile in the same batch, and a full batch at once', async () => {
    await using bus = await open();
    const batches: number[] = [];
    await publish(bus, 101, 106, registrationSubject(7));
    await using lingering = collect(bus, 'lingering', {
      subjects: [registrationSubject(7)],
      batchMax: 4,
      lingerMs: 2000, // longer than three publications take on a machine that is busy
      handle: async (batch) => void batches.push(batch.length),
    });
    await expect.poll(() => lingering.seen, { timeout: 60_000 }).toHaveLength(6);
    await publish(bus, 111, 113, registrationSubject(7));
    await expect.poll(() => lingering.seen, { timeout: 60_000 }).toHaveLength(9);
    expect(batches).toEqual([4, 2, 3]);
  });
}
