import type { Network } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';

/** What the network's token is called at present: a proposal may have given it another name than genesis did. */
export function tokenName({ symbol, displaySymbol }: Pick<Network, 'symbol' | 'displaySymbol'>): string {
  return displaySymbol === '' ? symbol : displaySymbol;
}
