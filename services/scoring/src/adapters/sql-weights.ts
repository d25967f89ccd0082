import type { EnvelopeKind, SubnetTransaction } from '#application/ports.ts';
import type { StoredCommit } from '#domain/commit.ts';
import type { StoredReveal } from '#domain/reveal.ts';
import type { Row, Sql } from '@subnetes/runtime/sql';
import { count, flag, text } from './rows.ts';

const COMMIT_COLUMNS =
  'mechanism_id::text, registration_id, interval_index::text, reveal_interval::text, hash, block::text, revealed';

type WeightsPart = Pick<
  SubnetTransaction,
  'commit' | 'commitsSince' | 'lastSequence' | 'putCommit' | 'putReveal' | 'revealsInForce' | 'newestCommits'
>;

/** Commits and reveals of one subnet. */
export function weightsPart(sql: Sql, netuid: number): WeightsPart {
  return { ...writing(sql, netuid), ...reading(sql, netuid) };
}

function writing(sql: Sql, netuid: number): Pick<WeightsPart, 'putCommit' | 'putReveal'> {
  return {
    putCommit: async (commit, evidence) => {
      await sql.query(
        `INSERT INTO commits (netuid, mechanism_id, registration_id, interval_index, reveal_interval, hash, block, revealed, envelope_sequence, envelope)
         VALUES ($1, $2, $3, $4, $5, $6, $7, false, $8, $9)`,
        [
          netuid,
          commit.mechanismId,
          commit.registrationId,
          commit.interval,
          commit.revealInterval,
          commit.hash,
          commit.block,
          evidence.sequence.toString(),
          evidence.envelope,
        ],
      );
    },
    putReveal: async (reveal, evidence) => {
      await sql.query(
        `INSERT INTO reveals (netuid, mechanism_id, registration_id, commit_interval, commit_block, uid, weights, report, envelope_sequence, envelope)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [
          netuid,
          reveal.mechanismId,
          reveal.registrationId,
          reveal.commitInterval,
          reveal.commitBlock,
          reveal.uid,
          JSON.stringify(reveal.weights),
          JSON.stringify(reveal.report),
          evidence.sequence.toString(),
          evidence.envelope,
        ],
      );
      await sql.query(
        `UPDATE commits SET revealed = true
         WHERE netuid = $1 AND registration_id = $2 AND mechanism_id = $3 AND interval_index = $4`,
        [netuid, reveal.registrationId, reveal.mechanismId, reveal.commitInterval],
      );
    },
  };
}

function reading(sql: Sql, netuid: number): Omit<WeightsPart, 'putCommit' | 'putReveal'> {
  return {
    commit: async ({ registrationId, mechanismId, interval }) => {
      const rows = await sql.query(
        `SELECT ${COMMIT_COLUMNS} FROM commits
         WHERE netuid = $1 AND registration_id = $2 AND mechanism_id = $3 AND interval_index = $4`,
        [netuid, registrationId, mechanismId, interval],
      );
      return rows.map((row) => readCommit(netuid, row)).at(0);
    },
    commitsSince: async (interval) => {
      const rows = await sql.query(
        `SELECT ${COMMIT_COLUMNS} FROM commits WHERE netuid = $1 AND reveal_interval >= $2
         ORDER BY registration_id, mechanism_id, interval_index`,
        [netuid, interval],
      );
      return rows.map((row) => readCommit(netuid, row));
    },
    lastSequence: async (registrationId, kind) => {
      const rows = await sql.query(lastSequenceQuery(kind), [netuid, registrationId]);
      return rows[0] === undefined ? 0n : BigInt(text(rows[0], 'last'));
    },
    revealsInForce: async () => {
      // The newest of each is found in the index alone; only those rows, with their documents, are read.
      const rows = await sql.query(
        `SELECT r.registration_id, r.mechanism_id::text, r.commit_interval::text, r.commit_block::text, r.uid::text, r.weights, r.report
         FROM (SELECT netuid, registration_id, mechanism_id, max(commit_interval) AS commit_interval
               FROM reveals WHERE netuid = $1 GROUP BY netuid, registration_id, mechanism_id) newest
         JOIN reveals r USING (netuid, registration_id, mechanism_id, commit_interval)
         JOIN registrations n USING (netuid, registration_id)
         WHERE NOT n.ended ORDER BY r.registration_id, r.mechanism_id`,
        [netuid],
      );
      return rows.map(readReveal);
    },
    newestCommits: async () => {
      const rows = await sql.query(
        `SELECT c.registration_id, c.mechanism_id::text, max(c.block)::text AS block
         FROM commits c JOIN registrations n USING (netuid, registration_id)
         WHERE c.netuid = $1 AND NOT n.ended GROUP BY c.registration_id, c.mechanism_id ORDER BY 1, 2`,
        [netuid],
      );
      return rows.map((row) => ({
        registrationId: text(row, 'registration_id'),
        mechanismId: count(row, 'mechanism_id'),
        block: count(row, 'block'),
      }));
    },
  };
}

function lastSequenceQuery(kind: EnvelopeKind): string {
  const table = kind === 'commit' ? 'commits' : 'reveals';
  return `SELECT coalesce(max(envelope_sequence), 0)::text AS last FROM ${table} WHERE netuid = $1 AND registration_id = $2`;
}

function readCommit(netuid: number, row: Row): StoredCommit {
  return {
    netuid,
    mechanismId: count(row, 'mechanism_id'),
    registrationId: text(row, 'registration_id'),
    interval: count(row, 'interval_index'),
    revealInterval: count(row, 'reveal_interval'),
    hash: text(row, 'hash'),
    block: count(row, 'block'),
    revealed: flag(row, 'revealed'),
  };
}

function readReveal(row: Row): StoredReveal {
  return {
    registrationId: text(row, 'registration_id'),
    mechanismId: count(row, 'mechanism_id'),
    commitInterval: count(row, 'commit_interval'),
    commitBlock: count(row, 'commit_block'),
    uid: count(row, 'uid'),
    weights: JSON.parse(text(row, 'weights')) as StoredReveal['weights'],
    report: JSON.parse(text(row, 'report')) as StoredReveal['report'],
  };
}
