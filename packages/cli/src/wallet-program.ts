import type { KeyScheme } from '@subnetes/keys/key-pair';
import type { Command } from 'commander';
import type { GlobalOptions, Run } from './command-context.ts';
import { createWallet, showBalance, showHistory, transfer } from './commands/wallet.ts';
import { exportWallet, importWallet } from './commands/wallet-exchange.ts';
import { type MessageOptions, signText, verifyText, type VerifyOptions } from './commands/wallet-message.ts';
import { addSwaps } from './keys-program.ts';
import { keyScheme, wholeNumber } from './option-values.ts';
import type { Ordering } from './send-order.ts';

/** `subnetes wallet …`. */
export function addWallet(program: Command, run: Run): void {
  const wallet = program.command('wallet').description('coldkeys on this machine, encrypted');
  wallet
    .command('create')
    .description('makes a wallet')
    .requiredOption('--name <name>', 'name of the wallet')
    .option(
      '--scheme <scheme>',
      'sr25519, or ed25519 (for coldkeys alone; the ledger holds a wallet to its scheme)',
      keyScheme,
      'sr25519',
    )
    .option('--show-secret', 'prints the twelve words once', false)
    .action((options: GlobalOptions & { name: string; scheme: KeyScheme; showSecret: boolean }) =>
      run(options, (context) => createWallet(context, options)),
    );
  wallet
    .command('balance')
    .description('what a wallet or an account has')
    .option('--wallet <name>', 'a wallet on this machine')
    .option('--account <address>', 'any account: an SS58 address, billing:NAME, burned, …')
    .action((options: GlobalOptions & { wallet?: string; account?: string }) =>
      run(options, (context) => showBalance(context, { wallet: options.wallet, account: options.account })),
    );
  wallet
    .command('transfer')
    .description('pays; asks first')
    .requiredOption('--wallet <name>', 'who pays')
    .requiredOption('--to <address>', 'SS58 address, or billing:NAME to fund an application’s account')
    .requiredOption('--amount <tokens>', 'whole tokens with up to nine decimals')
    .option('--dry-run', 'shows the exact effect and changes nothing', false)
    .option('--yes', 'does not ask', false)
    .action((options: GlobalOptions & Ordering & { to: string; amount: string }) =>
      run(options, (context) => transfer(context, options)),
    );
  wallet
    .command('history')
    .description('what moved on a wallet, newest first')
    .argument('<name>', 'a wallet on this machine, or an SS58 address')
    .option('--asset <symbol>', 'such as ALPHA1, a subnet’s token; the network’s if not given')
    .option('--limit <n>', 'most that are shown', wholeNumber, 100)
    .action((name: string, options: GlobalOptions & { asset?: string; limit: number }) =>
      run(options, (context) => showHistory(context, { name, asset: options.asset, limit: options.limit })),
    );
  addMessages(wallet, run);
  addExchange(wallet, run);
  addSwaps(wallet, run);
}

function addMessages(wallet: Command, run: Run): void {
  wallet
    .command('sign')
    .description('signs a message, as Polkadot-JS does; no such signature is an order')
    .requiredOption('--wallet <name>', 'who signs')
    .option('--message <text>', 'the message')
    .option('--file <path>', 'a file that holds it')
    .action((options: GlobalOptions & { wallet: string; message?: string; file?: string }) =>
      run(options, (context) =>
        signText(context, { wallet: options.wallet, message: options.message, file: options.file }),
      ),
    );
  wallet
    .command('verify')
    .description('whether an address has signed a message; asks no server')
    .requiredOption('--address <address>', 'SS58 address')
    .requiredOption('--signature <hex>', 'what wallet sign printed')
    .option('--message <text>', 'the message')
    .option('--file <path>', 'a file that holds it')
    .option('--scheme <scheme>', 'how the wallet signs: sr25519 or ed25519', keyScheme, 'sr25519')
    .action(
      (options: GlobalOptions & Pick<VerifyOptions, 'address' | 'signature' | 'scheme'> & Partial<MessageOptions>) =>
        run(options, (context) => verifyText(context, { ...options, message: options.message, file: options.file })),
    );
}

function addExchange(wallet: Command, run: Run): void {
  wallet
    .command('import')
    .description('takes a wallet that was made elsewhere')
    .requiredOption('--name <name>', 'name of the wallet here')
    .option('--file <path>', 'account.json that Polkadot-JS exported; it keeps its passphrase')
    .option('--words-file <path>', 'a file with the words of a wallet')
    .option('--scheme <scheme>', 'how the wallet of the words signs: sr25519 or ed25519', keyScheme, 'sr25519')
    .action((options: GlobalOptions & { name: string; file?: string; wordsFile?: string; scheme: KeyScheme }) =>
      run(options, (context) =>
        importWallet(context, { ...options, file: options.file, wordsFile: options.wordsFile }),
      ),
    );
  wallet
    .command('export')
    .description('writes a file that Polkadot-JS imports, sealed with the wallet’s passphrase')
    .requiredOption('--wallet <name>', 'which wallet')
    .requiredOption('--out <path>', 'file to write; never one that is there')
    .action((options: GlobalOptions & { wallet: string; out: string }) =>
      run(options, (context) => exportWallet(context, options)),
    );
}
