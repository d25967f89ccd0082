import { openDatabase } from '@subnetes/runtime/postgres';
import { openFundedLedger } from './funded-ledger.ts';
import { type Load, runLoad, uniformTransfers } from './load.ts';
import { loadJournal } from './loaded-journal.ts';

/** Accounts that pay each other while it is measured; as many more come with each load. */
const ACCOUNTS = 100_000;
/** Before and after: a journal ten times as long. */
const GROWTH_ENTRIES = { at1M: 1_000_000, at10M: 10_000_000 } as const;

export interface GrowthFigures {
  /** Uniform transfers a second, by how long the journal is. */
  readonly at1M: number;
  readonly at10M: number;
  readonly ratio: number;
}

/** Brings the journal of a ledger that is stopped to so many entries, and the server to rest. */
async function growTo(databaseUrl: string, entries: number): Promise<void> {
  await (await openFundedLedger(databaseUrl, ACCOUNTS))[Symbol.asyncDispose]();
  await using database = await openDatabase({ url: databaseUrl, statementTimeoutMs: 600_000 });
  const [writer] = await database.query<{ last_sequence: bigint }>('SELECT last_sequence FROM writer');
  const missing = entries - Number(writer?.last_sequence ?? 0n);
  const prefix = `g${entries}-`;
  await loadJournal({ databaseUrl, payer: 'billing:u0', entries: missing, accounts: ACCOUNTS, prefix });
  // Else the server does both while it is measured.
  await database.script('VACUUM');
  await database.script('CHECKPOINT');
}

/** Uniform transfers a second, once pages that were not written since the checkpoint have been met. */
async function throughputOf(databaseUrl: string, load: Load, run: string): Promise<number> {
  await using ledger = await openFundedLedger(databaseUrl, ACCOUNTS);
  await runLoad(load, uniformTransfers(ledger, `${run}w`));
  return (await runLoad(load, uniformTransfers(ledger, run))).tps;
}

export async function measureGrowth(
  databaseUrl: string,
  load: Load,
  progress: (line: string) => void,
): Promise<GrowthFigures> {
  const measureAt = async (name: keyof typeof GROWTH_ENTRIES): Promise<number> => {
    progress(`loading the journal up to ${GROWTH_ENTRIES[name]} entries`);
    await growTo(databaseUrl, GROWTH_ENTRIES[name]);
    const tps = await throughputOf(databaseUrl, load, name);
    progress(`growth: ${Math.round(tps)}/s with ${GROWTH_ENTRIES[name]} entries`);
    return tps;
  };
  const at1M = await measureAt('at1M');
  const at10M = await measureAt('at10M');
  return { at1M, at10M, ratio: at10M / at1M };
}
