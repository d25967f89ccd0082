import { describe, expect, test, vi } from 'vitest';
import { minerManifest, subnetManifest } from './market-samples.ts';
import type { MemoryLedger } from './memory-ledger.ts';
import { openMiner, openSubnet, quiet, told, useMarket } from './market.ts';

/** What specs want for good, and the operator orders by mandate. */
const open = useMarket('notice');
const match = (maxCost: string) => ({ registration: { onNotice: { type: 'Match', match: { maxCost } } } });
/** SS58 of keys that nobody has. */
const CHILDREN = [
  '5C4hrfjw9DjXZTzV3MwzrrAr9P1MJhSrvWGWqi1eSuyUpnhM',
  '5C62Ck4UrFPiBtoCmeSrgF7x9yv9mn38446dhCpsi2mLHiFT',
] as const;
const keep = (maxCost: string) => ({ onNotice: { type: 'Keep', keep: { maxCost } } });
const ordered = (ledger: MemoryLedger, type: string) => ledger.calls.filter((call) => call.startsWith(`${type} `));

describe('a miner whose spec says to stay', () => {
  const notice = { announcedAtBlock: 12, dueBlock: 112, priceText: '1.5' };

  test('matches a notice by mandate within its bound, once, and says so in a condition and an event', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await openSubnet(market);
    const hotkey = await openMiner(market, 'garch', match('1.5'));
    ledger.tell(1, hotkey, notice);
    await told(market, 'Miner', 'garch', {
      type: 'EvictionAnnounced',
      status: 'False',
      reason: 'EvictionMatched',
      message: 'matched the notice of block 12 for 1.5 TAO: uid 0 stays',
    });
    expect(ledger.orders.get(`match/1/${hotkey}/12`)).toEqual({
      type: 'MatchEviction',
      netuid: 1,
      hotkey,
      maxCostRao: 1_500_000_000n,
    });
    await vi.waitFor(
      async () => {
        const events = await cluster.list('Event', namespace);
        const told = events.map((event) => event as unknown as { reason: string; note: string });
        expect(told.filter(({ reason }) => reason === 'EvictionMatched')).toMatchObject([
          { note: expect.stringContaining('for 1.5 TAO') as string },
        ]);
      },
      { timeout: 60_000 },
    );
    // The news without the notice came long ago: it stays told, and the next notice is another one.
    ledger.tell(1, hotkey, { ...notice, announcedAtBlock: 200, dueBlock: 300 });
    await told(market, 'Miner', 'garch', {
      type: 'EvictionAnnounced',
      status: 'False',
      reason: 'EvictionMatched',
      message: 'the notice of block 200',
    });
    expect([...ledger.orders.keys()]).toEqual([`match/1/${hotkey}/12`, `match/1/${hotkey}/200`]);
  });

  test('pays nothing above its bound, and tells why the ledger refused it', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await openSubnet(market);
    const hotkey = await openMiner(market, 'garch', match('1.4'));
    ledger.tell(1, hotkey, notice);
    const refused = { type: 'EvictionAnnounced', status: 'True', reason: 'MatchRefused' };
    await told(market, 'Miner', 'garch', {
      ...refused,
      message: 'staying costs 1.5 TAO, spec.registration.onNotice.match.maxCost is 1.4: uid 0 goes in block 112',
    });
    expect(ordered(ledger, 'MatchEviction')).toEqual([]);
    ledger.refusesOrders = true;
    await cluster.apply(minerManifest(namespace, 'garch', match('2')));
    await told(market, 'Miner', 'garch', { ...refused, message: 'the mandate does not name MatchEviction' });
    await told(market, 'Miner', 'garch', { type: 'Ready', status: 'True', reason: 'Ready' });
    // A mandate that is signed anew is found without any news.
    ledger.refusesOrders = false;
    const matched = { type: 'EvictionAnnounced', status: 'False', reason: 'EvictionMatched' };
    await told(market, 'Miner', 'garch', matched);
  });

  test('has its earnings staked once, again when the spec changes, and not when the wallet decides otherwise', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await openSubnet(market);
    const hotkey = await openMiner(market, 'garch', { stake: { auto: true } });
    const shows = (auto: boolean) =>
      cluster.eventually('Miner', namespace, 'garch', ({ status }) => expect(status?.['autoStake']).toBe(auto));
    await shows(true);
    expect([...ledger.orders.values()]).toEqual([{ type: 'SetAutoStake', netuid: 1, hotkey, isOn: true }]);
    ledger.announce(1, hotkey, 'https://b:8443');
    await quiet(market);
    expect(ordered(ledger, 'SetAutoStake')).toHaveLength(1);
    ledger.refusesOrders = true;
    await cluster.apply(minerManifest(namespace, 'garch', { stake: { auto: false } }));
    const refused = { type: 'Accepted', status: 'False', reason: 'NoMandate', message: 'does not name SetAutoStake' };
    await told(market, 'Miner', 'garch', refused);
    await shows(true);
    ledger.refusesOrders = false;
    await shows(false);
    await told(market, 'Miner', 'garch', { type: 'Accepted', status: 'True', reason: 'MandateHolds' });
  });

  test('gives stake to children and keeps a part as its spec wants, once each, and anew when that changes', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await openSubnet(market);
    const [one, two] = CHILDREN;
    const children = [{ hotkey: one, ppm: 600_000 }];
    const hotkey = await openMiner(market, 'garch', { stake: { children, childTakeU16: 6553 } });
    const shows = (status: object) =>
      cluster.eventually('Miner', namespace, 'garch', (found) => expect(found.status).toMatchObject(status));
    await shows({ children, childTakeU16: 6553 });
    const proportion = (600_000n * (2n ** 64n - 1n)) / 1_000_000n;
    expect([...ledger.orders.values()]).toEqual([
      { type: 'SetChildren', netuid: 1, hotkey, children: [{ hotkey: one, proportion }] },
      { type: 'SetChildTake', netuid: 1, hotkey, takeU16: 6553 },
    ]);
    ledger.refusesOrders = true;
    const more = [...children, { hotkey: two, ppm: 400_000 }];
    await cluster.apply(minerManifest(namespace, 'garch', { stake: { children: more, childTakeU16: 6553 } }));
    const refused = { type: 'Accepted', status: 'False', reason: 'NoMandate', message: 'does not name SetChildren' };
    await told(market, 'Miner', 'garch', refused);
    await shows({ children, childTakeU16: 6553 });
    ledger.refusesOrders = false;
    await shows({ children: more });
    expect(ordered(ledger, 'SetChildTake')).toHaveLength(1);
    // As somebody else may write it.
    await cluster.apply(
      minerManifest(namespace, 'garch', { stake: { children: more.toReversed(), childTakeU16: 6553 } }),
    );
    await told(market, 'Miner', 'garch', { type: 'Accepted', status: 'True', reason: 'MandateHolds' });
    await quiet(market);
    expect([...ledger.orders.values()].filter(({ type }) => type === 'SetChildren')).toHaveLength(2);
  });

  test.for([
    ['Match without a bound', { type: 'Match' }, 'match must be set exactly when type is Match'],
    ['a bound without Match', { type: 'Leave', match: { maxCost: '1' } }, 'match must be set exactly'],
    ['a type of subnets', { type: 'Keep' }, 'Unsupported value'],
  ] as const)('is not taken with %s', async ([, onNotice, message]) => {
    const { cluster, namespace } = open();
    const wrong = minerManifest(namespace, 'garch', { registration: { onNotice } });
    await expect(cluster.apply(wrong, true)).rejects.toThrow(message);
  });
});

