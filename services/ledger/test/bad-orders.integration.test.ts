import { isDeepStrictEqual } from 'node:util';
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { signEnvelope } from '@subnetes/keys/envelope';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { type WalletOrder, WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { RpcError } from '@subnetes/proto/rpc-error';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bindingOf, desk, keyOf, mandateOf, owner, putSubnetOf, registerOf } from './market.ts';
import { genesisOf, type ServedLedger, serveLedger } from './served-ledger.ts';

/** Orders that are wrong in themselves, of every kind that names an amount: refused by a stable code, and nothing happens. */
const given = genesisOf({ subnetTokens: { type: 'Balancer', initialLiquidity: '100' } });
const network = given.networkId;
const HOTKEY = keyOf('val-a').address;
const STAKE_RAO = 50_000_000_000n;
/** A key under Polkadot's prefix 0. */
const OTHER_PREFIX = '15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5';
const OVER_U64 = String(2n ** 64n);

type Order = WalletOrder['order'];

const transfer = (amountRao: string, to = owner.address): Order => ({
  case: 'transfer',
  value: { $typeName: 'subnetes.ledger.v1.TransferOrder', to, amountRao },
});
const swap = { netuid: 1, limitPriceRao: '', allowPartial: false };

/** All members but the amount are right. */
const ORDERS: Readonly<Record<string, (amount: string) => Order>> = {
  transfer,
  addStake: (amountRao) => ({
    case: 'addStake',
    value: { $typeName: 'subnetes.ledger.v1.AddStakeOrder', netuid: 1, hotkey: HOTKEY, amountRao },
  }),
  removeStake: (amountRao) => ({
    case: 'removeStake',
    value: { $typeName: 'subnetes.ledger.v1.RemoveStakeOrder', netuid: 1, hotkey: HOTKEY, amountRao },
  }),
  moveStake: (amountRao) => ({
    case: 'moveStake',
    value: {
      $typeName: 'subnetes.ledger.v1.MoveStakeOrder',
      netuid: 1,
      hotkey: HOTKEY,
      toNetuid: 1,
      toHotkey: keyOf('val-b').address,
      amountRao,
    },
  }),
  swapBuy: (amountRao) => ({
    case: 'swapBuy',
    value: { $typeName: 'subnetes.ledger.v1.SwapBuyOrder', ...swap, amountRao, minOut: '1' },
  }),
  swapSell: (amount) => ({
    case: 'swapSell',
    value: { $typeName: 'subnetes.ledger.v1.SwapSellOrder', ...swap, amount, minOutRao: '1' },
  }),
  transferAlpha: (amount) => ({
    case: 'transferAlpha',
    value: { $typeName: 'subnetes.ledger.v1.TransferAlphaOrder', netuid: 1, to: owner.address, amount },
  }),
};

type OrderInit = MessageInitShape<typeof WalletOrderSchema>['order'];
const orderIn = (order: NonNullable<OrderInit>): Order => create(WalletOrderSchema, { order }).order;
const spendOf = (amountRao: string) => ({ case: 'spend', value: { to: owner.address, amountRao } }) as const;
const grantOf = (amountRao: string) =>
  ({ case: 'grant', value: { to: owner.address, amountRao, cliffBlocks: 1, vestingBlocks: 9 } }) as const;
const proposed = (action: ReturnType<typeof spendOf> | ReturnType<typeof grantOf>): Order =>
  orderIn({ case: 'propose', value: { title: 'money', action: { action } } });
const changed = (network: object): Order =>
  orderIn({ case: 'propose', value: { title: 'money', action: { action: { case: 'network', value: network } } } });
const registration = () => ({ netuid: 1, binding: bindingOf(keyOf('val-c'), desk, network), attempt: 1n });
const slashing = { conditions: [{ type: 'DoubleSigning', ppm: 1 }], disputeBlocks: 1, decisionBlocks: 1 };

