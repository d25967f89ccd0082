import type { Ledger } from '../../src/domain/economy/ledger.ts';
import { reportEvidence } from '../../src/domain/slashing/report.ts';
import { TAO } from '../../src/test/ledger-state.ts';
import { doubleSigning, slashingGenesis, slashingTerms } from '../../src/test/slashing-market.ts';
import type { Room, Step } from './kill-run.ts';
import { blocks, command, leave, neuron, order, payout, subnet } from './steps.ts';

const V1 = { netuid: 1, hotkey: 'v1' };

/** Somebody shows two contents that v1 signed under one sequence. */
function report(sequence: string): Step {
  return order('eve', 'ReportDoubleSigning', (ledger) => doubleSigning(ledger, { sequence, evidenceSha256: sequence }));
}

/** The slash that was reported last. */
function lastSlash(ledger: Ledger): { readonly slashId: string } {
  const slashes = [...ledger.slashes.values()].toSorted((a, b) => (a.instance < b.instance ? -1 : 1));
  return { slashId: slashes.at(-1)?.id ?? '' };
}

/** Slashes that nobody disputes, that are upheld and that are dropped, of stake that stays and that runs away. */
export const slashes: Room = {
  name: 'slashes',
  genesis: {
    ...slashingGenesis,
    slashing: { ...slashingTerms, windowBlocks: 40 }, // after which the first ones leave the table
    accounts: [
      ...slashingGenesis.accounts,
      ...['ann', 'eve', 'arb1', 'arb2', 'arb3'].map((account) => ({ account, amount: 500n * TAO })),
    ],
  },
  script: () => [
    subnet('sp500'),
    neuron('v1', { initialStake: 100n * TAO }),
    neuron('v2', { initialStake: 50n * TAO }),
    order('ann', 'AddStake', { ...V1, amount: 40n * TAO }),
    ...blocks(10),
    payout(1, 1, 'v1'),
    report('1'),
    order('ann', 'RemoveStake', { ...V1, amount: 10n * TAO }),
    order('desk', 'MoveStake', { ...V1, toNetuid: 1, toHotkey: 'v2', amount: 20n * TAO }),
    ...blocks(11), // nobody disputed it
    report('2'),
    order('desk', 'DisputeSlash', (ledger) => ({ ...lastSlash(ledger), statement: 'no' })),
    order('arb1', 'VoteSlash', (ledger) => ({ ...lastSlash(ledger), upholds: true })),
    order('arb2', 'VoteSlash', (ledger) => ({ ...lastSlash(ledger), upholds: true })),
    report('3'),
    order('desk', 'DisputeSlash', (ledger) => ({ ...lastSlash(ledger), statement: '' })),
    order('arb3', 'VoteSlash', (ledger) => ({ ...lastSlash(ledger), upholds: false })),
    command('word of scoring', (ledger) => {
      const { registrationId = '' } = ledger.neuronByHotkey(1, 'v2') ?? {};
      const fault = { netuid: 1, hotkey: 'v2', registrationId, type: 'FailedAudits', offenceBlock: 5 } as const;
      return reportEvidence(ledger, {
        ...fault,
        fromEpoch: 1,
        toEpoch: 1,
        measured: 9,
        evidenceSha256: '9'.repeat(64),
      });
    }),
    leave('v2'), // what it had answers all the same
    neuron('v2', { attempt: 2, initialStake: TAO }),
    ...blocks(26), // one is upheld, one is dropped
    ...blocks(20), // what was held for them is released
  ],
};
