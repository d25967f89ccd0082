import { amountText } from '@subnetes/money/amount';
import type { KeyScheme } from '@subnetes/keys/key-pair';
import { newMnemonic } from '@subnetes/keys/sr25519-pair';
import { publicKeyOf } from '@subnetes/keys/ss58';
import { sealWallet, walletPairOf } from '@subnetes/keys/wallet-file';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { readPassphrase } from '../io.ts';
import { raoOf } from '../number-text.ts';
import { printDryRun } from '../order-preview.ts';
import { factLines } from '../table.ts';
import { raoOfOption } from '../token-amount.ts';
import { signOrder } from '../wallet-order.ts';
import { readWallet, saveWallet, unlockWallet } from '../wallet-store.ts';
import { listPostings } from './account.ts';
import { readTokenNames, tokenNamesOf } from '../token-names.ts';

/** `subnetes wallet create`: a new coldkey, encrypted on this machine. The words are shown only when asked for. */
export async function createWallet(
  context: CommandContext,
  options: { name: string; scheme: KeyScheme; showSecret: boolean },
): Promise<void> {
  const passphrase = await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: true });
  const mnemonic = newMnemonic();
  const { address } = walletPairOf(mnemonic, options.scheme);
  const path = saveWallet(context.walletDir, options.name, await sealWallet(mnemonic, passphrase, options.scheme));
  const secret = options.showSecret ? { mnemonic } : {};
  print(context, {
    value: { name: options.name, address, scheme: options.scheme, path, ...secret },
    lines: [
      ...factLines([
        ['wallet', options.name],
        ['address', address],
        ['file', `${path} (encrypted; keep it and the passphrase, nobody can restore them)`],
      ]),
      ...(options.showSecret ? [`words    ${mnemonic}`] : []),
    ],
  });
}

/** `subnetes wallet balance`: of a wallet by name, or of any account. */
export async function showBalance(
  context: CommandContext,
  options: { wallet: string | undefined; account: string | undefined },
): Promise<void> {
  const account =
    options.account ??
    (options.wallet === undefined ? undefined : readWallet(context.walletDir, options.wallet).address);
  if (account === undefined)
    throw usageFailure('whose balance?', 'name a wallet with --wallet NAME or an account with --account ADDRESS');
  const ledger = await context.market.ledger();
  const { balances } = await ledger.getBalances({ accounts: [account] });
  const balance = balances[0];
  const asset = balance?.posted?.asset ?? '';
  const shown = (await readTokenNames(context)).of(asset);
  const posted = raoOf(balance?.posted?.amount) * (balance?.negative === true ? -1n : 1n);
  const held = raoOf(balance?.held?.amount);
  print(context, {
    value: { account, asset, postedRao: posted, heldRao: held, spendableRao: posted - held },
    lines: factLines([
      ['account', account],
      ['balance', amountText({ asset: shown, units: posted })],
      ['held', amountText({ asset: shown, units: held })],
      ['spendable', amountText({ asset: shown, units: posted - held })],
    ]),
  });
}

/** `subnetes wallet history`: of a wallet by name, or of any address. */
export function showHistory(
  context: CommandContext,
  { name, asset, limit }: { name: string; asset: string | undefined; limit: number },
): Promise<void> {
  const account = publicKeyOf(name) === undefined ? readWallet(context.walletDir, name).address : name;
  const all = { fromEntry: 0, toEntry: 0, fromBlock: 0, toBlock: 0, oldestFirst: false };
  return listPostings(context, { ...all, account, asset, limit });
}

/** `subnetes wallet transfer`: asks before it pays. */
export async function transfer(
  context: CommandContext,
  options: { wallet: string; to: string; amount: string; yes: boolean; dryRun: boolean },
): Promise<void> {
  const amount = raoOfOption('--amount', options.amount);
  if (amount === 0n) throw usageFailure('--amount must be above zero');
  if (
    publicKeyOf(options.to) === undefined &&
    !/^(treasury|billing:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$/.test(options.to)
  ) {
    throw usageFailure(
      `--to ${options.to} is neither an SS58 address nor a billing account nor the treasury`,
      'a billing account is written billing:NAME',
    );
  }
  const file = readWallet(context.walletDir, options.wallet);
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const tokens = (units: bigint): string => amountText({ asset: tokenNamesOf(network).own, units });
  const text = tokens(amount);
  const pay = { from: file.address, to: options.to, amountRao: amount };
  const payment = {
    case: 'transfer',
    value: { $typeName: 'subnetes.ledger.v1.TransferOrder', to: options.to, amountRao: amount.toString() },
  } as const;
  if (options.dryRun) {
    const { balances } = await ledger.getBalances({ accounts: [file.address] });
    const before = raoOf(balances[0]?.posted?.amount) - raoOf(balances[0]?.held?.amount);
    const told = { ...pay, beforeRao: before, afterRao: before - amount };
    const line = `${text} from ${file.address} to ${options.to}; to spend: ${tokens(before)} → ${tokens(before - amount)}`;
    return printDryRun(context, { wallet: options.wallet, order: payment, told, lines: [line] });
  }
  if (!options.yes && !(await context.io.confirm(`Pay ${text} from ${file.address} to ${options.to}?`)))
    throw notConfirmed();
  const coldkey = await unlockWallet(
    file,
    await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: false }),
  );
  const order = signOrder(payment, coldkey, { ...network, nowMs: context.now() });
  const done = await ledger.submitOrder({ order });
  print(context, {
    value: { dryRun: false, ...pay, sequence: done.sequence, block: done.block },
    lines: [`Paid ${text} to ${options.to} in block ${done.block}, journal entry ${done.sequence}.`],
  });
}

/** Nothing was done because nobody said yes. */
export function notConfirmed(): Failure {
  return new Failure({
    code: 'NOT_CONFIRMED',
    message: 'nothing was paid: the question was not answered with yes',
    exitCode: EXIT.refused,
    remedy: 'answer y, or add --yes where nobody can be asked',
  });
}