/** Every other text that is money or a price, by its place in the order: all else is right, as far as it is read before. */
const FIELDS: Readonly<Record<string, (text: string) => Order>> = {
  'swapBuy.minOut': (minOut) => orderIn({ case: 'swapBuy', value: { netuid: 1, amountRao: '5000000', minOut } }),
  'swapBuy.limitPriceRao': (limitPriceRao) =>
    orderIn({ case: 'swapBuy', value: { netuid: 1, amountRao: '5000000', limitPriceRao } }),
  'swapSell.minOutRao': (minOutRao) => orderIn({ case: 'swapSell', value: { netuid: 1, amount: '5', minOutRao } }),
  'swapSell.limitPriceRao': (limitPriceRao) =>
    orderIn({ case: 'swapSell', value: { netuid: 1, amount: '5', limitPriceRao } }),
  'rebond.amountRao': (amountRao) => orderIn({ case: 'rebond', value: { unbondingId: 1n, amountRao } }),
  'register.maxCostRao': (maxCostRao) => orderIn({ case: 'register', value: { ...registration(), maxCostRao } }),
  'register.initialStakeRao': (initialStakeRao) =>
    orderIn({ case: 'register', value: { ...registration(), maxCostRao: '1000000000', initialStakeRao } }),
  'matchEviction.maxCostRao': (maxCostRao) =>
    orderIn({ case: 'matchEviction', value: { netuid: 1, hotkey: HOTKEY, maxCostRao } }),
  'keepSubnet.maxCostRao': (maxCostRao) => orderIn({ case: 'keepSubnet', value: { netuid: 1, maxCostRao } }),
  'createSubnet.maxCostRao': (maxCostRao) => {
    const { policy } = putSubnetOf('other');
    return orderIn({
      case: 'createSubnet',
      value: { handle: 'other', policy, emission: 2, registration: 1, maxCostRao },
    });
  },
  'propose.spend.amountRao': (amountRao) => proposed(spendOf(amountRao)),
  'propose.grant.amountRao': (amountRao) => proposed(grantOf(amountRao)),
  'propose.network.creditMaxRao': (creditMaxRao) => changed({ creditMaxRao }),
  'propose.network.blockRewardRao': (blockRewardRao) => changed({ blockRewardRao }),
  'propose.network.burnBounds.minBelowRao': (minBelowRao) => changed({ burnBounds: { minBelowRao, maxAboveRao: '9' } }),
  'propose.network.burnBounds.maxAboveRao': (maxAboveRao) => changed({ burnBounds: { minBelowRao: '9', maxAboveRao } }),
  'propose.network.governance.depositRao': (depositRao) => changed({ governance: { depositRao } }),
  'propose.network.slashing.reportDepositRao': (reportDepositRao) =>
    changed({ slashing: { ...slashing, reportDepositRao } }),
  'propose.network.slashing.conditions.maxRao': (maxRao) =>
    changed({
      slashing: { ...slashing, conditions: [{ type: 'DoubleSigning', ppm: 1, maxRao }], reportDepositRao: '9' },
    }),
};

/** Texts of an order that are money, by their place; a policy has its own rules for what it names. */
function moneyOf(message: DescMessage, place: readonly string[] = []): readonly string[] {
  return message.fields.flatMap((field) => {
    const here = [...place, field.localName].filter((name) => name !== 'action');
    if (field.message !== undefined && !/Policy|Envelope|Hyperparameter/.test(field.message.name)) {
      return moneyOf(field.message, here);
    }
    return /(Rao|^amount|^minOut)$/.test(field.localName) ? [here.join('.')] : [];
  });
}

let served: ServedLedger;

interface Signing {
  readonly key?: typeof desk;
  readonly sequence?: bigint;
  readonly expiresAtBlock?: bigint;
  readonly signer?: string;
}

function submit(order: Order, signing: Signing = {}) {
  const { key = desk, sequence = 1n, expiresAtBlock = 1_000_000n, signer = key.address } = signing;
  const payload = toBinary(WalletOrderSchema, create(WalletOrderSchema, { order }));
  const terms = { networkId: network, type: EnvelopeType.WALLET_ORDER, sequence, expiresAtBlock, payload };
  return served.neuron.submitOrder({ order: { ...signEnvelope(terms, key), signer } });
}

async function allMoney(): Promise<unknown> {
  const { accounts } = await served.neuron.listAccounts({});
  const { holdings } = await served.pools.listHoldings({ account: desk.address });
  // Without what they are as of.
  return { accounts: accounts.map(({ sequence: _sequence, block: _block, ...account }) => account), holdings };
}

