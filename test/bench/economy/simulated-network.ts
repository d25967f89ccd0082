import { FORECAST } from '@subnetes/ledger/test/forecast-mechanism';
import { createHash } from 'node:crypto';
import { ledgerHashes } from '@subnetes/ledger/application/open-ledger';
import type { Entry } from '@subnetes/ledger/domain/book/journal';
import type { Decision } from '@subnetes/ledger/domain/book/refusal';
import type { Genesis } from '@subnetes/ledger/domain/economy/genesis';
import { Ledger } from '@subnetes/ledger/domain/economy/ledger';
import type { Mandate } from '@subnetes/ledger/domain/economy/mandate';
import { putSubnet } from '@subnetes/ledger/domain/economy/put-subnet';
import { register } from '@subnetes/ledger/domain/economy/registration';
import { startNetwork } from '@subnetes/ledger/domain/economy/start-network';
import { carryOut, type WalletOrder } from '@subnetes/ledger/domain/economy/wallet-order';

export const TAO = 1_000_000_000n;

/** How large a network is. */
export interface Scale {
  readonly subnets: number;
  /** Of each subnet; its first uids. */
  readonly validators: number;
  readonly miners: number;
  readonly nominators: number;
  readonly tempo: number;
}

export const OWNER = 'owner';
export const DESK = 'desk';
const NOMINATOR_TAO = 2n;
export const NEVER = 1_000_000_000;

/**
 * A supply of which two halvings fall within twenty thousand blocks' rewards: nine twentieths are issued at genesis. What is
 * registered and staked leaves little over, so that stakes grow slowly, as in a market of its age.
 */
export function scaledGenesis({ nominators }: Scale): Genesis {
  const accounts = [
    { account: OWNER, amount: TAO },
    ...Array.from({ length: nominators }, (_, at) => ({ account: nominator(at), amount: NOMINATOR_TAO * TAO })),
  ];
  const given = accounts.reduce((sum, { amount }) => sum + amount, 0n);
  return {
    networkId: 'e'.repeat(64),
    symbol: 'TAO',
    decimals: 9,
    cap: 200_000n * TAO,
    blockTimeMs: 12_000,
    blockReward: 10n * TAO,
    halving: 'ByIssuance',
    emissionPolicy: { name: 'Equal', version: 1 },
    accounts: [...accounts, { account: DESK, amount: 90_000n * TAO - given }],
  };
}

export function nominator(at: number): string {
  return `nominator-${at}`;
}

export function hotkey(netuid: number, uid: number): string {
  return `hotkey-${netuid}-${uid}`;
}

export function coldkey(netuid: number, uid: number): string {
  return `coldkey-${netuid}-${uid}`;
}

export const HASHES = ledgerHashes((registration) =>
  createHash('sha256').update(JSON.stringify(registration)).digest('hex'),
);

/** A command of the ledger that the bench knows to be good. */
export type Command = <T>(run: (ledger: Ledger) => Decision<T>) => T;

/** A ledger in memory, after genesis; `command` throws where it is refused. */
export function openInMemory(genesis: Genesis): { readonly ledger: Ledger; readonly command: Command } {
  const ledger = new Ledger(HASHES);
  const command: Command = (run) => {
    const decision = ledger.decide(run);
    if (!decision.ok) throw new Error(`${decision.code}: ${decision.message}`);
    return decision.value;
  };
  command((state) => startNetwork(state, genesis));
  return { ledger, command };
}

const CAUSE = { cluster: 'c', kind: 'Subnet', namespace: 'bench', objectUid: 'u', generation: 1 };
const MANDATE: Mandate = {
  sha256: 'f'.repeat(64),
  payer: OWNER,
  owner: OWNER,
  cluster: 'c',
  namespace: 'bench',
  operations: ['SetPolicy'],
  netuids: [],
  maxPerOperation: 0n,
  maxTotal: 0n,
  notAfterBlock: NEVER,
};

/** Commands that found a subnet and fill all its places: validators with a stake of their own, each another one, and miners. */
export function foundingOf(scale: Scale, netuid: number): readonly ((ledger: Ledger) => Decision<unknown>)[] {
  const { validators, miners, tempo } = scale;
  const handle = `subnet-${netuid}`;
  const policy = {
    hyperparameters: {
      tempo,
      maxUids: validators + miners,
      maxValidators: validators,
      commitReveal: 'Off' as const,
      activityCutoffBlocks: 60_000,
    },
    mechanisms: [FORECAST],
  };
  return [
    (ledger) =>
      putSubnet(ledger, {
        netuid: 0,
        handle,
        policy,
        emission: 'Started',
        registration: 'Open',
        mandate: MANDATE,
        cause: { ...CAUSE, name: handle },
      }),
    ...Array.from({ length: validators + miners }, (_, uid) => (ledger: Ledger) => {
      const stake = uid < validators ? 5n * TAO + (BigInt((uid * 7919 + netuid * 104_729) % 1000) * TAO) / 100n : 0n;
      return register(ledger, {
        netuid,
        hotkey: hotkey(netuid, uid),
        coldkey: coldkey(netuid, uid),
        payer: DESK,
        maxCost: TAO,
        initialStake: stake,
        attempt: 1,
        mandate: null,
        cause: null,
      });
    }),
  ];
}

/** Carries out orders of wallets as if their signatures had been verified. */
export class SignedWallets {
  readonly #sequences = new Map<string, number>();

  /** The command of a wallet's next order. */
  next(signer: string, order: WalletOrder): (ledger: Ledger) => Decision<unknown> {
    const sequence = (this.#sequences.get(signer) ?? 0) + 1;
    this.#sequences.set(signer, sequence);
    return (ledger) => carryOut(ledger, { signer, sequence, expiresAtBlock: NEVER, order });
  }
}

/** Takes what a store would be given, so that it does not pile up; answers the entries. */
export function drain({ journal, book, documents }: Ledger): readonly Entry[] {
  book.accounts.takeChanges();
  book.holds.takeChanges();
  for (const table of documents) table.takeChanges();
  return journal.takeEntries();
}
