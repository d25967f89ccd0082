import { once } from 'node:events';
import { createServer } from 'node:net';
import { UsageError } from '../options.ts';

/** Ports of the market's processes on 127.0.0.1. The last digits are those of `npm start`. */
export interface DevPorts {
  readonly nats: number;
  readonly ledger: number;
  readonly scoring: number;
  readonly billing: number;
  readonly gateway: number;
  readonly inference: number;
  readonly invoices: number;
  readonly console: number;
  /** Of the miner with this index. */
  miner(index: number): number;
  /** Health and metrics of the process with this index. */
  health(index: number): number;
}

export const MINERS_MAX = 15;
export const PROCESSES_MAX = 50;

export function devPorts(base: number): DevPorts {
  return {
    nats: base + 22,
    ledger: base + 43,
    scoring: base + 44,
    billing: base + 45,
    gateway: base + 80,
    inference: base + 81,
    invoices: base + 82,
    console: base + 88,
    miner: (index) => within(base + 50, index, MINERS_MAX),
    health: (index) => within(base + 100, index, PROCESSES_MAX),
  };
}

function within(first: number, index: number, count: number): number {
  if (index < 0 || index >= count) throw new Error(`there are ports for ${count} only: make room in dev-ports.ts`);
  return first + index;
}

/** @throws UsageError that names the first port that somebody else has. */
export async function requireFree(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const server = createServer();
    try {
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      throw new UsageError(`port ${port} is taken by another program: end it, or choose others with --port-base`);
    }
    server.close();
    await once(server, 'close');
  }
}
