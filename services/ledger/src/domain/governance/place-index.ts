/**
 * Which hotkeys a coldkey has ever owned, and in which subnets each was ever registered. It may name more than there is, never
 * less, and is made from the tables when it is first asked for.
 */
export class PlaceIndex {
  #hotkeys: Map<string, Set<string>> | undefined;
  readonly #netuids = new Map<string, Set<number>>();

  onHotkey(hotkey: string, owner: string | undefined): void {
    if (this.#hotkeys !== undefined && owner !== undefined) add(this.#hotkeys, owner, hotkey);
  }

  /** `key` is of a registration: netuid and hotkey. */
  onRegistration(key: string): void {
    if (this.#hotkeys !== undefined) this.#register(key);
  }

  build(tables: {
    readonly hotkeys: Iterable<readonly [string, string]>;
    /** Owners of before a coldkey swap, as open snapshots kept them: or a start would lose what votes there. */
    readonly former: Iterable<readonly [hotkey: string, owner: unknown]>;
    readonly registrations: Iterable<readonly [string, unknown]>;
  }): void {
    if (this.#hotkeys !== undefined) return;
    this.#hotkeys = new Map();
    for (const [hotkey, owner] of tables.hotkeys) add(this.#hotkeys, owner, hotkey);
    for (const [hotkey, owner] of tables.former) if (typeof owner === 'string') add(this.#hotkeys, owner, hotkey);
    for (const [key] of tables.registrations) this.#register(key);
  }

  hotkeysOf(owner: string): Iterable<string> {
    return this.#hotkeys?.get(owner) ?? [];
  }

  netuidsOf(hotkey: string): Iterable<number> {
    return this.#netuids.get(hotkey) ?? [];
  }

  #register(key: string): void {
    const slash = key.indexOf('/');
    add(this.#netuids, key.slice(slash + 1), Number(key.slice(0, slash)));
  }
}

function add<Key, Item>(index: Map<Key, Set<Item>>, key: Key, item: Item): void {
  const items = index.get(key);
  if (items === undefined) index.set(key, new Set([item]));
  else items.add(item);
}
