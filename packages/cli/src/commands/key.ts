import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { factLines, tableLines } from '../table.ts';

/** `subnetes key create`: tells the key once; the gateway keeps only its hash. With an owner the account is made first. */
export async function createKey(
  context: CommandContext,
  options: { account: string; name: string; owner: string | undefined },
): Promise<void> {
  if (options.owner !== undefined) {
    const billing = await context.market.billing();
    await billing.createAccount({ account: options.account, owner: options.owner, displayName: options.account });
  }
  const gateway = await context.market.gatewayControl();
  const { keyId, secret } = await gateway.createKey({ account: options.account, name: options.name });
  context.io.err('This is the only time the key is shown.');
  print(context, {
    value: { keyId, account: options.account, name: options.name, secret },
    lines: factLines([
      ['key id', keyId],
      ['account', options.account],
      ['key', secret],
    ]),
  });
}

/** `subnetes key list`. */
export async function listKeys(context: CommandContext, options: { account: string }): Promise<void> {
  const gateway = await context.market.gatewayControl();
  const { keys } = await gateway.listKeys({ account: options.account });
  const rows = keys.map((key) => [
    key.keyId,
    key.name,
    new Date(Number(key.createdAtMs)).toISOString(),
    key.revoked ? 'revoked' : 'valid',
  ]);
  print(context, {
    value: keys.map(({ keyId, account, name, createdAtMs, revoked }) => ({
      keyId,
      account,
      name,
      createdAtMs: Number(createdAtMs),
      revoked,
    })),
    lines:
      keys.length === 0
        ? [`account ${options.account} has no keys; make one: subnetes key create --account ${options.account}`]
        : tableLines([{ head: 'KEY ID' }, { head: 'NAME' }, { head: 'CREATED' }, { head: 'STATE' }], rows),
  });
}

/** `subnetes key revoke`: the gateway refuses it from now on. */
export async function revokeKey(context: CommandContext, options: { keyId: string }): Promise<void> {
  const gateway = await context.market.gatewayControl();
  await gateway.revokeKey({ keyId: options.keyId });
  print(context, { value: { keyId: options.keyId, revoked: true }, lines: [`Key ${options.keyId} is revoked.`] });
}
