import { connect } from 'node:net';

/** Whether an address answered a call for a connection, be it by refusing it, or said nothing for so long. */
export type Dial = (
  address: { readonly host: string; readonly port: number },
  limitMs: number,
) => Promise<'answered' | 'silent'>;

/** Three seconds in all; whoever dials next has patience of its own. */
const TRIES_MS = [100, 200, 400, 800, 1500];

/**
 * Waits until an address answers, for three seconds at most. The first packets of a new pod are lost until every node's network
 * policies know it, and TCP sends a lost one again after a whole second: a new connection sends its own at once.
 */
export async function awaitAnswer(
  address: { readonly host: string; readonly port: number },
  dial: Dial = dialTcp,
): Promise<void> {
  for (const limitMs of TRIES_MS) if ((await dial(address, limitMs)) === 'answered') return;
}

/** Opens a TCP connection and closes it. */
export const dialTcp: Dial = ({ host, port }, limitMs) =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: limitMs });
    const end = (outcome: 'answered' | 'silent'): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once('connect', () => end('answered'));
    socket.once('error', () => end('answered')); // what is wrong is told to whoever dials next
    socket.once('timeout', () => end('silent'));
  });
