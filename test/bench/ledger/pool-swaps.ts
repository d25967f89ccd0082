import { FORECAST } from '@subnetes/ledger/test/forecast-mechanism';
import { openStore } from '@subnetes/ledger/adapters/open-store';
import { ledgerHashes, openLedger } from '@subnetes/ledger/application/open-ledger';
import type { Sequencer } from '@subnetes/ledger/application/sequencer';
import type { Decision } from '@subnetes/ledger/domain/book/refusal';
import type { Genesis } from '@subnetes/ledger/domain/economy/genesis';
import { produceBlock } from '@subnetes/ledger/domain/economy/emission';
import type { Ledger } from '@subnetes/ledger/domain/economy/ledger';
import { putSubnet } from '@subnetes/ledger/domain/economy/put-subnet';
import { carryOut } from '@subnetes/ledger/domain/economy/wallet-order';
import { TOKEN_DEFAULTS } from '@subnetes/ledger/domain/pools/token-terms';
import { LEDGER_MIGRATIONS } from './funded-ledger.ts';
import { percentile } from './percentile.ts';

const TAO = 1_000_000_000n;
const SWAPS = 1000;

/** Swaps of one wallet, one after the other, each decided, stored and answered; at weights that are no half any more. */
export async function measureSwaps(url: string): Promise<{ readonly p50Ms: number; readonly p99Ms: number }> {
  await using opened = await openStore({ url, migrations: LEDGER_MIGRATIONS });
  const halted = Promise.withResolvers<never>();
  halted.promise.catch(() => {}); // the call that met it rejects too
  const sequencer = await openLedger({
    store: opened.store,
    genesis: genesis(),
    hashes: ledgerHashes(({ netuid, hotkey, block }) => `${netuid}/${hotkey}/${block}`),
    monotonicMs: () => performance.now(),
    retryDelay: () => Promise.reject(new Error('the database is away')),
    onHalt: halted.reject,
  });
  try {
    await done(sequencer, openSubnet);
    await done(sequencer, (ledger) => produceBlock(ledger, 0));
    const times: number[] = [];
    for (let at = 1; at <= SWAPS; at += 1) {
      const amount = 3_000_000n + BigInt(at);
      const order = { type: 'SwapBuy', netuid: 1, amount, minOut: 1n, allowPartial: false } as const;
      const started = performance.now();
      await done(sequencer, (ledger) =>
        carryOut(ledger, { signer: 'trader', sequence: at, expiresAtBlock: 1000, order }),
      );
      times.push(performance.now() - started);
    }
    return { p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
  } finally {
    await sequencer.close();
  }
}

async function done(sequencer: Sequencer, run: (ledger: Ledger) => Decision<unknown>): Promise<void> {
  const decision = await sequencer.submit({ run });
  if (!decision.ok) throw new Error(`${decision.code}: ${decision.message}`);
}

function openSubnet(ledger: Ledger): Decision<unknown> {
  const names = { cluster: 'bench', namespace: 'bench' };
  return putSubnet(ledger, {
    netuid: 0,
    handle: 'bench',
    policy: { mechanisms: [FORECAST] },
    emission: 'Started',
    registration: 'Open',
    cause: { ...names, kind: 'Subnet', name: 'bench', objectUid: 'bench', generation: 1 },
    mandate: {
      ...names,
      sha256: 'bench',
      payer: 'owner',
      owner: 'owner',
      operations: ['CreateSubnet', 'SetPolicy'],
      netuids: [],
      maxPerOperation: 1000n * TAO,
      maxTotal: 1000n * TAO,
      notAfterBlock: 1000,
    },
  });
}

function genesis(): Genesis {
  return {
    networkId: 'b'.repeat(64),
    symbol: 'TAO',
    decimals: 9,
    cap: 21_000_000n * TAO,
    blockTimeMs: 1000,
    blockReward: TAO,
    halving: 'ByIssuance',
    emissionPolicy: { name: 'Equal', version: 1 },
    subnetTokens: { ...TOKEN_DEFAULTS, type: 'Balancer', initialLiquidity: 100n * TAO, poolPpm: 500_000 },
    accounts: ['owner', 'trader'].map((account) => ({ account, amount: 1000n * TAO })),
  };
}
