import { accept, type Decision, refuse } from '../book/refusal.ts';
import { MINT } from '../book/account.ts';
import { PARTS_MAX } from '../book/payment.ts';
import type { Genesis } from './genesis.ts';
import type { Ledger } from './ledger.ts';
import { openRootNetwork } from './root-network.ts';

/** Writes the first entries. Only an empty ledger takes them. */
export function startNetwork(ledger: Ledger, genesis: Genesis): Decision<undefined> {
  if (ledger.hasGenesis) throw new Error('genesis is read at block 0 only');
  const issued = genesis.accounts.reduce((sum, account) => sum + account.amount, 0n);
  if (issued > genesis.cap) {
    return refuse('INVALID_ARGUMENT', `genesis accounts hold ${issued} rao, the cap is ${genesis.cap}`);
  }
  const parts = genesis.accounts.map(({ account, amount }) => ({ to: account, amount }));
  for (let at = 0; at < parts.length; at += PARTS_MAX) {
    const paid = ledger.book.pay({ asset: genesis.symbol, from: MINT, parts: parts.slice(at, at + PARTS_MAX) });
    if (!paid.ok) return paid;
  }
  const { networkId, ...values } = genesis;
  ledger.network = { genesis, block: 0, blockHash: '', genesisIssued: issued, rewards: 0n, lastNetuid: 0 };
  const entry = ledger.journal.write({ block: 0, kind: 'Genesis', payload: { networkId, values } });
  ledger.network = { ...ledger.network, blockHash: entry.hash };
  if (genesis.emissionPolicy.name === 'RootWeights') openRootNetwork(ledger, genesis.emissionPolicy);
  return accept(undefined);
}
