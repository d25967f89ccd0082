import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { LookupFunction } from 'node:net';
import { buildConnector, Pool } from 'undici';
import type { DialAddress } from './address-rule.ts';

const CONNECT_TIMEOUT_MS = 1000;
const KEEP_ALIVE_MS = 30_000;

/** Absent: as many connections and bytes as the caller lets happen. */
export interface PoolLimits {
  readonly connectionsMax?: number;
  readonly answerBytesMax?: number;
}

/**
 * Connections to one miner. Whose certificate it is follows from the announcement that the miner signed, not from an
 * authority: the socket is given out only when the SHA-256 of its public key is the announced one (hexadecimal).
 */
export function openMinerPool(address: DialAddress, spkiSha256: string, limits: PoolLimits = {}): Pool {
  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    rejectUnauthorized: false,
    // A resumed session shows no certificate, so there would be nothing to compare.
    maxCachedSessions: 0,
    ...(address.pinnedIp === undefined ? {} : { lookup: pinned(address.pinnedIp) }),
  });
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return new Pool(`https://${host}:${address.port}`, {
    connections: limits.connectionsMax ?? null,
    maxResponseSize: limits.answerBytesMax ?? -1,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect(options, callback) {
      connect(options, (error, socket) => {
        if (error !== null) return callback(error, null);
        const shown = spkiOf(socket as TLSSocket);
        socket.setNoDelay(true);
        if (shown === spkiSha256) return callback(null, socket);
        socket.destroy();
        callback(new Error('the certificate is not the one that the miner announced'), null);
      });
    },
  });
}

function spkiOf(socket: TLSSocket): string | undefined {
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' });
  return key === undefined ? undefined : createHash('sha256').update(key).digest('hex');
}

/** A look-up that knows one address. */
function pinned(ip: string): LookupFunction {
  const family = ip.includes(':') ? 6 : 4;
  return (_host, options, callback) => {
    if (options.all === true) callback(null, [{ address: ip, family }]);
    else callback(null, ip, family);
  };
}
