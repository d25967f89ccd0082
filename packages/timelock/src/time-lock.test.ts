import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Beacon, beaconKeyOf, isRoundSignature, publicKeyPoint, roundAt, roundTimeMs } from './beacon.ts';
import { LOCK_OVERHEAD_BYTES, lockedFor, lockUntil, unlocker } from './time-lock.ts';

interface Vectors {
  readonly quicknet: Beacon;
  readonly rounds: readonly { readonly round: number; readonly timeMs: number; readonly signature: string }[];
  readonly files: readonly {
    readonly source: string;
    readonly round: number;
    readonly plaintext: string;
    readonly file: string;
  }[];
}

const { quicknet, rounds, files } = JSON.parse(
  readFileSync(new URL('../test/vectors.json', import.meta.url), 'utf8'),
) as Vectors;
const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
const signatureOf = (round: number): Uint8Array => hex(rounds.find((each) => each.round === round)?.signature ?? '');

const key = beaconKeyOf(new Uint8Array(32).fill(5));
const own: Beacon = { chainHash: 'ab'.repeat(32), publicKey: key.publicKey, genesisTimeS: 1_000, periodS: 3 };
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString();

describe('rounds', () => {
  test.for(rounds)('quicknet signed round $round', ({ round, timeMs, signature }) => {
    expect(isRoundSignature(quicknet, round, hex(signature))).toBe(true);
    expect(isRoundSignature(quicknet, round + 1, hex(signature))).toBe(false);
    expect(isRoundSignature(own, round, hex(signature))).toBe(false);
    expect(roundTimeMs(quicknet, round)).toBe(timeMs);
  });

  test('a signature that was found good is good for its own beacon and round alone, however many came after it', () => {
    const first = key.sign(1);
    const other = { publicKey: beaconKeyOf(new Uint8Array(32).fill(6)).publicKey };
    const judge = () => [
      isRoundSignature(own, 1, first),
      isRoundSignature(own, 2, first),
      isRoundSignature(other, 1, first),
    ];
    expect([judge(), judge()]).toEqual([
      [true, false, false],
      [true, false, false],
    ]);
    for (let round = 2; round < 70; round += 1) expect(isRoundSignature(own, round, key.sign(round))).toBe(true);
    expect(judge()).toEqual([true, false, false]);
  });

  test('a round is the newest from its second on', () => {
    expect([999_999, 1_000_000, 1_002_999, 1_003_000].map((at) => roundAt(own, at))).toEqual([0, 1, 1, 2]);
    for (const { round, timeMs } of rounds) expect(roundAt(quicknet, timeMs)).toBe(round);
  });

  test.for([
    ['nothing', new Uint8Array(0)],
    ['too much', new Uint8Array(96)],
    ['no point', new Uint8Array(48).fill(1)],
    ['the point at infinity', Uint8Array.from({ length: 48 }, (_, at) => (at === 0 ? 0xc0 : 0))],
  ] as const)('%s is no signature and opens nothing', ([, signature]) => {
    expect(isRoundSignature(own, 7, signature)).toBe(false);
    expect(unlocker(signature)(lockUntil(own, 7, hex('00')))).toBeUndefined();
  });

  test('the right signature has one spelling: a coordinate past the field is none', () => {
    const field = 0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;
    const limit = 1n << 381n; // above it are the encoding's three flags
    const spelled = Array.from({ length: 40 }, (_, round) => ({ round, signature: key.sign(round) })).flatMap(
      (signed) => {
        const number = BigInt(`0x${Buffer.from(signed.signature).toString('hex')}`);
        if ((number % limit) + field >= limit) return [];
        return [{ ...signed, other: hex((number + field).toString(16).padStart(96, '0')) }];
      },
    );
    expect(spelled.length).toBeGreaterThan(0);
    for (const { round, signature, other } of spelled) {
      expect([isRoundSignature(own, round, signature), isRoundSignature(own, round, other)]).toEqual([true, false]);
    }
  });

  test.for([
    ['short', 'ab'],
    ['of no point', 'ff'.repeat(96)],
    ['the point at infinity', `c0${'00'.repeat(95)}`],
    ['in capitals', quicknet.publicKey.toUpperCase()],
  ])('a key that is %s locks nothing', ([, publicKey = '']) => {
    expect(publicKeyPoint({ publicKey })).toBeUndefined();
    expect(isRoundSignature({ ...own, publicKey }, 7, key.sign(7))).toBe(false);
    expect(() => lockUntil({ ...own, publicKey }, 7, hex('00'))).toThrow(RangeError);
  });
});

