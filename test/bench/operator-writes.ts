import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

const OPERATOR = 'system:serviceaccount:subnetes-system:subnetes-operator';
const WRITES = new Set(['create', 'update', 'patch', 'delete']);

interface AuditLine {
  readonly verb: string;
  readonly user?: { readonly username?: string };
  readonly stage: string;
  readonly requestReceivedTimestamp: string;
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
}

/** Counts what the operator wrote in a span of time, by the API server's audit log. */
export async function countWrites(
  auditLog: string,
  span: { readonly fromMs: number; readonly toMs: number; readonly epochs: number },
): Promise<Record<string, number>> {
  const byResource = new Map<string, number>();
  let other = 0;
  let status = 0;
  for await (const line of createInterface({ input: createReadStream(auditLog) })) {
    const entry = parse(line);
    if (
      entry === undefined ||
      entry.stage !== 'ResponseComplete' ||
      entry.user?.username !== OPERATOR ||
      !WRITES.has(entry.verb)
    )
      continue;
    const atMs = Date.parse(entry.requestReceivedTimestamp);
    if (atMs < span.fromMs || atMs > span.toMs) continue;
    const { resource, subresource, namespace, name } = entry.objectRef ?? {};
    if (subresource !== 'status') {
      other += 1;
      continue;
    }
    status += 1;
    const key = `${resource}/${namespace}/${name}`;
    byResource.set(key, (byResource.get(key) ?? 0) + 1);
  }
  return {
    epochs: span.epochs,
    statusWrites: status,
    otherWrites: other,
    resources: byResource.size,
    mostPerResourceAndEpoch: Math.max(0, ...byResource.values()) / span.epochs,
  };
}

function parse(line: string): AuditLine | undefined {
  try {
    return JSON.parse(line) as AuditLine;
  } catch {
    return undefined; // the last line of a log that is being written may be cut
  }
}