beforeAll(async () => {
  served = await serveLedger(given);
  await served.operator.putSubnet(putSubnetOf('sp500', mandateOf(owner, { networkId: network })));
  for (const name of ['val-a', 'val-b']) {
    const mandate = mandateOf(desk, { networkId: network });
    const stakeRao = name === 'val-a' ? String(STAKE_RAO) : '';
    await served.operator.register(registerOf(1, name, { networkId: network, mandate, stakeRao }));
  }
  await served.produce(2);
});
afterAll(() => served[Symbol.asyncDispose]());
/** How an order ends: the code that refuses it, and whether anybody has anything else than before. */
async function endOf(order: Order, signing: Signing = {}): Promise<{ reason: unknown; moved: boolean }> {
  const before = await allMoney();
  const reason = await submit(order, signing).then(
    () => 'carried out',
    (error: unknown) => (error instanceof RpcError ? error.reason : error),
  );
  return { reason, moved: !isDeepStrictEqual(before, await allMoney()) };
}

describe.each(Object.entries(ORDERS))('%s', (name, orderOf) => {
  test.each(['0', '-1', '-0', '1.5', '1e3', '0x10', ' 1', 'one', '١', '9'.repeat(4000)])('of %j', async (amount) => {
    expect(await endOf(orderOf(amount))).toEqual({ reason: 'INVALID_ARGUMENT', moved: false });
  });

  test('of more than 64 bits', async () => {
    const reason = {
      removeStake: 'INSUFFICIENT_STAKE',
      moveStake: 'INSUFFICIENT_STAKE',
      swapBuy: 'SWAP_TOO_LARGE',
      swapSell: 'SWAP_TOO_LARGE',
    };
    const expected = reason[name as keyof typeof reason] ?? 'INSUFFICIENT_FUNDS';
    expect(await endOf(orderOf(OVER_U64))).toEqual({ reason: expected, moved: false });
  });
});

test('no text of an order that is money is left out', () => {
  const first = Object.keys(ORDERS).map((name) => `${name}.${/Sell|Alpha/.test(name) ? 'amount' : 'amountRao'}`);
  expect(moneyOf(WalletOrderSchema).toSorted()).toEqual([...first, ...Object.keys(FIELDS)].toSorted());
});

describe.each(Object.entries(FIELDS))('%s', (name, orderOf) => {
  test.each(['-1', '1.5', '1e3', '0x10', ' 1', 'one', '١', '9'.repeat(4000)])('of %j', async (text) => {
    const reason = name.startsWith('propose.') ? 'PROPOSAL_INVALID' : 'INVALID_ARGUMENT';
    expect(await endOf(orderOf(text))).toEqual({ reason, moved: false });
  });
});

test.each([
  ['an address with another prefix', transfer('1', OTHER_PREFIX), {}, 'INVALID_ARGUMENT'],
  ['an account that nobody has the key of', transfer('1', 'pot:1'), {}, 'INVALID_ARGUMENT'],
  ['an envelope whose signer has another prefix', transfer('1'), { signer: OTHER_PREFIX }, 'MALFORMED_ENVELOPE'],
  ['an envelope that somebody else signed', transfer('1'), { signer: owner.address }, 'BAD_SIGNATURE'],
  ['an envelope that is over', transfer('1'), { expiresAtBlock: 1n }, 'ENVELOPE_EXPIRED'],
  ['stake that is another wallet’s', ORDERS['removeStake']!('1'), { key: owner }, 'INSUFFICIENT_STAKE'],
] as const)('%s', async (_name, order, signing, reason) => {
  expect(await endOf(order, signing)).toEqual({ reason, moved: false });
});

test('an envelope that came before, and one with an older sequence', async () => {
  expect(await endOf(transfer('1'), { sequence: 7n })).toEqual({ reason: 'carried out', moved: true });
  for (const sequence of [7n, 6n]) {
    expect(await endOf(transfer('2'), { sequence })).toEqual({ reason: 'ENVELOPE_REPLAYED', moved: false });
  }
});

test('billing’s order in an asset that is not the network’s', async () => {
  const order = { id: 't', from: 'billing:shop', to: owner.address, code: '' };
  const transfers = [{ ...order, amount: { asset: 'USD', amount: '1' } }];
  await expect(served.billing.submitTransfers({ transfers })).rejects.toThrow(/asset: must be TAO, not "USD"/);
});
