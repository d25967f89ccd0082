import { afterAll, beforeAll, expect, test } from 'vitest';
import { openRealMarket, type RealMarket } from './real-market.ts';

/** The pool commands against a ledger as it is deployed. */
const TAO = 1_000_000_000n;

let market: RealMarket;
const pool = (...args: string[]) => market.run('pool', ...args, '--json');
const swap = (...args: string[]) => pool(...args, '--wallet', 'quant');

beforeAll(async () => {
  // Nothing of a block goes into the pool here, so that only swaps move its price.
  const subnetTokens = { type: 'Balancer', initialLiquidity: '50', poolPpm: 0 };
  market = await openRealMarket('200', { subnetTokens });
  await market.putSubnet({ handle: 'sp500', tempo: 6000 });
});
afterAll(() => market[Symbol.asyncDispose]());

test('pools are listed and shown, and a quote tells what a swap would do', async () => {
  expect((await pool('list')).json()).toMatchObject({
    pools: [{ netuid: 1, handle: 'sp500', token: 'ALPHA1', priceRao: '1000000000', taoReserveRao: String(50n * TAO) }],
  });
  expect((await pool('show', 'sp500')).json()).toMatchObject({ curve: 'Balancer', feeU16: 33, feeBurned: true });
  expect((await market.run('pool', 'show', '1')).out).toContain('50 ALPHA1');
  expect((await pool('quote', 'buy', 'sp500', '--amount', '5')).json()).toMatchObject({
    paid: { token: 'TAO', units: String(5n * TAO) },
    out: { token: 'ALPHA1' },
    partial: false,
  });
  expect((await pool('quote', 'rent', 'sp500', '--amount', '5')).err).toContain('buy or sell');
});

test('a swap wants a bound; a dry run tells the exact effect, and the swap has it', async () => {
  const unbounded = await swap('buy', 'sp500', '--amount', '5', '--yes');
  expect(unbounded.err).toContain('--slippage 0.5');
  const bounded = ['buy', 'sp500', '--amount', '5', '--slippage', '0.5'];
  const planned = (await swap(...bounded, '--dry-run')).json() as { quoted: { out: { units: string } } };
  expect((await swap('tokens')).json()).toMatchObject({ tokens: [] });
  const done = await swap(...bounded, '--yes');
  expect(done.json()).toMatchObject({ dryRun: false, paid: String(5n * TAO), out: planned.quoted.out.units });
  expect((await swap('tokens')).json()).toMatchObject({ tokens: [{ netuid: 1, units: planned.quoted.out.units }] });
});

test('bounds hold, parts are taken at a limit price, and what is wrong is told before anybody is asked', async () => {
  expect((await swap('buy', 'sp500', '--amount', '5', '--min-out', '5', '--yes')).err).toContain('SLIPPAGE_TOO_HIGH');
  const limited = ['buy', 'sp500', '--amount', '50', '--limit-price', '1.3'];
  expect((await swap(...limited, '--yes')).err).toContain('SLIPPAGE_TOO_HIGH');
  const part = (await swap(...limited, '--partial', '--yes')).json() as { paid: string; quoted: { partial: boolean } };
  expect(part.quoted.partial).toBe(true);
  expect(BigInt(part.paid)).toBeLessThan(50n * TAO);
  expect((await swap('buy', 'sp500', '--amount', '1', '--slippage', '51', '--yes')).err).toContain('0 to 50');
  expect((await swap('sell', 'sp500', '--amount', '1000', '--slippage', '1', '--yes')).err).toContain('the wallet has');
  expect((await swap('buy', 'gold', '--amount', '1', '--slippage', '1', '--yes')).err).toContain('SUBNET_UNKNOWN');
});

test('tokens are passed on, and all that is left is sold', async () => {
  const made = (await market.run('wallet', 'create', '--name', 'fan', '--json')).json() as { address: string };
  expect(await swap('transfer', 'sp500', '--to', made.address, '--amount', '1.5', '--yes')).toMatchObject({
    exitCode: 0,
  });
  expect((await pool('tokens', '--wallet', 'fan')).json()).toMatchObject({ tokens: [{ units: '1500000000' }] });
  expect(await swap('sell', 'sp500', '--slippage', '0.5', '--yes')).toMatchObject({ exitCode: 0 });
  expect((await swap('tokens')).json()).toMatchObject({ tokens: [] });
  const { postings } = (await market.run('wallet', 'history', 'quant', '--asset', 'ALPHA1', '--json')).json() as {
    postings: { kind: string; balanceAfterRao: string }[];
  };
  expect(postings.map(({ kind }) => kind)).toEqual([
    'OrderSwapSell',
    'OrderTransferAlpha',
    'OrderSwapBuy',
    'OrderSwapBuy',
  ]);
  expect(postings[0]?.balanceAfterRao).toBe('0');
  expect((await market.run('ledger', 'verify', '--json')).json()).toMatchObject({ ok: true, differenceRao: '0' });
});
