import type { Invitation } from '../../src/domain/mandates/admission.ts';
import { TAO, testGenesis, testHashes } from '../../src/test/ledger-state.ts';
import { openSession } from '../../src/domain/economy/session.ts';
import type { Room } from './kill-run.ts';
import { blocks, command, newcomer, neuron, order, payout, skipTo, subnet } from './steps.ts';

const HALF = 1n << 63n;
const P1 = { netuid: 1, hotkey: 'p1' };
const invitation: Invitation = {
  sha256: '1f'.repeat(32),
  signer: 'owner',
  netuid: 2,
  hotkey: '',
  maxUses: 2,
  expiresAtBlock: 100_000,
};

/** Who may come in, whose stake counts where, and keys that follow each other. */
export const keys: Room = {
  name: 'keys',
  genesis: {
    ...testGenesis,
    accounts: [...testGenesis.accounts, ...['ann', 'bob'].map((account) => ({ account, amount: 500n * TAO }))],
  },
  script: () => [
    subnet('sp500'),
    subnet('club', { registration: 'Approval', emission: 'Held' }),
    order('ann', 'RequestRegistration', { netuid: 2, hotkey: 'a1' }),
    order('bob', 'RequestRegistration', { netuid: 2, hotkey: 'b1' }),
    order('owner', 'ApproveRegistration', { netuid: 2, hotkey: 'a1' }),
    order('owner', 'DenyRegistration', { netuid: 2, hotkey: 'b1' }),
    order('ann', 'Register', { netuid: 2, hotkey: 'a1', maxCost: 2n * TAO, attempt: 1, initialStake: TAO }),
    order('bob', 'Register', { netuid: 2, hotkey: 'b1', maxCost: 2n * TAO, attempt: 1, initialStake: 0n, invitation }),
    order('bob', 'Deregister', { netuid: 2, hotkey: 'b1' }),
    order('owner', 'RevokeInvitation', { netuid: 2, invitationSha256: invitation.sha256 }),
    neuron('p1', { initialStake: 60n * TAO }),
    newcomer('c', { coldkey: 'bob', initialStake: 10n * TAO }),
    order('ann', 'AddStake', { ...P1, amount: 20n * TAO }),
    order('desk', 'SetChildren', { ...P1, children: [{ hotkey: 'c', proportion: HALF }] }),
    order('bob', 'SetChildTake', { netuid: 1, hotkey: 'c', u16: 3000 }),
    skipTo(7300),
    ...blocks(1), // a seal, after which children count
    payout(1, 1, 'p1'),
    ...blocks(10), // and the one that they are in
    payout(1, 2, 'c', 'p1'),
    order('desk', 'SwapHotkey', { hotkey: 'p1', newHotkey: 'p9', netuid: undefined }),
    order('desk', 'SwapHotkey', { hotkey: 'p9', newHotkey: 'p10', netuid: 1 }),
    order('desk', 'SetChildren', { netuid: 1, hotkey: 'p10', children: [] }),
    command('session', (ledger) =>
      openSession(ledger, {
        id: 'aa'.repeat(32),
        wallet: 'desk',
        publicKey: 'bb'.repeat(32),
        scopes: ['Transfer'],
        maxPerOrder: TAO,
        maxTotal: TAO,
        expiresAtBlock: 100_000,
      }),
    ),
    order('desk', 'AnnounceColdkeySwap', { newColdkeySha256: testHashes.text('desk2') }),
    order('bob', 'AnnounceColdkeySwap', { newColdkeySha256: testHashes.text('bob2') }),
    order('bob', 'DisputeColdkeySwap', {}),
    skipTo(50_000),
    order('desk', 'SwapColdkey', { newColdkey: 'desk2' }),
    ...blocks(1),
    payout(1, 3, 'p10', 'c'),
    order('desk2', 'RemoveStake', { netuid: 1, hotkey: 'p10', amount: TAO }),
  ],
};
