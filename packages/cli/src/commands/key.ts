import type { ApiKey } from '@subnetes/proto/gen/subnetes/billing/v1/keys_pb';
import { isOutage } from '@subnetes/proto/rpc-error';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { EXIT, Failure } from '../failure.ts';
import { factLines, tableLines } from '../table.ts';

const PAGE_SIZE = 1000;
const PAGES_MAX = 100;

/** `subnetes key create`: tells the key once; billing keeps only its hash. With an owner the account is made first. */
export async function createKey(
  context: CommandContext,
  options: { account: string; name: string; owner: string | undefined },
): Promise<void> {
  const { account, name, owner } = options;
  if (owner !== undefined) {
    const billing = await context.market.billing();
    await billing.createAccount({ account, owner, displayName: account });
  }
  const { keyId, secret, told } = await make(context, account, name);
  context.io.err('This is the only time the key is shown.');
  if (!told) context.io.err('The bus does not answer: the gateway takes the key as soon as it does.');
  print(context, {
    value: { keyId, account, name, secret, told },
    lines: factLines([
      ['key id', keyId],
      ['account', account],
      ['key', secret],
    ]),
  });
}

/** A call without an answer may have made a key all the same, and calling again makes another one. */
async function make(context: CommandContext, account: string, name: string) {
  const keys = await context.market.keys();
  try {
    return await keys.createKey({ account, name });
  } catch (error) {
    if (!isOutage(error)) throw error;
    throw new Failure({
      code: 'UNAVAILABLE',
      message: `billing did not answer (${error instanceof Error ? error.message : ''}), and may have made a key all the same`,
      exitCode: EXIT.unavailable,
      remedy: `subnetes key list --account ${account} shows it, and subnetes key revoke ends it; then create another`,
      cause: error,
    });
  }
}

/** `subnetes key list`. */
export async function listKeys(context: CommandContext, options: { account: string }): Promise<void> {
  const keys = await allKeys(context, options.account);
  const rows = keys.map((key) => [
    key.keyId,
    key.name,
    timeOf(key.createdAtMs),
    key.revokedAtMs === undefined ? 'valid' : `revoked ${timeOf(key.revokedAtMs)}`,
  ]);
  print(context, {
    value: keys.map(({ keyId, account, name, createdAtMs, revokedAtMs }) => ({
      keyId,
      account,
      name,
      createdAtMs: Number(createdAtMs),
      revoked: revokedAtMs !== undefined,
      ...(revokedAtMs === undefined ? {} : { revokedAtMs: Number(revokedAtMs) }),
    })),
    lines:
      keys.length === 0
        ? [`account ${options.account} has no keys; make one: subnetes key create --account ${options.account}`]
        : tableLines([{ head: 'KEY ID' }, { head: 'NAME' }, { head: 'CREATED' }, { head: 'STATE' }], rows),
  });
}

async function allKeys(context: CommandContext, account: string): Promise<readonly ApiKey[]> {
  const service = await context.market.keys();
  const all: ApiKey[] = [];
  let token = '';
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { keys, nextPageToken } = await service.listKeys({ account, page: { size: PAGE_SIZE, token } });
    all.push(...keys);
    if (nextPageToken === '') break;
    token = nextPageToken;
  }
  return all;
}

/** `subnetes key revoke`: the gateway refuses it from now on, or as soon as it can be told. */
export async function revokeKey(context: CommandContext, options: { keyId: string }): Promise<void> {
  const { keyId } = options;
  const { told } = await (await context.market.keys()).revokeKey({ keyId });
  if (!told) context.io.err('The bus does not answer: until it does, the gateway still takes the key.');
  print(context, { value: { keyId, revoked: true, told }, lines: [`Key ${keyId} is revoked.`] });
}

function timeOf(ms: bigint): string {
  return new Date(Number(ms)).toISOString();
}
