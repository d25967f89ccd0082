import type { ChainHash } from '../book/journal.ts';
import { MINT } from '../book/account.ts';
import type { Decision } from '../book/refusal.ts';
import { LedgerTables, type NetworkRecord } from './ledger-tables.ts';
import { neuronKey, type Neuron, registrationKey } from './neuron.ts';
import type { Slash } from '../slashing/slash.ts';
import type { Subnet } from './subnet.ts';

/** Hashes that the domain needs and does not compute itself. All answers are lower-case hex. */
export interface Hashes {
  readonly chain: ChainHash;
  /** Of UTF-8 text. */
  readonly text: (text: string) => string;
  /** Of a registration: network, subnet, key and block; and the attempt of one that begins where another began in that block. */
  readonly registrationId: (registration: {
    readonly netuid: number;
    readonly hotkey: string;
    readonly block: number;
    readonly attempt?: number;
  }) => string;
}

const NETWORK_KEY = 'network';
const CREDIT_KEY = 'total';
const MOVED_KEY = 'moved-bond';
const SLASHES_KEPT_KEY = 'slashes-kept-from';

/**
 * The whole state in memory, changed by one writer through `decide`. Nothing below this class reads a clock or a store;
 * what a batch changed is taken from the tables and from the journal and stored in one transaction.
 */
export class Ledger extends LedgerTables {
  readonly hashes: Hashes;

  constructor(hashes: Hashes) {
    super(hashes.chain);
    this.hashes = hashes;
  }

  /** Throws before genesis. */
  get network(): NetworkRecord {
    const network = this.networks.get(NETWORK_KEY);
    if (network === undefined) throw new Error('the ledger has no genesis yet');
    return network;
  }

  set network(network: NetworkRecord) {
    this.networks.put(NETWORK_KEY, network);
  }

  get hasGenesis(): boolean {
    return this.networks.get(NETWORK_KEY) !== undefined;
  }

  get block(): number {
    return this.network.block;
  }

  /** Symbol of the network token. */
  get asset(): string {
    return this.network.genesis.symbol;
  }

  /** All that was ever minted, burned money included. */
  get issued(): bigint {
    return -this.book.posted(this.asset, MINT);
  }

  /** Rao that billing accounts may owe together by their floors. */
  get creditGranted(): bigint {
    return this.creditLines.get(CREDIT_KEY) ?? 0n;
  }

  set creditGranted(rao: bigint) {
    this.creditLines.put(CREDIT_KEY, rao);
  }

  /** Number of the last move that was remembered. */
  get lastMovedBond(): number {
    return this.counters.get(MOVED_KEY) ?? 0;
  }

  set lastMovedBond(id: number) {
    this.counters.put(MOVED_KEY, id);
  }

  /** Decided slashes of a subnet that have left their table, by what came of them. */
  leftSlashes(netuid: number, status: Slash['status']): number {
    return this.counters.get(`slashes/${netuid}/${status}`) ?? 0;
  }

  /** All slashes that were reported in this block or later are in their table. */
  get slashesKeptFrom(): number {
    return this.counters.get(SLASHES_KEPT_KEY) ?? 0;
  }

  countLeftSlash({ netuid, status, reportedAtBlock }: Slash): void {
    this.counters.put(`slashes/${netuid}/${status}`, this.leftSlashes(netuid, status) + 1);
    this.counters.put(SLASHES_KEPT_KEY, Math.max(this.slashesKeptFrom, reportedAtBlock + 1));
  }

  subnet(netuid: number): Subnet | undefined {
    return this.subnets.get(String(netuid));
  }

  putSubnet(subnet: Subnet): void {
    this.subnets.put(String(subnet.netuid), subnet);
  }

  /** Active neurons of a subnet by uid. */
  neuronsOf(netuid: number): readonly Neuron[] {
    const maxUids = 256;
    const neurons: Neuron[] = [];
    for (let uid = 0; uid < maxUids; uid += 1) {
      const neuron = this.neurons.get(neuronKey(netuid, uid));
      if (neuron !== undefined) neurons.push(neuron);
    }
    return neurons;
  }

  neuronByHotkey(netuid: number, hotkey: string): Neuron | undefined {
    const uid = this.registrations.get(registrationKey(netuid, hotkey))?.uid;
    return uid === undefined || uid === null ? undefined : this.neurons.get(neuronKey(netuid, uid));
  }

  /** Runs a part of a command: all of it or, when it is refused, nothing of it; the command goes on in both cases. */
  attempt<T>(part: () => Decision<T>): Decision<T> {
    const { mark } = this.undo;
    const decision = part();
    if (!decision.ok) this.undo.rollBackTo(mark);
    return decision;
  }

  /**
   * Runs a command and takes it back, whatever it decides: the answer is what it would do. Only where all that was decided has been
   * handed to the store: what is marked as changed is forgotten, or the next batch would store rows that nobody changed.
   */
  tryOut<T>(command: () => Decision<T>): Decision<T> {
    const { book, journal, documents } = this;
    if (journal.untaken.length > 0) throw new Error('a command is tried out beside others that are not stored');
    try {
      return command();
    } finally {
      this.undo.rollBack();
      for (const table of [book.accounts, book.holds, ...documents]) table.takeChanges();
    }
  }

  /** Runs one command: all of it or, when it is refused, nothing of it. A thrown error is a bug and leaves nothing either. */
  decide<T>(command: (ledger: Ledger) => Decision<T>): Decision<T> {
    try {
      const decision = command(this);
      if (decision.ok) this.undo.keep();
      else this.undo.rollBack();
      return decision;
    } catch (error) {
      this.undo.rollBack();
      throw error;
    }
  }
}
