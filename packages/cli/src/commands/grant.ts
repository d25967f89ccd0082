import { amountText } from '@subnetes/money/amount';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { raoOf } from '../number-text.ts';
import { factLines, tableLines } from '../table.ts';
import { readWallet } from '../wallet-store.ts';
import { ask, type Asking } from './proposal.ts';
import { readTokenNames } from '../token-names.ts';

/** `subnetes grant list`: what the treasury has granted and not paid out. */
export async function listGrants(
  context: CommandContext,
  options: { wallet: string | undefined; owner: string | undefined },
): Promise<void> {
  const named = options.wallet === undefined ? '' : readWallet(context.walletDir, options.wallet).address;
  const governance = await context.market.governance();
  const { grants, block } = await governance.listGrants({
    wallet: options.owner ?? named,
    page: { size: 1000, token: '' },
  });
  const { own: asset } = await readTokenNames(context);
  const text = (rao: bigint): string => amountText({ asset, units: rao });
  const rows = grants.map((grant) => [
    String(grant.id),
    grant.to,
    text(raoOf(grant.amountRao)),
    text(raoOf(grant.vestedRao) - raoOf(grant.claimedRao)),
    grant.revokedBlock > 0n
      ? `revoked at block ${grant.revokedBlock}`
      : `all free at block ${grant.startBlock + BigInt(grant.vestingBlocks)}`,
  ]);
  print(context, {
    value: {
      block,
      grants: grants.map(({ $typeName: _type, ...grant }) => ({
        ...grant,
        claimableRao: raoOf(grant.vestedRao) - raoOf(grant.claimedRao),
      })),
    },
    lines: grants.length === 0 ? ['No grant is being paid out.'] : tableLines(COLUMNS, rows),
  });
}

const COLUMNS = [
  { head: 'ID', align: 'right' },
  { head: 'FOR' },
  { head: 'AMOUNT', align: 'right' },
  { head: 'FREE', align: 'right' },
  { head: 'WHEN' },
] as const;

/** `subnetes grant claim`: what has come free, into the wallet. */
export async function claimGrant(context: CommandContext, options: Asking & { readonly id: number }): Promise<void> {
  const { address } = readWallet(context.walletDir, options.wallet);
  const governance = await context.market.governance();
  const { grants } = await governance.listGrants({ wallet: address, page: { size: 1000, token: '' } });
  const { own: asset } = await readTokenNames(context);
  const grant = grants.find(({ id }) => id === BigInt(options.id));
  const free = raoOf(grant?.vestedRao) - raoOf(grant?.claimedRao);
  const lines = factLines([
    ['grant', String(options.id)],
    ['free now', amountText({ asset, units: free })],
  ]);
  const value = { $typeName: 'subnetes.ledger.v1.ClaimGrantOrder', grant: BigInt(options.id) } as const;
  await ask(context, options, {
    lines,
    told: { grant: options.id, freeRao: free },
    question: `Claim it for ${options.wallet}`,
    order: { case: 'claimGrant', value },
  });
}