describe('a subnet whose spec says to stay', () => {
  test('whose place a newcomer wants is kept by mandate within its bound, and not against its owner', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await openSubnet(market);
    await cluster.apply(subnetManifest(namespace, 'sp500', keep('99')));
    ledger.dissolve(1, 'Announced');
    await told(market, 'Subnet', 'sp500', { type: 'Dissolving', status: 'True', reason: 'DissolutionAnnounced' });
    ledger.dissolve(1, 'Announced', '100');
    await told(market, 'Subnet', 'sp500', {
      type: 'Dissolving',
      status: 'True',
      reason: 'KeepRefused',
      message: 'staying costs 100 TAO, spec.onNotice.keep.maxCost is 99: it ends in block 7212',
    });
    expect(ordered(ledger, 'KeepSubnet')).toEqual([]);
    await cluster.apply(subnetManifest(namespace, 'sp500', keep('100')));
    await told(market, 'Subnet', 'sp500', {
      type: 'Dissolving',
      status: 'False',
      reason: 'SubnetKept',
      message: 'by locking 100 TAO more: netuid 1 stays',
    });
    expect([...ledger.orders]).toEqual([
      ['keep/1/12', { type: 'KeepSubnet', netuid: 1, maxCostRao: 100_000_000_000n }],
    ]);
    await told(market, 'Subnet', 'sp500', { type: 'Ready', status: 'True', reason: 'Ready' });
  });
});
