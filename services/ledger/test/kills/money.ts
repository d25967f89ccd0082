import { accept } from '../../src/domain/book/refusal.ts';
import { type AccountChange, accountOrderKey, changeAccount } from '../../src/domain/economy/account-orders.ts';
import { carryOutOrder, keysOf, type MoneyOrder } from '../../src/domain/economy/money-order.ts';
import { carryOutBatch, openSession, type SessionOrder } from '../../src/domain/economy/session.ts';
import { makeMoveMoney } from '../../src/application/move-money.ts';
import { TAO, testGenesis } from '../../src/test/ledger-state.ts';
import type { Room, Step } from './kill-run.ts';
import { blocks, command, neuron, order, subnet } from './steps.ts';

const SHOP = 'billing:shop';
const EACH = { code: 'sale' };

/** Billing's orders that all happen or none does. */
function moved(name: string, ...orders: readonly MoneyOrder[]): Step {
  return {
    name,
    async send(ledger) {
      const linked = orders.map((each, at) => ({ order: each, linked: at < orders.length - 1 }));
      const [first] = await makeMoveMoney(ledger)(linked);
      return first ?? accept(undefined);
    },
  };
}

function transfer(id: string, to: string, amount: bigint): MoneyOrder {
  return { type: 'Transfer', request: { id, from: SHOP, to, amount, ...EACH } };
}

function hold(id: string, amount: bigint, expiresAtBlock: number): MoneyOrder {
  return { type: 'Hold', request: { id, account: SHOP, amount, expiresAtBlock } };
}

function account(id: string, change: AccountChange): Step {
  const wanted = { id, account: 'billing:credit', change, actor: 'billing' } as const;
  return command(`account ${change.type}`, (ledger) => changeAccount(ledger, wanted), [accountOrderKey(id)]);
}

const SESSION = { id: 'aa'.repeat(32), wallet: 'desk', expiresAtBlock: 1000 };

function batch(sequence: number, orders: readonly SessionOrder[]): Step {
  const { id: sessionId, ...rest } = SESSION;
  return command(`batch ${sequence} of a session`, (ledger) =>
    carryOutBatch(ledger, { sessionId, ...rest, sequence, orders }),
  );
}

const burning: MoneyOrder = {
  type: 'Post',
  request: {
    id: 'p2',
    holdId: 'h1',
    parts: [
      { to: 'owner', amount: 300n, ...EACH },
      { to: 'burned', amount: 100n, ...EACH, netuid: 1 },
    ],
    close: true,
  },
};
const feeBurned = (): Step =>
  command('posting that burns a market’s fee and closes', (ledger) => carryOutOrder(ledger, burning), keysOf(burning));

export const money: Room = {
  name: 'money',
  genesis: { ...testGenesis, emissionPolicy: { name: 'Utility', version: 1 }, creditMax: 50n * TAO },
  script: () => [
    subnet('sp500'),
    neuron('v1', { initialStake: 10n * TAO }),
    order('desk', 'Transfer', { to: 'ann', amount: 3n * TAO }),
    moved('transfer', transfer('t1', 'billing:other', 7n)),
    moved('hold', hold('h1', 1000n, 50)),
    moved('posting in part', {
      type: 'Post',
      request: { id: 'p1', holdId: 'h1', parts: [{ to: 'billing:other', amount: 200n, ...EACH }], close: false },
    }),
    feeBurned(),
    ...blocks(2), // the fee is split by
    moved('second hold', hold('h2', 500n, 90)),
    moved('void', { type: 'Void', request: { id: 'h2' } }),
    moved('transfer to be reversed', transfer('t2', 'billing:other', 9n)),
    moved('reversal', {
      type: 'Reverse',
      request: { id: 'r1', reverses: 'transfer:t2', code: 'refund' },
      original: undefined,
    }),
    moved('linked orders', transfer('t3', 'network', 2n), hold('h3', 60n, 4), transfer('t4', 'billing:other', 1n)),
    ...blocks(2), // the hold ends
    account('a1', { type: 'Open', owner: 'desk', floor: -20n * TAO, limit: 90n * TAO }),
    account('a2', { type: 'Limits', floor: -10n * TAO, limit: null }),
    moved('credit', {
      type: 'Transfer',
      request: { id: 't5', from: 'billing:credit', to: 'billing:other', amount: 4n * TAO, ...EACH },
    }),
    account('a3', { type: 'Freeze', frozen: true }),
    account('a4', { type: 'Freeze', frozen: false }),
    moved('credit is paid back', transfer('t6', 'billing:credit', 5n * TAO)),
    account('a5', { type: 'Close', to: SHOP }),
    command('session', (ledger) =>
      openSession(ledger, {
        ...SESSION,
        publicKey: 'bb'.repeat(32),
        scopes: ['Fund', 'Transfer', 'Stake'],
        maxPerOrder: 5n * TAO,
        maxTotal: 20n * TAO,
      }),
    ),
    batch(1, [
      { type: 'Transfer', to: SHOP, amount: TAO, code: 'fund' },
      { type: 'Transfer', to: 'ann', amount: 2n * TAO, code: '' },
      { type: 'AddStake', netuid: 1, hotkey: 'v1', amount: 3n * TAO },
    ]),
    order('desk', 'RevokeSession', { sessionId: SESSION.id }),
  ],
};
