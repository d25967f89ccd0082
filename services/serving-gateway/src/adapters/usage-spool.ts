import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { STREAMS, usageMessageId, usageSubject } from '@subnetes/bus/subjects';
import type { Bus } from '@subnetes/bus/bus';
import { UsageEventSchema, type UsageEvent } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import type { Usage, UsageSpool } from '../application/ports.ts';
import { SpoolFile, type Spooled } from './spool-file.ts';

export interface UsageSpoolOptions {
  readonly folder: string;
  readonly bytesMax: number;
  readonly nowMs: () => number;
  readonly failed: (error: unknown) => void;
}

/** Events on their way to the bus at once; an order within them does not matter to billing. */
const PUBLISH_BATCH = 256;
/** Events of so long go out together: a write to the bus for each answer would cost the requests in flight their time. */
const LINGER_MS = 25;
const RETRY_MS = 250;

/** First byte of a record: an event for the bus with its netuid, or a note of ours that a lease was opened. */
const EVENT = 1;
const LEASE_OPENED = 2;

interface Queued {
  readonly spooled: Spooled;
  readonly netuid: number;
  readonly event: UsageEvent;
}

interface OpenLease {
  readonly netuid: number;
  readonly account: string;
  readonly note: Spooled;
}

/**
 * Usage on its way to billing. Every event is in a file before anything else happens to it and leaves the file when
 * the stream has stored it, so an outage of the bus or of this process loses none. Leases that a killed process left
 * open are closed as abandoned, after all that it had spooled.
 */
export class DurableUsageSpool implements UsageSpool, Disposable {
  readonly #options: UsageSpoolOptions;
  readonly #file: SpoolFile;
  readonly #queue: Queued[] = [];
  readonly #leases = new Map<string, OpenLease>();
  #wake = Promise.withResolvers<void>();

  constructor(options: UsageSpoolOptions) {
    this.#options = options;
    const { spool, left } = SpoolFile.open(options.folder);
    this.#file = spool;
    for (const spooled of left) this.#restore(spooled);
    for (const [leaseId, { account, netuid, note }] of this.#leases) {
      this.#leases.delete(leaseId);
      this.#append(netuid, {
        case: 'leaseClosed',
        value: { $typeName: 'subnetes.events.v1.LeaseClosed', leaseId, account, lastCounter: 0n, abandoned: true },
      });
      note.done();
    }
  }

  /** Events that the stream has not stored yet. */
  get pending(): number {
    return this.#queue.length;
  }

  isFull(): boolean {
    return this.#file.bytes > this.#options.bytesMax;
  }

  put(usage: Usage): void {
    const { reservation, miner, receipt } = usage;
    this.#append(usage.netuid, {
      case: 'usage',
      value: {
        $typeName: 'subnetes.events.v1.UsageRecorded',
        requestId: reservation.requestId,
        leaseId: reservation.leaseId,
        counter: reservation.counter,
        account: reservation.account,
        netuid: usage.netuid,
        model: usage.model,
        units: { ...usage.units },
        policyVersion: usage.policyVersion,
        maxRao: reservation.maxRao.toString(),
        quotedRao: usage.quotedRao.toString(),
        minerRegistrationId: Buffer.from(miner?.id ?? '', 'hex'),
        minerHotkey: miner?.hotkey ?? '',
        minerUid: miner?.uid ?? 0,
        receiptId: receipt?.receiptId ?? '',
        receipt: receipt?.bytes ?? new Uint8Array(0),
        timeMs: BigInt(this.#options.nowMs()),
      },
    });
  }

  leaseOpened({ leaseId, account }: { readonly leaseId: string; readonly account: string }, netuid: number): void {
    const bytes = Buffer.from(JSON.stringify({ leaseId, account, netuid }));
    const note = this.#file.append(Buffer.concat([Buffer.of(LEASE_OPENED), bytes]));
    this.#leases.set(leaseId, { account, netuid, note });
  }

  leaseRefused(leaseId: string): void {
    this.#leases.get(leaseId)?.note.done();
    this.#leases.delete(leaseId);
  }

  leaseClosed(lease: { readonly leaseId: string; readonly account: string }, lastCounter: bigint): void {
    const open = this.#leases.get(lease.leaseId);
    if (open === undefined) throw new Error(`lease ${lease.leaseId} was not opened here`);
    const { leaseId, account } = lease;
    this.#append(open.netuid, {
      case: 'leaseClosed',
      value: { $typeName: 'subnetes.events.v1.LeaseClosed', leaseId, account, lastCounter, abandoned: false },
    });
    this.#leases.delete(leaseId);
    open.note.done();
  }

  /** Publishes until the signal ends it. What cannot be published stays and is tried again. */
  async publishTo(bus: Bus, signal: AbortSignal, sleep: (ms: number) => Promise<void>): Promise<void> {
    let isStreamThere = false;
    while (!signal.aborted) {
      if (this.#queue.length === 0) {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers<void>();
        await sleep(LINGER_MS);
        continue;
      }
      const batch = this.#queue.slice(0, PUBLISH_BATCH);
      try {
        if (!isStreamThere) await bus.ensureStream(STREAMS.usage.name);
        isStreamThere = true;
        await publishAll(bus, batch);
        this.#queue.splice(0, batch.length);
        for (const { spooled } of batch) spooled.done();
      } catch (error) {
        isStreamThere = false;
        this.#options.failed(error);
        await sleep(RETRY_MS);
      }
    }
  }

  /** Wakes `publishTo` so that it sees its signal. */
  nudge(): void {
    this.#wake.resolve();
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }

  #append(netuid: number, event: UsageEvent['event']): void {
    const message = create(UsageEventSchema, { event });
    const head = Buffer.alloc(3);
    head.writeUInt8(EVENT, 0);
    head.writeUInt16BE(netuid, 1);
    const spooled = this.#file.append(Buffer.concat([head, toBinary(UsageEventSchema, message)]));
    this.#queue.push({ spooled, netuid, event: message });
    this.#wake.resolve();
  }

  #restore(spooled: Spooled): void {
    const bytes = Buffer.from(spooled.bytes);
    if (bytes[0] === LEASE_OPENED) {
      const note = JSON.parse(bytes.subarray(1).toString('utf8')) as {
        leaseId: string;
        account: string;
        netuid: number;
      };
      this.#leases.set(note.leaseId, { account: note.account, netuid: note.netuid, note: spooled });
      return;
    }
    const event = fromBinary(UsageEventSchema, bytes.subarray(3));
    this.#queue.push({ spooled, netuid: bytes.readUInt16BE(1), event });
    if (event.event.case !== 'leaseClosed') return;
    this.#leases.get(event.event.value.leaseId)?.note.done();
    this.#leases.delete(event.event.value.leaseId);
  }
}

/** All but the closings first: billing takes an abandoned lease for complete as soon as it hears of it. */
async function publishAll(bus: Bus, batch: readonly Queued[]): Promise<void> {
  const isClosing = ({ event }: Queued): boolean => event.event.case === 'leaseClosed';
  await Promise.all(batch.filter((queued) => !isClosing(queued)).map((queued) => publish(bus, queued)));
  await Promise.all(batch.filter(isClosing).map((queued) => publish(bus, queued)));
}

function publish(bus: Bus, { netuid, event }: Queued): Promise<void> {
  const id = event.event.case === 'usage' ? event.event.value.requestId : `${event.event.value?.leaseId ?? ''}/closed`;
  return bus.publish(usageSubject(netuid), toBinary(UsageEventSchema, event), { messageId: usageMessageId(id) });
}
