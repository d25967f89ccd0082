/** Random choices that a seed repeats (mulberry32). */
export class FuzzRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to and without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** From 0 up to and without `below`. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('there is nothing to choose from');
    return item;
  }
}

/** A changed copy: bits and bytes flipped, cut, put in, repeated, or joined with another of the corpus. */
export function mutate(bytes: Uint8Array, corpus: readonly Uint8Array[], random: FuzzRandom): Uint8Array {
  let changed: Uint8Array = Uint8Array.from(bytes);
  const times = 1 + random.below(4);
  for (let time = 0; time < times; time += 1) changed = mutateOnce(changed, corpus, random);
  return changed;
}

function mutateOnce(bytes: Uint8Array, corpus: readonly Uint8Array[], random: FuzzRandom): Uint8Array {
  const at = random.below(bytes.length + 1);
  const length = random.below(8);
  switch (random.below(7)) {
    case 0:
      return bytes.map((byte, index) => (index === at ? byte ^ (1 << random.below(8)) : byte));
    case 1:
      return bytes.map((byte, index) => (index === at ? random.below(256) : byte));
    case 2:
      return joined(bytes.subarray(0, at), bytes.subarray(at + length));
    case 3:
      return joined(bytes.subarray(0, at), noise(length, random), bytes.subarray(at));
    case 4:
      return joined(bytes.subarray(0, at), bytes.subarray(random.below(at + 1), at), bytes.subarray(at));
    case 5:
      return bytes.subarray(0, at);
    default: {
      const other = random.pick(corpus);
      return joined(bytes.subarray(0, at), other.subarray(random.below(other.length)));
    }
  }
}

/** Bytes that decoders are asked little about: long varints, wrong wire types, lengths that lie. */
function noise(length: number, random: FuzzRandom): Uint8Array {
  return Uint8Array.from({ length }, () => random.pick([0, 0x7f, 0x80, 0xff, random.below(256)]));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
