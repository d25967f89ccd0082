import { linkChildren } from '#domain/children/links.ts';
import {
  done,
  enroll,
  mandateOf,
  causeOf,
  newLedger,
  orderBy,
  put,
  TAO,
  testGenesis,
  testPolicy,
} from './ledger-state.ts';
import type { SimulatedMarket } from './simulated-blocks.ts';
import { SimulatedScoring, steadyRates } from './simulated-scoring.ts';

/** Who validates in which subnet, and after how many blocks each seals: some in several, `v6` in none that `v1` is in. */
const MARKETS = [
  { tempo: 20, validators: ['v0', 'v1', 'v2', 'v3', 'kid'] },
  { tempo: 25, validators: ['v1', 'v2', 'v3', 'v4'] },
  { tempo: 16, validators: ['v4', 'v5', 'v6'] },
] as const;
const MINERS = ['m0', 'm1', 'm2', 'm3'] as const;

export interface LinkedMarkets {
  readonly seed: number;
  /** Whether validators of the first subnet give stake to others; one of these has none itself. */
  readonly hasChildren?: boolean;
  /** Whether a validator and a miner of the first subnet have their earnings staked. */
  readonly isStaking?: boolean;
}

/**
 * Three subnets whose validators share what stands on root behind them, two by two; takes differ, and issuance halves after some
 * thousand blocks.
 */
export function linkedMarkets({ seed, hasChildren = false, isStaking = false }: LinkedMarkets): SimulatedMarket {
  const accounts = [
    { account: 'owner', amount: 100n * TAO },
    { account: 'desk', amount: 20_000n * TAO },
    ...['ann', 'bob', 'cy'].map((account) => ({ account, amount: 2000n * TAO })),
  ];
  const ledger = newLedger({ ...testGenesis, cap: 52_000n * TAO, accounts, rootStakeWeightPpm: 180_000 });
  for (const [at, { tempo, validators }] of MARKETS.entries()) {
    const netuid = at + 1;
    const hyperparameters = { ...testPolicy.hyperparameters, tempo, maxUids: 16, commitReveal: 'Off' as const };
    done(put(ledger, `market-${at}`, { policy: { ...testPolicy, hyperparameters } }));
    for (const [index, hotkey] of [...validators, ...MINERS].entries()) {
      const coldkey = hotkey === 'kid' ? 'cy' : 'desk';
      const mandate = mandateOf(coldkey, { maxTotal: 19_000n * TAO });
      const stake = index < validators.length ? BigInt(500 + ((seed * 37 + 170 * index * netuid) % 700)) : 0n;
      const initialStake = hotkey === 'kid' ? 0n : stake * TAO;
      done(enroll(ledger, hotkey, { netuid, initialStake, mandate, coldkey, payer: coldkey, cause: causeOf(hotkey) }));
    }
  }
  const order = (wallet: string, what: Parameters<typeof orderBy>[2]) => done(orderBy(ledger, wallet, what));
  order('desk', { type: 'SetTake', hotkey: 'v1', u16: 3000 });
  const stake = (wallet: string, hotkey: string, tokens: bigint, netuid = 0) =>
    order(wallet, { type: 'AddStake', netuid, hotkey, amount: tokens * TAO });
  stake('ann', 'v1', 400n);
  stake('bob', 'v1', 300n);
  stake('bob', 'v2', 250n);
  stake('bob', 'v4', 450n);
  stake('ann', 'v2', 100n, 1);
  stake('ann', 'v3', 200n, 1);
  if (hasChildren) {
    order('cy', { type: 'SetChildTake', netuid: 1, hotkey: 'kid', u16: 5000 });
    done(
      ledger.decide((state) => {
        const [half, quarter] = [1n << 63n, 1n << 62n];
        linkChildren(state, 1, 'v1', [
          { hotkey: 'v2', proportion: quarter },
          { hotkey: 'kid', proportion: half },
        ]);
        linkChildren(state, 1, 'v0', [{ hotkey: 'v3', proportion: quarter }]);
        state.journal.write({ block: state.block, kind: 'Test', payload: {} });
        return { ok: true, value: undefined };
      }),
    );
  }
  for (const hotkey of isStaking ? ['v0', 'm1'] : []) {
    order('desk', { type: 'SetAutoStake', netuid: 1, hotkey, isOn: true });
  }
  const scoring = new SimulatedScoring(steadyRates({ seed, isMiner: ({ hotkey }) => hotkey.startsWith('m') }));
  return { ledger, scoring };
}
