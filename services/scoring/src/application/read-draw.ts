import type { Assignment } from '@subnetes/policy/assignment';
import { drawnAssignment, drawScope } from '@subnetes/policy/interval-draw';
import { portableSha256 } from '@subnetes/policy/portable-sha256';
import type { Store } from './ports.ts';

/** Who judges whom for one mechanism in an interval. */
export interface MechanismDraw {
  readonly mechanismId: number;
  /** Of the beacon. */
  readonly round: number;
  readonly assignment: Assignment;
}

/** The draws of an interval, one a mechanism; none while the round is not out, and where nobody is drawn. */
export type ReadDraw = (netuid: number, interval: number) => Promise<readonly MechanismDraw[]>;

/** Every validator asks in each block: the newest draw of each subnet is kept, once there is one. */
export function makeReadDraw({ store }: { readonly store: Pick<Store, 'carriedDraws' | 'drawSignature'> }): ReadDraw {
  const newest = new Map<number, { readonly interval: number; readonly draws: readonly MechanismDraw[] }>();
  return async (netuid, interval) => {
    const kept = newest.get(netuid);
    if (kept?.interval === interval) return kept.draws;
    const draws: MechanismDraw[] = [];
    for (const [id, { draws: carried = [] }] of Object.entries(await store.carriedDraws(netuid, interval))) {
      const own = carried.find((draw) => draw.interval === interval);
      const signature = own && (await store.drawSignature(own));
      if (own === undefined || signature === undefined) continue;
      const mechanismId = Number(id);
      const context = { scope: drawScope(netuid, mechanismId), sha256: portableSha256 };
      const drawn = drawnAssignment([own], { interval, signature }, context);
      if (drawn !== undefined) draws.push({ mechanismId, round: own.round, assignment: drawn.assignment });
    }
    if (draws.length > 0) newest.set(netuid, { interval, draws });
    return draws;
  };
}
