/** Who asks, as far as a server can tell before it has looked at any signature. */
export interface Caller {
  /** Whoever can take many ports still has few of these. */
  readonly address: string;
  /** One of the address's connections. */
  readonly connection: string;
}

/** What waits: all of it, and from one connection. */
export interface QueueLimits {
  readonly all: number;
  readonly connection: number;
}

/** A line for each connection, in the order in which they are served. */
interface Lines<T> {
  readonly connections: Map<string, T[]>;
  waiting: number;
}

/**
 * What waits for one server, served in turns: an address after the other, and of an address a connection after the other. So whoever
 * sends one item waits for one of each other address and connection, however long their lines are. Whoever has nothing here is
 * forgotten.
 */
export class FairQueue<T> {
  readonly #limits: QueueLimits;
  /** The first one is next. */
  readonly #addresses = new Map<string, Lines<T>>();
  #waiting = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /**
   * Puts an item at the end of its line, and answers which item had to go for it: none while there is room; that item itself where
   * its own line is full, or where all is full and no line is longer than its own; else the last one of the longest line.
   */
  push({ address, connection }: Caller, item: T): T | undefined {
    const lines = this.#addresses.get(address);
    const own = lines?.connections.get(connection)?.length ?? 0;
    if (own >= this.#limits.connection) return item;
    let dropped: T | undefined;
    if (this.#waiting >= this.#limits.all) {
      const longest = this.#longestThan({ address: lines?.waiting ?? 0, connection: own }, address);
      if (longest === undefined) return item;
      dropped = this.#take(longest, 'last');
    }
    this.#add({ address, connection }, item);
    return dropped;
  }

  /** The next item; undefined when none waits. */
  shift(): T | undefined {
    const [address, lines] = first(this.#addresses) ?? [];
    const [connection] = (lines && first(lines.connections)) ?? [];
    if (address === undefined || lines === undefined || connection === undefined) return undefined;
    const item = this.#take({ address, connection }, 'first');
    // Behind all others, unless they are gone with it.
    toEnd(lines.connections, connection);
    toEnd(this.#addresses, address);
    return item;
  }

  #add({ address, connection }: Caller, item: T): void {
    const lines = this.#addresses.get(address) ?? { connections: new Map<string, T[]>(), waiting: 0 };
    const line = lines.connections.get(connection) ?? [];
    line.push(item);
    lines.connections.set(connection, line);
    lines.waiting += 1;
    this.#addresses.set(address, lines);
    this.#waiting += 1;
  }

  #take({ address, connection }: Caller, end: 'first' | 'last'): T | undefined {
    const lines = this.#addresses.get(address);
    const line = lines?.connections.get(connection);
    if (lines === undefined || line === undefined) return undefined;
    const item = end === 'first' ? line.shift() : line.pop();
    this.#waiting -= 1;
    lines.waiting -= 1;
    if (line.length === 0) lines.connections.delete(connection);
    if (lines.waiting === 0) this.#addresses.delete(address);
    return item;
  }

  /** The longest line of the address that has the most, if it has more than the caller would; of the caller's own address, too. */
  #longestThan(own: { readonly address: number; readonly connection: number }, address: string): Caller | undefined {
    const [most, lines] = longest(this.#addresses, ({ waiting }) => waiting) ?? [];
    if (most === undefined || lines === undefined) return undefined;
    if (lines.waiting > own.address + 1) return callerOf(most, lines);
    const mine = this.#addresses.get(address);
    const within = mine && callerOf(address, mine);
    const length = within && mine.connections.get(within.connection)?.length;
    return length !== undefined && length > own.connection + 1 ? within : undefined;
  }
}

function callerOf<T>(address: string, { connections }: Lines<T>): Caller | undefined {
  const [connection] = longest(connections, (line) => line.length) ?? [];
  return connection === undefined ? undefined : { address, connection };
}

function first<V>(map: ReadonlyMap<string, V>): readonly [string, V] | undefined {
  return map.entries().next().value;
}

function longest<V>(map: ReadonlyMap<string, V>, lengthOf: (value: V) => number): readonly [string, V] | undefined {
  let found: readonly [string, V] | undefined;
  for (const entry of map) if (found === undefined || lengthOf(entry[1]) > lengthOf(found[1])) found = entry;
  return found;
}

function toEnd<V>(map: Map<string, V>, key: string): void {
  const value = map.get(key);
  if (value === undefined) return;
  map.delete(key);
  map.set(key, value);
}
