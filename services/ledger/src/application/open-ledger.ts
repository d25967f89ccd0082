import { hash } from 'node:crypto';
import type { Genesis } from '#domain/economy/genesis.ts';
import { startNetwork } from '#domain/economy/start-network.ts';
import { stakedNow } from '#domain/governance/voting-power.ts';
import { type Hashes, Ledger } from '#domain/economy/ledger.ts';
import { chainHash } from './chain-hash.ts';
import type { JournalStore, Snapshot } from './ports.ts';
import { Sequencer, type SequencerOptions } from './sequencer.ts';

/** The genesis of this start is not the one that the ledger began with. */
export class GenesisMismatch extends Error {
  override readonly name = 'GenesisMismatch';
}

/** Computes registration ids (hex) of one network; see the signed bytes of an envelope. */
export type RegistrationIdOf = Hashes['registrationId'];

/** The hashes of a network's ledger. */
export function ledgerHashes(registrationId: RegistrationIdOf): Hashes {
  return {
    chain: chainHash(),
    text: (text) => hash('sha256', text),
    registrationId,
  };
}

/**
 * Takes over the store, reads the state and, in an empty store, writes genesis. Balances are stored, so this does not
 * replay the journal. Throws GenesisMismatch when the store belongs to another network.
 */
export async function openLedger(
  options: Omit<SequencerOptions, 'ledger'> & {
    readonly store: JournalStore;
    readonly genesis: Genesis;
    readonly hashes: Hashes;
  },
): Promise<Sequencer> {
  const ledger = new Ledger(options.hashes);
  restore(ledger, await options.store.takeOver());
  if (ledger.hasGenesis) assertSameGenesis(ledger.network.genesis, options.genesis);
  const sequencer = new Sequencer({ ...options, ledger });
  if (!ledger.hasGenesis) {
    const started = await sequencer.submit({ run: (state) => startNetwork(state, options.genesis) });
    if (!started.ok) throw new GenesisMismatch(`genesis is refused: ${started.message}`);
    sequencer.taken.complete(); // the store was empty
  }
  return sequencer;
}

/**
 * Reads from the first entry whose network the store holds; an empty store may become any. A ledger that stands by asks
 * before it waits, since it would be told too late when it takes over. Throws GenesisMismatch when it is another one.
 */
export async function assertNetwork(store: Pick<JournalStore, 'readGenesisText'>, genesis: Genesis): Promise<void> {
  const first = await store.readGenesisText();
  if (first === undefined) return;
  assertSameGenesis(JSON.parse(first) as Pick<Genesis, 'networkId'>, genesis);
}

function restore(ledger: Ledger, snapshot: Snapshot): void {
  ledger.journal.restore(snapshot.head, snapshot.lastEvents);
  for (const account of snapshot.accounts) ledger.book.accounts.restore(account);
  for (const hold of snapshot.holds) {
    ledger.book.holds.restore(hold.id, hold);
    ledger.book.holdIndex.restore(hold);
  }
  const tables = new Map(ledger.documents.map((table) => [table.name, table]));
  for (const { table, key, row } of snapshot.documents) {
    const target = tables.get(table);
    if (target === undefined) throw new Error(`the store holds table ${table}, which this version does not know`);
    target.restore(key, row);
  }
  // Once and before anybody waits: a proposal asks for it, and it reads all accounts.
  if (ledger.hasGenesis && ledger.network.genesis.governance !== undefined) stakedNow(ledger);
}

function assertSameGenesis(stored: Pick<Genesis, 'networkId'>, given: Genesis): void {
  if (stored.networkId === given.networkId) return;
  throw new GenesisMismatch(
    `this ledger began as network ${stored.networkId}, the genesis given now is network ${given.networkId}: ` +
      'give the values of the first start back, or an empty database for a new network',
  );
}
