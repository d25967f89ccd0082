import type { ProposalAction } from '../../src/domain/governance/proposal.ts';
import { testTerms } from '../../src/test/governed.ts';
import { TAO, testGenesis, testHashes } from '../../src/test/ledger-state.ts';
import { submitTransfer, transferKey } from '../../src/domain/economy/money-orders.ts';
import type { Room, Step } from './kill-run.ts';
import { blocks, command, neuron, order, payout, skipTo, subnet } from './steps.ts';

const V1 = { netuid: 1, hotkey: 'v1' };
const propose = (title: string, action: ProposalAction, proposer = 'owner'): Step =>
  order(proposer, 'Propose', { title, description: '', action });
const vote = (proposal: number, choice: 'Yes' | 'No' = 'Yes', wallet = 'desk'): Step =>
  order(wallet, 'Vote', { proposal, choice });
const grant = { type: 'Grant', to: 'ann', amount: 10n * TAO, cliffBlocks: 0, vestingBlocks: 40 } as const;

/** Proposals to each of their ends, a grant, and a treasury that is filled. */
export const governance: Room = {
  name: 'governance',
  genesis: {
    ...testGenesis,
    governance: { ...testTerms, treasuryPpm: 500_000 },
    accounts: [
      ...testGenesis.accounts,
      { account: 'ann', amount: 500n * TAO },
      { account: 'treasury', amount: 100n * TAO },
    ],
  },
  script: () => [
    subnet('sp500'),
    neuron('v1', { initialStake: 100n * TAO }),
    order('ann', 'AddStake', { ...V1, amount: 50n * TAO }),
    ...blocks(10),
    payout(1, 1, 'v1'),
    order('ann', 'DelegateVote', { to: 'desk' }),
    order('ann', 'AnnounceColdkeySwap', { newColdkeySha256: testHashes.text('ann2') }),
    order('ann', 'DisputeColdkeySwap', {}),
    propose('One', grant),
    propose('Two', { type: 'Spend', to: 'builder', amount: TAO }),
    propose('Three', { type: 'Spend', to: 'builder', amount: 5000n * TAO }),
    propose('Four', { type: 'Spend', to: 'builder', amount: 2n * TAO }),
    propose('Five', { type: 'Emission', policy: { name: 'Utility', version: 1 }, fromBlock: 20 }, 'desk'),
    propose('Six', { type: 'SettleDispute', coldkey: 'ann' }, 'desk'),
    propose('Seven', { type: 'Hyperparameters', netuid: 1, changes: { stakeThresholdRao: '5' } }, 'desk'),
    propose('Eight', { type: 'Network', changes: { creditMax: 7n } }, 'desk'),
    order('desk', 'RemoveStake', { ...V1, amount: 20n * TAO }), // votes count by what was there before
    vote(1),
    vote(2),
    vote(3),
    vote(4, 'No'),
    vote(5),
    vote(6),
    vote(7),
    vote(8),
    ...blocks(5), // the votes end
    order('wise', 'Veto', { proposal: 2 }),
    order('old', 'Veto', { proposal: 2 }),
    ...blocks(3), // what passed is carried out, but the third cannot be
    ...blocks(3), // the policy of emission is another
    order('ann', 'ClaimGrant', { grant: 1 }),
    propose('Nine', { type: 'RevokeGrant', grant: 1 }),
    propose('Ten', { type: 'Emission', policy: { name: 'RootWeights', version: 1, tempo: 12 }, fromBlock: 40 }),
    vote(9),
    vote(10),
    ...blocks(8),
    order('ann', 'ClaimGrant', { grant: 1 }),
    subnet('root'), // the root network cannot have its name any more
    ...blocks(12),
    command(
      'fees',
      (ledger) =>
        submitTransfer(ledger, { id: 't', from: 'billing:shop', to: 'network', amount: 4n * TAO, code: 'fee' }),
      [transferKey('t')],
    ),
    skipTo(99),
    ...blocks(1), // the treasury has its part
  ],
};
