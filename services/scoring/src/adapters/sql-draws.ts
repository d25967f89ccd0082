import type { CarriedDraw } from '@subnetes/policy/interval-draw';
import type { Row, Sql } from '@subnetes/runtime/sql';
import type { Store, SubnetTransaction } from '#application/ports.ts';
import type { PolicyStates } from '#domain/epoch-inputs.ts';
import { bytes, text } from './rows.ts';
import { policyFromText, statesFromText } from './stored-policy.ts';

/** Subnets looked through for rounds at once: the ledger has no more. */
const SUBNETS_MAX = 4096;

/** The signature of the round of a carried draw, hex, once it was kept. */
export function drawSignature(sql: Sql): SubnetTransaction['drawSignature'] {
  return async ({ publicKey, round }) => {
    const rows = await sql.query('SELECT signature FROM beacon_rounds WHERE public_key = $1 AND round = $2', [
      publicKey,
      round,
    ]);
    return rows.map((row) => Buffer.from(bytes(row, 'signature')).toString('hex')).at(0);
  };
}

/** Draws outside of any transaction. They are no table: epochs carry them in the state of their policies. */
export function drawsPart(database: Sql): Pick<Store, 'awaitedRounds' | 'carriedDraws' | 'drawSignature'> {
  const signatureOf = drawSignature(database);
  return {
    drawSignature: signatureOf,
    awaitedRounds: async (netuid) => {
      const rows = await database.query(
        `SELECT e.policy_states, s.policy FROM subnets s
         JOIN epochs e ON e.netuid = s.netuid AND e.epoch_index = s.interval_index - 1
         WHERE e.policy_states LIKE '%"draws"%' AND ($1::integer IS NULL OR s.netuid = $1) ORDER BY s.netuid LIMIT $2`,
        [netuid ?? null, SUBNETS_MAX],
      );
      const wanted = rows.flatMap(roundsOf);
      const kept = await Promise.all(wanted.map(({ beacon, round }) => signatureOf({ ...beacon, round })));
      return wanted.filter((_, at) => kept[at] === undefined);
    },
    carriedDraws: async (netuid, interval) => {
      const rows = await database.query('SELECT policy_states FROM epochs WHERE netuid = $1 AND epoch_index = $2', [
        netuid,
        interval - 1,
      ]);
      return rows.map((row) => statesFromText(text(row, 'policy_states'))).at(0) ?? {};
    },
  };
}

/** Each round once; those of a beacon that the policy names no more are not to be had. */
function roundsOf(row: Row) {
  const { commitReveal } = policyFromText(text(row, 'policy'));
  if (commitReveal.type !== 'Timelock') return [];
  const { beacon } = commitReveal;
  const own = drawsOf(statesFromText(text(row, 'policy_states'))).filter((draw) => draw.publicKey === beacon.publicKey);
  return [...new Set(own.map(({ round }) => round))].map((round) => ({ beacon, round }));
}

function drawsOf(states: PolicyStates): readonly CarriedDraw[] {
  return Object.values(states).flatMap(({ draws = [] }) => draws);
}
