import type { Clock } from '@subnetes/runtime/clock';
import type { ListenPlace } from '@subnetes/runtime/http-listener';
import type { SeenWriter, WriterSeat } from '#application/stand-by.ts';
import { standBy } from '#application/stand-by.ts';
import { sleep } from './bus-work.ts';
import { servePassingOn } from './pass-on.ts';

export interface TurnOptions<T> {
  readonly seat: WriterSeat;
  readonly takeOver: () => Promise<T>;
  /** Where callers come, while others write and afterwards. */
  readonly place: ListenPlace;
  /** `host:port` of this process, given the port. */
  readonly addressAt: (port: number) => string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told what readiness is, whenever it changes: true, or why no traffic should come yet. */
  readonly onReadiness: (ready: true | string) => void;
  /** Told of each ledger that callers are passed on to. */
  readonly onStandingBy: (at: { readonly grpcPort: number; readonly writer: string }) => void;
  /** Told once of each time without the database. */
  readonly onOutage: (error: Error) => void;
}

/**
 * Waits for this process's turn to write, and passes callers on to the one that writes meanwhile. Answers what `takeOver`
 * did and the port that is free for its server now; undefined when the signal ended the wait.
 */
export async function awaitTurn<T>(
  options: TurnOptions<T>,
): Promise<{ readonly taken: T; readonly port: number } | undefined> {
  const { seat, takeOver, clock, signal } = options;
  await using passing = await servePassingOn(options.place);
  const own = options.addressAt(passing.port);
  let writer: string | undefined;
  let isOut = false;
  const turn = await standBy({
    seat,
    takeOver,
    signal,
    sleep: (ms, until) => sleep(clock, ms, until),
    onSeen: (seen) => {
      isOut = false;
      const target = targetOf(seen, own);
      passing.passTo(target);
      options.onReadiness(target === undefined ? 'no other ledger serves, and this one does not yet' : true);
      if (target !== undefined && target !== writer) options.onStandingBy({ grpcPort: passing.port, writer: target });
      writer = target;
    },
    onFailure: (error) => {
      passing.passTo(undefined);
      options.onReadiness('the database cannot be reached');
      if (!isOut) options.onOutage(error);
      isOut = true;
    },
  });
  return turn === undefined ? undefined : { taken: turn.taken, port: passing.port };
}

/** Undefined before the writer has said where it is. What this process said in an earlier life is nobody's address. */
function targetOf({ isHeld, address }: SeenWriter, own: string): string | undefined {
  return isHeld && address !== '' && address !== own ? address : undefined;
}
