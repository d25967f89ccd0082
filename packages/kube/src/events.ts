import type { KubeLog } from './metrics.ts';
import { apiVersionOf, collectionPath, EVENTS, type KubeObject, type Resource } from './resource.ts';
import type { Transport } from './transport.ts';

/** One thing that happened to an object. */
export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  /** One word from the closed list of reasons. */
  readonly reason: string;
  /** What the reporter was doing, such as Reconcile. */
  readonly action: string;
  readonly note: string;
}

export interface EventRecorder {
  /** Never throws and is never waited for: an event that cannot be written is logged and lost. */
  record(regarding: { readonly resource: Resource; readonly object: KubeObject }, event: EventNote): void;
  /** Resolves when what was recorded so far was sent or given up. */
  flush(): Promise<void>;
}

export interface EventRecorderOptions {
  readonly transport: Transport;
  readonly log: KubeLog;
  readonly nowMs: () => number;
  /** Such as `subnetes.io/operator`. */
  readonly reportingController: string;
  /** Name of this process, such as the pod's. */
  readonly reportingInstance: string;
}

const NOTE_MAX = 1024;
/** The same event again within this time adds to the first one's series instead of standing beside it. */
const SERIES_MS = 30 * 60_000;
/** A series is written again at most this often. */
const SERIES_WRITE_MS = 5 * 60_000;
const BURST = 25;
const REFILL_MS = 5 * 60_000;
const MEMORY_MAX = 5_000;

interface Series {
  readonly name: string;
  readonly namespace: string;
  count: number;
  lastMs: number;
  writtenMs: number;
}

interface Bucket {
  tokens: number;
  refilledMs: number;
}

/** Writes events.k8s.io/v1 events: repeated ones become a series, and each object has a budget. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const series = new Map<string, Series>();
  const buckets = new Map<string, Bucket>();
  let tail: Promise<void> = Promise.resolve();
  let sequence = 0; // tells apart two events of one millisecond

  const send = (work: () => Promise<unknown>): void => {
    tail = tail.then(work).then(
      () => undefined,
      (error: unknown) => options.log.warn({ err: error }, 'an event could not be written'),
    );
  };

  return {
    record({ resource, object }, event) {
      const nowMs = options.nowMs();
      const key = [object.metadata.uid, event.type, event.reason, event.note].join('\u0000');
      const known = series.get(key);
      if (known !== undefined && nowMs - known.lastMs < SERIES_MS) {
        known.count += 1;
        known.lastMs = nowMs;
        if (nowMs - known.writtenMs < SERIES_WRITE_MS) return;
        known.writtenMs = nowMs;
        send(async () => await patchSeries(options, known));
        return;
      }
      if (!takeToken(buckets, object.metadata.uid ?? '', nowMs)) return;
      const body = eventBody(options, { resource, object, event, nowMs, sequence: (sequence += 1) });
      const { name, namespace } = body.metadata;
      remember(series, key, { name, namespace, count: 1, lastMs: nowMs, writtenMs: nowMs });
      send(async () => {
        await options.transport.request({ method: 'POST', path: collectionPath(EVENTS, namespace), body });
      });
    },
    async flush() {
      await tail;
    },
  };
}

function eventBody(
  options: EventRecorderOptions,
  from: { resource: Resource; object: KubeObject; event: EventNote; nowMs: number; sequence: number },
) {
  const { resource, object, event, nowMs } = from;
  const { name, namespace = 'default', uid, resourceVersion } = object.metadata;
  return {
    apiVersion: apiVersionOf(EVENTS),
    kind: 'Event',
    metadata: { name: `${name.slice(0, 200)}.${nowMs.toString(16)}${(from.sequence % 4096).toString(16)}`, namespace },
    eventTime: microTime(nowMs),
    reportingController: options.reportingController,
    reportingInstance: options.reportingInstance.slice(0, 128),
    action: event.action,
    reason: event.reason,
    type: event.type,
    note: event.note.length > NOTE_MAX ? `${event.note.slice(0, NOTE_MAX - 1)}…` : event.note,
    regarding: {
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      name,
      ...(object.metadata.namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  };
}

async function patchSeries(options: EventRecorderOptions, known: Series): Promise<void> {
  await options.transport.request({
    method: 'PATCH',
    path: `${collectionPath(EVENTS, known.namespace)}/${known.name}`,
    contentType: 'application/merge-patch+json',
    body: { series: { count: known.count, lastObservedTime: microTime(known.lastMs) } },
  });
}

function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

function takeToken(buckets: Map<string, Bucket>, uid: string, nowMs: number): boolean {
  const bucket = buckets.get(uid) ?? { tokens: BURST, refilledMs: nowMs };
  const refills = Math.floor((nowMs - bucket.refilledMs) / REFILL_MS);
  if (refills > 0) {
    bucket.tokens = Math.min(BURST, bucket.tokens + refills);
    bucket.refilledMs += refills * REFILL_MS;
  }
  remember(buckets, uid, bucket);
  if (bucket.tokens <= 0) return false;
  bucket.tokens -= 1;
  return true;
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MEMORY_MAX) return;
  const oldest = map.keys().next();
  if (oldest.done !== true) map.delete(oldest.value);
}
