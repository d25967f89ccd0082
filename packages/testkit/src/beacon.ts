import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type Beacon, BEACON_SCHEME, beaconKeyOf, roundAt } from '@subnetes/timelock/beacon';

/** What a server that cannot be trusted does instead of answering. */
export type BeaconFault = 'down' | 'silent' | 'forged' | 'other-round' | 'garbage' | 'endless' | 'redirect';

export interface TestBeacon extends AsyncDisposable {
  /** Its identity, as a policy names it. */
  readonly beacon: Beacon;
  /** Base URL of drand's HTTP API. */
  readonly url: string;
  readonly sign: (round: number) => Uint8Array;
  /** Rounds up to this one are given out, whatever the clock says; undefined: as the clock says. */
  releaseUpTo(round: number | undefined): void;
  /** From now on every request meets this; undefined: it works. */
  setFault(fault: BeaconFault | undefined): void;
  /** Paths that were asked for, in order. */
  readonly asked: readonly string[];
}

export interface BeaconOptions {
  /** Default 1. */
  readonly periodS?: number;
  /** Unix seconds; default: now. */
  readonly genesisTimeS?: number;
  /** The beacon's secret; default: a new one. */
  readonly secret?: Uint8Array;
}

const ENDLESS_BYTES = 10 * 1024 * 1024;

/** A beacon of one's own: it makes a key, signs rounds, and serves them as drand does (`/public/{round}`, `/info`). */
export async function startBeacon(options: BeaconOptions = {}): Promise<TestBeacon> {
  const key = beaconKeyOf(options.secret ?? secretBelowOrder());
  const beacon: Beacon = {
    chainHash: createHash('sha256').update(key.publicKey).digest('hex'),
    publicKey: key.publicKey,
    genesisTimeS: options.genesisTimeS ?? Math.floor(Date.now() / 1000),
    periodS: options.periodS ?? 1,
  };
  let released: number | undefined;
  let fault: BeaconFault | undefined;
  const asked: string[] = [];

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? '';
    asked.push(path);
    if (fault !== undefined) return misbehave(fault, response, { path, sign: key.sign });
    if (path.endsWith('/info')) return json(response, 200, infoOf(beacon));
    const round = Number(/\/public\/([0-9]+)$/.exec(path)?.[1] ?? 0);
    const newest = released ?? roundAt(beacon, Date.now());
    if (round < 1 || round > newest) return json(response, 425, { error: 'Requested future beacon' });
    return json(response, 200, roundOf(round, key.sign(round)));
  };

  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    beacon,
    url: `http://127.0.0.1:${port}`,
    sign: key.sign,
    releaseUpTo: (round) => {
      released = round;
    },
    setFault: (next) => {
      fault = next;
    },
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function misbehave(
  fault: BeaconFault,
  response: ServerResponse,
  asked: { readonly path: string; readonly sign: (round: number) => Uint8Array },
): void {
  const round = Number(asked.path.split('/').at(-1));
  switch (fault) {
    case 'down':
      response.destroy();
      return;
    case 'silent':
      return; // the connection stays open
    case 'forged':
      return json(response, 200, roundOf(round, asked.sign(round + 1)));
    case 'other-round':
      return json(response, 200, roundOf(round + 1, asked.sign(round + 1)));
    case 'garbage':
      response.writeHead(200).end('{"round": 7, "signature": "x"');
      return;
    case 'endless':
      response.writeHead(200).end(Buffer.alloc(ENDLESS_BYTES, 32));
      return;
    case 'redirect':
      response.writeHead(302, { location: `${asked.path}?again` }).end();
      return;
  }
}

function roundOf(round: number, signature: Uint8Array) {
  const randomness = createHash('sha256').update(signature).digest('hex');
  return { round, randomness, signature: Buffer.from(signature).toString('hex') };
}

function infoOf({ publicKey, periodS, genesisTimeS, chainHash }: Beacon) {
  return {
    public_key: publicKey,
    period: periodS,
    genesis_time: genesisTimeS,
    hash: chainHash,
    schemeID: BEACON_SCHEME,
  };
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Below the order of the group, which begins with 0x73. */
function secretBelowOrder(): Uint8Array {
  const secret = new Uint8Array(randomBytes(32));
  secret[0] = (secret[0] ?? 0) & 0x3f;
  return secret;
}
