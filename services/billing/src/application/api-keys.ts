import {
  checkKeyName,
  isKeyId,
  KEYS_MAX,
  KEYS_PER_ACCOUNT_MAX,
  type ApiKey,
  type StoredKey,
} from '../domain/api-key.ts';
import { checkAccountName } from '../domain/lease.ts';
import { accept, refuse, type Decision } from '../domain/refusal.ts';
import { checkPage, readPage, type PageRequest } from './pages.ts';
import type { KeyMade, KeyStore } from './ports.ts';

interface ChangePorts {
  readonly store: KeyStore;
  /** Has gateways told of a key that changed, or may have. Resolves to false where they could not be told soon. */
  readonly tell: (keyId: string) => Promise<boolean>;
  readonly nowMs: () => number;
}

export interface CreatedKey {
  readonly keyId: string;
  /** The key itself: whoever asked gets it, and nobody else ever. */
  readonly text: string;
  readonly told: boolean;
}

/** Makes a key for an account that exists. Not repeatable: every call makes another one. */
export function makeCreateKey(
  ports: ChangePorts & {
    readonly newKey: () => Pick<StoredKey, 'keyId' | 'secretSha256'> & { readonly text: string };
  },
) {
  const { store, tell, nowMs, newKey } = ports;
  return async function createKey(asked: {
    readonly account: string;
    readonly name: string;
  }): Promise<Decision<CreatedKey>> {
    const account = checkAccountName(asked.account);
    if (!account.ok) return account;
    const name = checkKeyName(asked.name);
    if (!name.ok) return name;
    const { keyId, secretSha256, text } = newKey();
    const key = { keyId, account: account.value, name: name.value, createdAtMs: nowMs(), secretSha256 };
    const made = await changing(keyId, tell, () =>
      store.createKey(key, { perAccount: KEYS_PER_ACCOUNT_MAX, inAll: KEYS_MAX }),
    );
    return made === 'stored' ? accept({ keyId, text, told: await tell(keyId) }) : refused(made, key.account);
  };
}

/** Ends a key, for ever. Repeats safely. */
export function makeRevokeKey({ store, tell, nowMs }: ChangePorts) {
  return async function revokeKey(keyId: string): Promise<Decision<{ readonly told: boolean }>> {
    const unknown = refuse('KEY_UNKNOWN', `there is no key ${keyId.slice(0, 64)}: subnetes key list shows their ids`);
    if (!isKeyId(keyId)) return unknown;
    const isRevoked = await changing(keyId, tell, () => store.revokeKey(keyId, nowMs()));
    return isRevoked ? accept({ told: await tell(keyId) }) : unknown;
  };
}

/** Lists an account's keys, newest first, revoked ones too. */
export function makeListKeys(store: Pick<KeyStore, 'listKeys'>) {
  return async function listKeys(
    account: string,
    asked: PageRequest,
  ): Promise<Decision<{ readonly keys: readonly ApiKey[]; readonly nextPageToken: string }>> {
    const named = checkAccountName(account);
    if (!named.ok) return named;
    const page = checkPage(asked);
    if (!page.ok) return page;
    const { items, nextPageToken } = await readPage(page.value, (one) => store.listKeys(account, one));
    return accept({ keys: items, nextPageToken });
  };
}

/** Has gateways told also where the store fails: a commit whose answer got lost is a commit. */
async function changing<T>(keyId: string, tell: ChangePorts['tell'], change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    void tell(keyId);
    throw error;
  }
}

function refused(made: Exclude<KeyMade, 'stored'>, account: string): Decision<never> {
  switch (made) {
    case 'account-unknown':
      return refuse(
        'ACCOUNT_UNKNOWN',
        `there is no billing account ${account}: subnetes key create --account ${account} --owner ADDRESS makes it first`,
      );
    case 'account-full':
      return refuse(
        'TOO_MANY_KEYS',
        `billing account ${account} has ${KEYS_PER_ACCOUNT_MAX} valid keys: revoke one that is no longer used`,
      );
    case 'full':
      return refuse('TOO_MANY_KEYS', `the market has ${KEYS_MAX} valid keys: revoke those that are no longer used`);
  }
}
