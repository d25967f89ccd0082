import type { Command } from 'commander';
import type { GlobalOptions, Run } from './command-context.ts';
import { listPools, listTokens, quotePool, showPool } from './commands/pool.ts';
import { buyToken, sellToken, transferToken } from './commands/pool-swap.ts';

interface BoundFlags {
  slippage?: string;
  minOut?: string;
  limitPrice?: string;
  partial: boolean;
}

interface SwapFlags extends GlobalOptions, BoundFlags {
  wallet: string;
  yes: boolean;
  dryRun: boolean;
}

/** `subnetes pool …`. */
export function addPools(program: Command, run: Run): void {
  const pool = program.command('pool').description('tokens of subnets, and the pools in which they are traded');
  pool
    .command('list')
    .description('price, moving price and reserves of every pool')
    .action((options: GlobalOptions) => run(options, listPools));
  pool
    .command('show')
    .description('one pool: reserves, weights, fee, and how much of the token there is')
    .argument('<subnet>', 'handle or netuid')
    .action((subnet: string, options: GlobalOptions) => run(options, (context) => showPool(context, subnet)));
  pool
    .command('tokens')
    .description('tokens of subnets that a wallet has')
    .option('--wallet <name>', 'a wallet on this machine')
    .option('--owner <address>', 'any coldkey')
    .action((options: GlobalOptions & { wallet?: string; owner?: string }) =>
      run(options, (context) => listTokens(context, { wallet: options.wallet, owner: options.owner })),
    );
  pool
    .command('quote')
    .description('what a swap would do at this moment, and by how much it would move the price')
    .argument('<side>', 'buy or sell')
    .argument('<subnet>', 'handle or netuid')
    .requiredOption('--amount <tokens>', 'whole tokens that are given, fee included')
    .action((side: string, subnet: string, options: GlobalOptions & { amount: string }) =>
      run(options, (context) => quotePool(context, { side, subnet, amount: options.amount })),
    );
  addSwaps(pool, run);
}

function addSwaps(pool: Command, run: Run): void {
  bounded(spending(pool, 'buy', 'shows the exact effect, asks, buys a subnet’s token'))
    .requiredOption('--amount <tokens>', 'whole tokens of the network to give, fee included')
    .action((subnet: string, options: SwapFlags & { amount: string }) =>
      run(options, (context) => buyToken(context, { ...options, ...boundsOf(options), subnet })),
    );
  bounded(spending(pool, 'sell', 'shows the exact effect, asks, sells a subnet’s token'))
    .option('--amount <tokens>', 'whole tokens of the subnet; all that the wallet has if not given')
    .action((subnet: string, options: SwapFlags & { amount?: string }) =>
      run(options, (context) =>
        sellToken(context, { ...options, ...boundsOf(options), subnet, amount: options.amount }),
      ),
    );
  spending(pool, 'transfer', 'asks, passes a subnet’s token on')
    .requiredOption('--to <address>', 'SS58 address of a wallet')
    .requiredOption('--amount <tokens>', 'whole tokens of the subnet')
    .action((subnet: string, options: SwapFlags & { to: string; amount: string }) =>
      run(options, (context) => transferToken(context, { ...options, subnet })),
    );
}

function spending(pool: Command, name: string, description: string): Command {
  return pool
    .command(name)
    .description(description)
    .argument('<subnet>', 'handle or netuid')
    .requiredOption('--wallet <name>', 'who gives')
    .option('--dry-run', 'shows the exact effect and changes nothing', false)
    .option('--yes', 'does not ask', false);
}

/** One of the three has to be given: who is asked for nothing is sold at any price. */
function bounded(command: Command): Command {
  return command
    .option('--slippage <percent>', 'brings at most so much less than is quoted now; 0.5 is usual')
    .option('--min-out <tokens>', 'brings at least so many whole tokens')
    .option('--limit-price <tokens>', 'stops at this price, in tokens of the network for one of the subnet')
    .option('--partial', 'at the limit price keeps the rest, instead of doing nothing', false);
}

function boundsOf({ slippage, minOut, limitPrice, partial }: BoundFlags) {
  return { bounds: { slippage, minOut, limitPrice, partial } };
}
