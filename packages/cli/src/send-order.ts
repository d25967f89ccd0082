import type { WalletOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { CommandContext } from './command-context.ts';
import { print } from './command-context.ts';
import { notConfirmed } from './commands/wallet.ts';
import { readPassphrase } from './io.ts';
import { printDryRun } from './order-preview.ts';
import { signOrder } from './wallet-order.ts';
import { readWallet, unlockWallet } from './wallet-store.ts';

/** What every command that orders something takes. */
export interface Ordering {
  readonly wallet: string;
  readonly yes: boolean;
  /** Shows the exact effect and asks for nothing. */
  readonly dryRun: boolean;
}

/** An order, and what is said of it. */
export interface WantedOrder {
  readonly order: WalletOrder['order'];
  /** Its exact effect. */
  readonly lines: readonly string[];
  readonly question: string;
  /** For --json. */
  readonly told: object;
}

/** Shows what an order does, asks, signs it with the wallet and sends it. */
export async function sendOrder(context: CommandContext, options: Ordering, wanted: WantedOrder): Promise<void> {
  const { lines, told } = wanted;
  if (options.dryRun) return printDryRun(context, { ...wanted, wallet: options.wallet });
  if (!options.yes && !(await context.io.confirm(`${lines.join('\n')}\n${wanted.question}?`))) throw notConfirmed();
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const passphrase = await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: false });
  const coldkey = await unlockWallet(readWallet(context.walletDir, options.wallet), passphrase);
  const done = await ledger.submitOrder({
    order: signOrder(wanted.order, coldkey, { ...network, nowMs: context.now() }),
  });
  print(context, {
    value: { dryRun: false, ...told, sequence: done.sequence, block: done.block },
    lines: [...lines, `Done in block ${done.block}, journal entry ${done.sequence}.`],
  });
}
