import type { Mandate } from '../../src/domain/economy/mandate.ts';
import { deregister, raiseStake } from '../../src/domain/economy/stake.ts';
import type { WalletOrder } from '../../src/domain/economy/wallet-order.ts';
import { dissolveByMandate } from '../../src/domain/life/dissolution.ts';
import { carryOutMandated, mandatedKey } from '../../src/domain/mandates/mandated-order.ts';
import { causeOf, mandateOf, TAO, testGenesis } from '../../src/test/ledger-state.ts';
import type { Room, Step } from './kill-run.ts';
import { blocks, command, neuron, order, subnet } from './steps.ts';

const OPERATIONS = [
  'Stake',
  'Delegate',
  'RemoveStake',
  'MoveStake',
  'SetTake',
  'SetChildren',
  'Transfer',
  'SwapHotkey',
];
const mandate: Mandate = mandateOf('desk', {
  sha256: 'm',
  operations: OPERATIONS,
  transferTo: ['ann'],
  limits: [{ operation: 'Transfer', maxPerOperation: TAO, maxTotal: 2n * TAO }],
});
const V1 = { netuid: 1, hotkey: 'v1' };

function mandated(id: string, wanted: WalletOrder): Step {
  const asked = { id, order: wanted, mandate, cause: causeOf('desk-1') };
  return command(`${wanted.type} by mandate`, (ledger) => carryOutMandated(ledger, asked), [mandatedKey(asked)]);
}

/** What a namespace does in the name of a coldkey, and what a sponsor does for one. */
export const mandates: Room = {
  name: 'mandates',
  genesis: { ...testGenesis, subnetRemoval: { noticeBlocks: 3 } },
  script: () => [
    subnet('sp500'),
    subnet('sp500', { registration: 'Sponsored' }),
    // The owner of the subnet pays for what is desk's.
    neuron('s1', {
      payer: 'owner',
      mandate: mandateOf('owner', { owner: 'desk', sha256: 'sponsor' }),
      initialStake: TAO,
    }),
    subnet('sp500'),
    neuron('v1', { initialStake: 20n * TAO }),
    neuron('o1', { coldkey: 'owner', initialStake: 9n * TAO }),
    command('target of stake', (ledger) =>
      raiseStake(ledger, { ...V1, target: 25n * TAO, mandate: mandateOf('desk'), cause: causeOf('v1') }),
    ),
    mandated('a', { type: 'AddStake', ...V1, amount: 2n * TAO }),
    mandated('b', { type: 'AddStake', netuid: 1, hotkey: 'o1', amount: 3n * TAO }),
    mandated('c', { type: 'RemoveStake', ...V1, amount: TAO }),
    mandated('d', { type: 'MoveStake', ...V1, toNetuid: 1, toHotkey: 's1', amount: TAO }),
    mandated('e', { type: 'SetTake', hotkey: 'v1', u16: 100 }),
    mandated('f', { type: 'Transfer', to: 'ann', amount: TAO }),
    mandated('g', { type: 'SwapHotkey', hotkey: 'v1', newHotkey: 'v9', netuid: 1 }),
    order('desk', 'RevokeMandate', { mandateSha256: 'm' }),
    command('deregistration', (ledger) =>
      deregister(ledger, { netuid: 1, hotkey: 'v9', mandate: mandateOf('desk'), cause: causeOf('v1') }),
    ),
    command('end of a subnet by mandate', (ledger) =>
      dissolveByMandate(ledger, {
        netuid: 1,
        atBlock: 0,
        mandate: mandateOf('owner'),
        cause: causeOf('sp500', { kind: 'Subnet' }),
      }),
    ),
    ...blocks(1),
  ],
};
