import type { EpochListing, Store, StoredEpoch } from '#application/ports.ts';
import type { Database, Row } from '@subnetes/runtime/sql';
import { bytes, count, flag, text } from './rows.ts';
import { readOutgoing } from './outgoing-row.ts';
import { drawsPart } from './sql-draws.ts';
import { sqlEvidence } from './sql-evidence.ts';
import { metagraphsPart } from './sql-metagraphs.ts';
import { observe, readSubnet } from './sql-position.ts';
import { subnetTransaction } from './sql-subnet.ts';
import { lockedPart } from './sql-weights.ts';
import { standingsFromText } from './stored-standings.ts';

const LISTED_COLUMNS = `netuid::text, epoch_index::text, sequence::text, block::text, due_sequence::text, policy_version::text,
  yuma_version::text, pot::text, revealed::text, incentives_above_zero, inputs_sha256, outputs_sha256`;

/** Scoring's store on any PostgreSQL. Everything that changes it is a transaction, so that a leader's can be fenced. */
export function sqlStore(database: Database): Store {
  return {
    ...networkPart(database),
    ...epochsPart(database),
    ...earlyPart(database),
    ...lockedPart(database),
    ...drawsPart(database),
    ...metagraphsPart(database),
    ...sqlEvidence(database),
    inSubnet: (netuid, work) =>
      database.transaction(async (sql) => {
        // A lock on the number, not on the row: the row may not be there yet.
        await sql.query('SELECT pg_advisory_xact_lock($1, $2)', [SUBNET_LOCK, netuid]);
        return work(subnetTransaction(sql, netuid));
      }),
    position: async () => {
      const rows = await database.query('SELECT block::text, sequence::text FROM ledger_position');
      const [row] = rows;
      return row === undefined
        ? { block: 0, sequence: 0 }
        : { block: count(row, 'block'), sequence: count(row, 'sequence') };
    },
    observeBlock: (block, sequence) => database.transaction((sql) => observe(sql, { block, sequence })),
    subnet: (netuid) => readSubnet(database, netuid),
    netuids: async () => {
      const rows = await database.query('SELECT netuid::text FROM subnets ORDER BY subnets.netuid');
      return rows.map((row) => count(row, 'netuid'));
    },
  };
}

/** First key of the advisory lock of a subnet; the second is its netuid. */
export const SUBNET_LOCK = 7_305_813;

function networkPart(database: Database): Pick<Store, 'bindNetwork' | 'networkId'> {
  const networkId = async (): Promise<string | undefined> => {
    const rows = await database.query('SELECT network_id FROM network');
    return rows[0] === undefined ? undefined : text(rows[0], 'network_id');
  };
  return {
    networkId,
    bindNetwork: async (id) => {
      await database.query('INSERT INTO network (network_id) VALUES ($1) ON CONFLICT DO NOTHING', [id]);
      return (await networkId()) === id;
    },
  };
}

type EpochsPart = Pick<Store, 'epoch' | 'scoredSince' | 'listEpochs' | 'unpublished' | 'markPublished'>;

function epochsPart(database: Database): EpochsPart {
  return {
    scoredSince: (sequence) => scoredSince(database, sequence),
    epoch: async (netuid, index) => {
      const rows = await database.query(
        `SELECT ${LISTED_COLUMNS}, inputs_json, outputs_json, standings, scored FROM epochs
         WHERE netuid = $1 AND ($2::bigint IS NULL OR epoch_index = $2) ORDER BY epochs.epoch_index DESC LIMIT 1`,
        [netuid, index ?? null],
      );
      return rows.map(readEpoch).at(0);
    },
    listEpochs: async (netuid, { before, limit }) => {
      const rows = await database.query(
        `SELECT ${LISTED_COLUMNS} FROM epochs
         WHERE netuid = $1 AND ($2::bigint IS NULL OR epoch_index < $2) ORDER BY epochs.epoch_index DESC LIMIT $3`,
        [netuid, before ?? null, limit],
      );
      return rows.map(readListing);
    },
    unpublished: async (limit) => {
      const rows = await database.query(
        `SELECT netuid::text, epoch_index::text, sequence::text, previous_sequence::text, scored FROM epochs
         WHERE NOT published ORDER BY epochs.sequence LIMIT $1`,
        [limit],
      );
      return rows.map(readOutgoing);
    },
    markPublished: (sequences) =>
      database.transaction(async (sql) => {
        await sql.query('UPDATE epochs SET published = true WHERE sequence = ANY($1::int8[])', [sequences]);
      }),
  };
}

async function scoredSince(
  database: Database,
  sequence: number | undefined,
): Promise<{ readonly sequence: number; readonly netuids: readonly number[] }> {
  if (sequence === undefined) {
    const [newest] = await database.query('SELECT coalesce(max(sequence), 0)::text AS sequence FROM epochs');
    return { sequence: newest === undefined ? 0 : count(newest, 'sequence'), netuids: [] };
  }
  const rows = await database.query(
    'SELECT netuid::text, max(sequence)::text AS sequence FROM epochs WHERE sequence > $1 GROUP BY epochs.netuid',
    [sequence],
  );
  return {
    sequence: Math.max(sequence, ...rows.map((row) => count(row, 'sequence'))),
    netuids: rows.map((row) => count(row, 'netuid')),
  };
}

function earlyPart(database: Database): Pick<Store, 'keepEarly' | 'early' | 'dropEarly'> {
  return {
    keepEarly: (netuid, index, message) =>
      database.transaction(async (sql) => {
        await sql.query(
          'INSERT INTO early_epochs (netuid, epoch_index, message) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
          [netuid, index, message],
        );
      }),
    early: async (netuid, index) => {
      const rows = await database.query('SELECT message FROM early_epochs WHERE netuid = $1 AND epoch_index = $2', [
        netuid,
        index,
      ]);
      return rows.map((row) => bytes(row, 'message')).at(0);
    },
    dropEarly: (netuid, index) =>
      database.transaction(async (sql) => {
        await sql.query('DELETE FROM early_epochs WHERE netuid = $1 AND epoch_index <= $2', [netuid, index]);
      }),
  };
}

function readListing(row: Row): EpochListing {
  return {
    netuid: count(row, 'netuid'),
    index: count(row, 'epoch_index'),
    sequence: count(row, 'sequence'),
    block: count(row, 'block'),
    dueSequence: count(row, 'due_sequence'),
    policyVersion: count(row, 'policy_version'),
    yumaVersion: count(row, 'yuma_version'),
    pot: BigInt(text(row, 'pot')),
    revealed: count(row, 'revealed'),
    incentivesAboveZero: flag(row, 'incentives_above_zero'),
    inputsSha256: text(row, 'inputs_sha256'),
    outputsSha256: text(row, 'outputs_sha256'),
  };
}

function readEpoch(row: Row): StoredEpoch {
  return {
    ...readListing(row),
    inputsJson: text(row, 'inputs_json'),
    outputsJson: text(row, 'outputs_json'),
    standings: standingsFromText(text(row, 'standings')),
    scored: bytes(row, 'scored'),
  };
}
