import { BusError, type Bucket, type BucketState, type Bus } from '@subnetes/bus/bus';
import type { BucketName } from '@subnetes/bus/subjects';

/**
 * A bucket that billing alone writes. It counts its own writes: where the server counts others, the bucket was made anew,
 * came back from an older copy, or was written by somebody else.
 */
export class OwnBucket {
  readonly #bus: Bus;
  readonly #name: BucketName;
  #bucket: Bucket | undefined;
  #left: BucketState | undefined;

  constructor(bus: Bus, name: BucketName) {
    this.#bus = bus;
    this.#name = name;
  }

  /** Whether it stands as it was left; from then on how it stands now counts as that. Makes it where there is none. */
  async isAsLeft(): Promise<boolean> {
    try {
      // A request would be waited for until its deadline, and whoever waits has other work.
      if (!this.#bus.isConnected()) throw new BusError('the bus is not connected');
      this.#bucket ??= await this.#bus.bucket(this.#name, { create: true });
      const found = await this.#bucket.state();
      const isAsLeft = this.#left?.madeAt === found.madeAt && this.#left.writes === found.writes;
      this.#left = found;
      return isAsLeft;
    } catch (error) {
      this.doubt();
      throw error;
    }
  }

  /** Makes the next look find that it does not stand as it was left. */
  doubt(): void {
    this.#left = undefined;
    this.#bucket = undefined; // it may be gone, and opening makes it
  }

  entries(): ReturnType<Bucket['entries']> {
    return this.#open.entries();
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    await this.#open.put(key, value);
    this.#count();
  }

  async delete(key: string): Promise<void> {
    await this.#open.delete(key);
    this.#count();
  }

  #count(): void {
    if (this.#left !== undefined) this.#left = { ...this.#left, writes: this.#left.writes + 1n };
  }

  get #open(): Bucket {
    if (this.#bucket === undefined) throw new Error(`bucket ${this.#name} is used before it was looked at`);
    return this.#bucket;
  }
}
