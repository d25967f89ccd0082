import type { EpochRecord, EpochState, SubnetTransaction } from '#application/ports.ts';
import type { Registration } from '#domain/sender.ts';
import type { Row, Sql } from '@subnetes/runtime/sql';
import { count, text } from './rows.ts';
import { scoredBytes } from './messages.ts';
import { drawSignature } from './sql-draws.ts';
import { faultsPart } from './sql-faults.ts';
import { readFacts, readPermits } from './sql-facts.ts';
import { observe, readSubnet } from './sql-position.ts';
import { bondsFromText, bondsToText } from './stored-bonds.ts';
import { standingsToText } from './stored-standings.ts';
import { weightsPart } from './sql-weights.ts';
import { policyToText, statesFromText, statesToText } from './stored-policy.ts';

/** Reads and writes of one subnet on a connection whose transaction holds the subnet's lock. */
export function subnetTransaction(sql: Sql, netuid: number): SubnetTransaction {
  return {
    ...weightsPart(sql, netuid),
    ...ledgerPart(sql, netuid),
    ...epochPart(sql, netuid),
    ...faultsPart(sql, netuid),
  };
}

type LedgerPart = Pick<SubnetTransaction, 'subnet' | 'facts' | 'observe' | 'putSubnet' | 'putRegistrations'>;

function ledgerPart(sql: Sql, netuid: number): LedgerPart {
  return {
    subnet: () => readSubnet(sql, netuid),
    facts: (wanted) => readFacts(sql, netuid, wanted),
    observe: (position) => observe(sql, position),
    putSubnet: async ({ sequence, startBlock, policy }) => {
      await sql.query(
        `INSERT INTO subnets (netuid, sequence, start_block, interval_index, policy) VALUES ($1, $2, $3, 1, $4)
         ON CONFLICT (netuid) DO UPDATE SET sequence = excluded.sequence, start_block = excluded.start_block, policy = excluded.policy
         WHERE subnets.sequence < excluded.sequence`,
        [netuid, sequence, startBlock, policyToText(policy)],
      );
    },
    putRegistrations: (neurons, sequence) => putRegistrations(sql, { netuid, neurons, sequence }),
  };
}

async function putRegistrations(
  sql: Sql,
  change: { readonly netuid: number; readonly neurons: readonly Registration[]; readonly sequence: number },
): Promise<void> {
  const { netuid, neurons, sequence } = change;
  await sql.query(
    `INSERT INTO registrations (netuid, registration_id, uid, hotkey, coldkey, registered_at, stake, ended, sequence)
     SELECT $1, id, uid, hotkey, coldkey, at, stake, ended, $9
     FROM unnest($2::text[], $3::int4[], $4::text[], $5::text[], $6::int8[], $7::numeric[], $8::bool[])
       AS t (id, uid, hotkey, coldkey, at, stake, ended)
     ON CONFLICT (netuid, registration_id) DO UPDATE SET hotkey = excluded.hotkey, coldkey = excluded.coldkey,
       stake = excluded.stake, ended = excluded.ended, sequence = excluded.sequence
     WHERE registrations.sequence < excluded.sequence`,
    [
      netuid,
      neurons.map(({ registrationId }) => registrationId),
      neurons.map(({ uid }) => uid),
      neurons.map(({ hotkey }) => hotkey),
      neurons.map(({ coldkey }) => coldkey),
      neurons.map(({ registeredAt }) => registeredAt),
      neurons.map(({ stake }) => stake.toString()),
      neurons.map(({ ended }) => ended),
      sequence,
    ],
  );
}

type EpochPart = Pick<SubnetTransaction, 'permits' | 'epochState' | 'drawSignature' | 'putEpoch' | 'republish'>;

function epochPart(sql: Sql, netuid: number): EpochPart {
  return {
    permits: (epochIndex) => readPermits(sql, netuid, epochIndex),
    epochState: async (index) => {
      const rows = await sql.query(
        'SELECT block::text, bonds, policy_states FROM epochs WHERE netuid = $1 AND epoch_index = $2',
        [netuid, index],
      );
      return rows.map(readState).at(0);
    },
    drawSignature: drawSignature(sql),
    putEpoch: (record) => putEpoch(sql, netuid, record),
    republish: async (index) => {
      await sql.query('UPDATE epochs SET published = false, shown = false WHERE netuid = $1 AND epoch_index = $2', [
        netuid,
        index,
      ]);
      await sql.query('UPDATE epoch_witnesses SET published = false WHERE netuid = $1 AND epoch_index = $2', [
        netuid,
        index,
      ]);
    },
  };
}

function readState(row: Row): EpochState {
  return {
    block: count(row, 'block'),
    bonds: bondsFromText(text(row, 'bonds')),
    states: statesFromText(text(row, 'policy_states')),
  };
}

/** Key of the advisory lock under which an epoch gets its number in the journal: "scorjrnl" in ASCII. */
const JOURNAL_LOCK = '8314611874258906732';

async function putEpoch(sql: Sql, netuid: number, record: EpochRecord): Promise<void> {
  const { due } = record.inputs;
  // Numbers of the journal follow each other over all subnets, in the order of their commits.
  await sql.query('SELECT pg_advisory_xact_lock($1)', [JOURNAL_LOCK]);
  // Both by an index: there are as many epochs as there ever were.
  const last = await sql.query(
    `SELECT coalesce((SELECT max(sequence) FROM epochs), 0)::text AS newest,
       coalesce((SELECT sequence FROM epochs WHERE netuid = $1 AND epoch_index < $2 ORDER BY epoch_index DESC LIMIT 1), 0)::text AS own`,
    [netuid, due.index],
  );
  const sequence = last[0] === undefined ? 1 : count(last[0], 'newest') + 1;
  const previous = last[0] === undefined ? 0 : count(last[0], 'own');
  await sql.query(
    `INSERT INTO epochs (netuid, epoch_index, sequence, previous_sequence, block, due_sequence, policy_version, yuma_version, pot,
       revealed, incentives_above_zero, inputs_json, inputs_sha256, outputs_json, outputs_sha256, bonds, standings, policy_states, scored, published, shown)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, false, false)`,
    [
      netuid,
      due.index,
      sequence,
      previous,
      due.block,
      due.sequence,
      due.policyVersion,
      record.yumaVersion,
      (due.pots.owner + due.pots.miners + due.pots.validators).toString(),
      record.revealed,
      record.outputs.neurons.some(({ incentive }) => incentive > 0),
      record.inputsJson,
      record.inputsSha256,
      record.outputsJson,
      record.outputsSha256,
      bondsToText(record.bonds),
      standingsToText(record.standings),
      statesToText(record.states),
      scoredBytes(record, sequence),
    ],
  );
  const permitted = record.outputs.neurons.filter(({ permit }) => permit);
  await sql.query(
    'INSERT INTO permits (netuid, epoch_index, registration_id) SELECT $1, $2, id FROM unnest($3::text[]) AS t (id)',
    [netuid, due.index, permitted.map(({ registrationId }) => registrationId)],
  );
  await sql.query('UPDATE subnets SET interval_index = $2 WHERE netuid = $1', [netuid, due.index + 1]);
}
