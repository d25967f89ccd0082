import type { Network } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { CommandContext } from './command-context.ts';

/**
 * What tokens are called where people read of them. A proposal may give the network's token another name; books, orders and
 * `--json` keep the one of genesis.
 */
export interface TokenNames {
  /** Of the network's token. */
  readonly own: string;
  /** Of an asset of the books: the network's by its present name, a subnet's by its own. Undefined is the network's. */
  readonly of: (asset: string | undefined) => string;
}

type Named = Pick<Network, 'symbol' | 'displaySymbol'>;

export function tokenNamesOf(network: Named): TokenNames {
  const { symbol, displaySymbol } = network;
  const own = isRenamed(network) ? displaySymbol : symbol;
  return { own, of: (asset = symbol) => (asset === symbol ? own : asset) };
}

export async function readTokenNames({ market }: Pick<CommandContext, 'market'>): Promise<TokenNames> {
  return tokenNamesOf(await (await market.ledger()).getNetwork({}));
}

/** Whether a proposal gave the token another name than the books have. A ledger of before does not tell one. */
export function isRenamed({ symbol, displaySymbol }: Named): boolean {
  return displaySymbol !== '' && displaySymbol !== symbol;
}
