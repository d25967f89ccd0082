import type { Database, Row } from '@subnetes/runtime/sql';
import type { KeyMade, KeyStore, Page } from '../application/ports.ts';
import type { ApiKey, StoredKey } from '../domain/api-key.ts';
import { bytes, isNull, text, whole } from './row.ts';

const SHOWN = 'key_id, account, name, created_at_ms, revoked_at_ms';
const STORED = `${SHOWN}, secret_sha256`;

/** API keys on PostgreSQL. */
export function sqlKeys(database: Database): KeyStore {
  return {
    createKey: (key, max) => createKey(database, key, max),
    async revokeKey(keyId, nowMs) {
      const rows = await database.query(
        'UPDATE api_keys SET revoked_at_ms = coalesce(revoked_at_ms, $2) WHERE key_id = $1 RETURNING key_id',
        [keyId, BigInt(nowMs)],
      );
      return rows.length > 0;
    },
    listKeys: (account, page) => listKeys(database, account, page),
    async readKeys(keyIds) {
      const rows = await database.query(`SELECT ${STORED} FROM api_keys WHERE key_id = ANY($1::text[])`, [[...keyIds]]);
      return rows.map(storedOf);
    },
    async validKeys(afterKeyId, limit) {
      const rows = await database.query(
        `SELECT ${STORED} FROM api_keys WHERE revoked_at_ms IS NULL AND key_id > $1 ORDER BY key_id LIMIT $2`,
        [afterKeyId, limit],
      );
      return rows.map(storedOf);
    },
  };
}

function createKey(database: Database, key: StoredKey, max: Parameters<KeyStore['createKey']>[1]): Promise<KeyMade> {
  return database.transaction(async (sql) => {
    // One at a time: of two at once both would find the last place free.
    await sql.query('LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE');
    const [counted = {}] = await sql.query(
      `SELECT (SELECT count(*) FROM accounts WHERE account = $1) AS accounts,
              (SELECT count(*) FROM api_keys WHERE account = $1 AND revoked_at_ms IS NULL) AS of_account,
              (SELECT count(*) FROM api_keys WHERE revoked_at_ms IS NULL) AS in_all`,
      [key.account],
    );
    if (whole(counted, 'accounts') === 0n) return 'account-unknown';
    if (whole(counted, 'of_account') >= BigInt(max.perAccount)) return 'account-full';
    if (whole(counted, 'in_all') >= BigInt(max.inAll)) return 'full';
    await sql.query(
      'INSERT INTO api_keys (key_id, account, name, secret_sha256, created_at_ms) VALUES ($1, $2, $3, $4, $5)',
      [key.keyId, key.account, key.name, key.secretSha256, BigInt(key.createdAtMs)],
    );
    return 'stored';
  });
}

async function listKeys(
  database: Database,
  account: string,
  page: Page,
): Promise<readonly (ApiKey & { readonly number: bigint })[]> {
  const rows = await database.query(
    `SELECT number, ${SHOWN} FROM api_keys
     WHERE account = $1 AND ($2::bigint IS NULL OR number < $2::bigint) ORDER BY number DESC LIMIT $3`,
    [account, page.before?.toString() ?? null, page.size],
  );
  return rows.map((row) => ({ number: whole(row, 'number'), ...shownOf(row) }));
}

function storedOf(row: Row): StoredKey {
  return { ...shownOf(row), secretSha256: bytes(row, 'secret_sha256') };
}

function shownOf(row: Row): ApiKey {
  return {
    keyId: text(row, 'key_id'),
    account: text(row, 'account'),
    name: text(row, 'name'),
    createdAtMs: Number(whole(row, 'created_at_ms')),
    ...(isNull(row, 'revoked_at_ms') ? {} : { revokedAtMs: Number(whole(row, 'revoked_at_ms')) }),
  };
}
