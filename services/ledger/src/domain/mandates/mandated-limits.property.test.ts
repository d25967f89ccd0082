import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ledger } from '#domain/economy/ledger.ts';
import { type Mandate, mandateKey, OPERATIONS } from '#domain/economy/mandate.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import { TOKEN_DEFAULTS } from '#domain/pools/token-terms.ts';
import { governed } from '#test/governed.ts';
import { causeOf, done, expectConserved, mandateOf, orderBy, stateText, TAO } from '#test/ledger-state.ts';
import { carryOutMandated } from './mandated-order.ts';

/** Whatever a namespace asks for, in whatever order: what leaves the wallet stays within what it signed. */

const TOKEN = 'ALPHA1';
const amount = fc.bigInt({ min: 0n, max: 60n * TAO });
const bounds = { netuid: 1, minOut: 1n, allowPartial: false } as const;

const orders: fc.Arbitrary<WalletOrder> = fc.oneof(
  amount.map((each) => ({ type: 'Transfer', to: 'ann', amount: each }) as const),
  fc.constantFrom('v1', 'v2').chain((hotkey) => amount.map((each) => ({ type: 'AddStake', netuid: 1, hotkey, amount: each }) as const)), // prettier-ignore
  amount.map((each) => ({ type: 'RemoveStake', netuid: 1, hotkey: 'v1', amount: each }) as const),
  amount.map((each) => ({ type: 'MoveStake', netuid: 1, hotkey: 'v1', toNetuid: 1, toHotkey: 'v2', amount: each }) as const), // prettier-ignore
  amount.map((each) => ({ type: 'SwapBuy', amount: each, ...bounds }) as const),
  fc.tuple(amount, fc.boolean()).map(([each, allowPartial]) => ({ type: 'SwapSell', amount: each, ...bounds, allowPartial }) as const), // prettier-ignore
  amount.map((each) => ({ type: 'TransferAlpha', netuid: 1, to: 'ann', amount: each }) as const),
  fc.constant({ type: 'Propose', title: 'x', description: '', action: { type: 'Spend', to: 'ann', amount: 1n } } as const), // prettier-ignore
  fc.constantFrom('rival', undefined).map((to) => ({ type: 'DelegateVote', to }) as const),
);

const steps = fc.array(fc.record({ order: orders, id: fc.nat(12) }), { minLength: 1, maxLength: 30 });
const limit = fc.record({ maxPerOperation: amount, maxTotal: fc.bigInt({ min: 0n, max: 120n * TAO }) });
const terms = fc.record({
  maxPerOperation: amount,
  maxTotal: fc.bigInt({ min: 0n, max: 150n * TAO }),
  sell: limit,
  pass: limit,
  transfer: fc.option(limit, { nil: undefined }),
});

function market(): Ledger {
  const ledger = governed({}, { subnetTokens: { ...TOKEN_DEFAULTS, type: 'Balancer', initialLiquidity: 500n * TAO } });
  done(orderBy(ledger, 'desk', { type: 'SwapBuy', amount: 200n * TAO, ...bounds }));
  return ledger;
}

const SPENDING: ReadonlySet<string> = new Set(['Transfer', 'AddStake', 'SwapBuy', 'Propose']);

test('what leaves a wallet by mandate stays within its limits, a repeat and a refusal change nothing', () => {
  fc.assert(
    fc.property(terms, steps, ({ sell, pass, transfer, ...whole }, asked) => {
      const ledger = market();
      const limits = [
        { operation: 'SwapSell', ...sell },
        { operation: 'TransferAlpha', ...pass },
        ...(transfer === undefined ? [] : [{ operation: 'Transfer', ...transfer }]),
      ];
      const given = { sha256: 'm', operations: [...OPERATIONS], transferTo: ['ann'] };
      const mandate: Mandate = mandateOf('desk', { ...whole, ...given, limits });
      const gone = new Map<string, bigint>();
      const faults: string[] = [];
      const leave = (name: string, units: bigint, most: { maxPerOperation: bigint; maxTotal: bigint }): void => {
        const sum = (gone.get(name) ?? 0n) + units;
        gone.set(name, sum);
        if (units > most.maxPerOperation || sum > most.maxTotal) faults.push(`${name}: ${units}, ${sum} in all`);
      };
      const stays = (name: string, units: bigint): void => {
        if (units > 0n) faults.push(`${name}: ${units} left`);
      };
      for (const { order, id } of asked) {
        const has = (asset: string) => ledger.book.posted(asset, 'desk');
        const before = { tao: has(ledger.asset), token: has(TOKEN), state: stateText(ledger) };
        const mandated = { id: `o${id}`, order, mandate, cause: causeOf('desk-1') };
        const told = ledger.decide((state) => carryOutMandated(state, mandated));
        if (!told.ok || told.value.repeated) {
          if (stateText(ledger) !== before.state) faults.push(`${order.type} changed something`);
          continue;
        }
        const [tao, token] = [before.tao - has(ledger.asset), before.token - has(TOKEN)];
        if (SPENDING.has(order.type)) leave('whole', tao, whole);
        else stays(order.type, tao);
        if (order.type === 'SwapSell') leave('SwapSell', token, sell);
        else if (order.type === 'TransferAlpha') leave('TransferAlpha', token, pass);
        else stays(order.type, token);
        if (order.type === 'Transfer' && transfer !== undefined) leave('Transfer', tao, transfer);
        const used = ledger.mandates.get(mandateKey('desk', 'm'))?.used ?? 0n;
        if (used < (gone.get('whole') ?? 0n)) faults.push(`${used} used, more is gone`);
      }
      expect(faults).toEqual([]);
      expectConserved(ledger);
    }),
    { numRuns: 60 },
  );
});