describe('files', () => {
  test.for(files)('what $source locked opens', ({ round, plaintext, file }) => {
    const bytes = Buffer.from(file, 'base64');
    expect(lockedFor(bytes)).toEqual({ chainHash: quicknet.chainHash, round });
    expect(text(unlocker(signatureOf(round))(bytes))).toBe(plaintext);
    expect(unlocker(key.sign(round))(bytes)).toBeUndefined();
  });

  test.for([0, 1, 65_535, 65_536, 65_537, 98_304])('%i bytes come back as they were', (length) => {
    const content = Uint8Array.from({ length }, (_, at) => at % 251);
    const file = lockUntil(own, 42, content);
    expect(file.length).toBeLessThanOrEqual(length + LOCK_OVERHEAD_BYTES);
    expect(lockedFor(file)).toEqual({ chainHash: own.chainHash, round: 42 });
    const opened = unlocker(key.sign(42))(file);
    expect(opened !== undefined && Buffer.from(opened).equals(content)).toBe(true);
    expect(unlocker(key.sign(43))(file)).toBeUndefined();
  });

  test('two files of the same content have nothing in common', () => {
    const [one, other] = [lockUntil(own, 1, hex('0102')), lockUntil(own, 1, hex('0102'))];
    expect(Buffer.from(one).equals(other)).toBe(false);
  });

  test('stanzas of other kinds are passed over, a second of this kind is not', () => {
    const header = (stanzas: string) => Buffer.from(`age-encryption.org/v1\n${stanzas}--- ${'A'.repeat(43)}\n`);
    const rest = Buffer.alloc(40);
    const tlock = `-> tlock 7 ${'ab'.repeat(32)}\nAAAA\n`;
    const read = (stanzas: string) => lockedFor(Buffer.concat([header(stanzas), rest]));
    expect(read(tlock)).toEqual({ chainHash: 'ab'.repeat(32), round: 7 });
    expect(read(`-> grease-x y\n\n${tlock}`)).toEqual({ chainHash: 'ab'.repeat(32), round: 7 });
    expect(read(`${tlock}-> X25519 z\nAAAA\n`)).toMatchObject({ round: 7 });
    expect(read(tlock + tlock)).toBeUndefined();
    expect(read('-> X25519 z\nAAAA\n')).toBeUndefined();
    expect(read(tlock.replace(' 7 ', ' 07 '))).toBeUndefined();
    expect(read(tlock.replace('AAAA', 'AAAB='))).toBeUndefined();
    expect(read(`${tlock}${`-> grease ${'x'.repeat(2000)}\n\n`}`)).toBeUndefined();
  });
});

describe('whatever is changed', () => {
  const content = Buffer.from('weights');
  const file = Buffer.from(lockUntil(own, 9, content));
  const unlock = unlocker(key.sign(9));

  test('a changed file opens to nothing, never to something else', () => {
    const change = fc.record({ at: fc.nat(file.length - 1), by: fc.integer({ min: 1, max: 255 }) });
    fc.assert(
      fc.property(change, ({ at, by }) => {
        const changed = Uint8Array.from(file);
        changed[at] = (changed[at] ?? 0) ^ by;
        expect(unlock(changed)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  test('a file that names another format is none', () => {
    const other = Buffer.from(file.toString('latin1').replace('encryption.org', 'encryption-org'), 'latin1');
    expect(lockedFor(file)).toEqual({ chainHash: own.chainHash, round: 9 });
    expect(lockedFor(other)).toBeUndefined();
  });

  test('a file that was cut or lengthened opens to nothing', () => {
    for (const length of [0, 1, 100, 300, file.length - 17, file.length - 16, file.length - 1]) {
      expect(unlock(file.subarray(0, length))).toBeUndefined();
    }
    expect(unlock(Buffer.concat([file, Buffer.alloc(1)]))).toBeUndefined();
    expect(unlock(Buffer.concat([file, Buffer.alloc(16)]))).toBeUndefined();
  });

  test('no bytes make the reader throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(lockedFor(bytes)).toBeUndefined();
        expect(unlock(bytes)).toBeUndefined();
      }),
    );
  });
});
