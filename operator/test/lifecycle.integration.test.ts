import { describe, expect, test, vi } from 'vitest';
import { condition } from './harness.ts';
import { minerManifest, subnetManifest } from './market-samples.ts';
import type { MemoryLedger } from './memory-ledger.ts';
import { openMiner, openSubnet, quiet, told, useMarket } from './market.ts';
import { reportReady, runKeyJob } from './play-kubelet.ts';

const open = useMarket('lives');
const match = (maxCost: string) => ({ registration: { onNotice: { type: 'Match', match: { maxCost } } } });
const keep = (maxCost: string) => ({ onNotice: { type: 'Keep', keep: { maxCost } } });
const ordered = (ledger: MemoryLedger, type: string) => ledger.calls.filter((call) => call.startsWith(`${type} `));
const retry = (maxAttempts: number) => ({ registration: { maxCost: '2', onEviction: 'Retry', maxAttempts } });

describe('a miner', () => {
  test('that has its notice says until when, in a condition and an event, and no longer when it stays', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await openSubnet(market);
    const hotkey = await openMiner(market);
    ledger.tell(1, hotkey, { announcedAtBlock: 12, dueBlock: 112, priceText: '1.5' });
    await told(market, 'Miner', 'garch', {
      type: 'EvictionAnnounced',
      status: 'True',
      reason: 'EvictionAnnounced',
      message: `goes in block 112, 100 blocks after its notice in block 12; stay for 1.5 TAO with \`subnetes subnet match ${hotkey}\``,
    });
    expect(condition((await cluster.get('Miner', namespace, 'garch'))!, 'Ready')?.status).toBe('True');
    await vi.waitFor(async () => {
      const events = await cluster.list('Event', namespace);
      const reasons = events.map((event) => (event as unknown as { reason: string }).reason);
      expect(reasons).toContain('EvictionAnnounced');
    });
    ledger.tell(1, hotkey, undefined);
    await cluster.eventually('Miner', namespace, 'garch', (found) =>
      expect(condition(found, 'EvictionAnnounced')).toBeUndefined(),
    );
  });

  test('waits for a place without pods, asks for it once, and starts when it has it', async () => {
    const market = open();
    const { cluster, namespace, ledger, secrets } = market;
    await openSubnet(market);
    Object.assign(ledger, { maxUids: 0, hasNotice: true });
    await cluster.apply(minerManifest(namespace, 'garch'));
    const { hotkey } = await runKeyJob(cluster, secrets, { namespace, name: 'garch' });
    await told(market, 'Miner', 'garch', {
      type: 'Registered',
      status: 'Unknown',
      reason: 'WaitingForPlace',
      message: 'until block 112',
    });
    await told(market, 'Miner', 'garch', { type: 'Accepted', status: 'True', reason: 'MandateHolds' });
    expect(await cluster.get('Deployment', namespace, 'garch')).toBeUndefined();
    ledger.seat(1, hotkey);
    await told(market, 'Miner', 'garch', { type: 'Registered', status: 'True', reason: 'Registered' });
    await reportReady(cluster, { kind: 'Deployment', namespace, name: 'garch' });
    expect(ledger.calls.filter((call) => call === 'register garch')).toHaveLength(1);
  });

  test('that was evicted is registered again as often as its attempts allow, counted by the ledger', async () => {
    const market = open();
    const { cluster, namespace, ledger, secrets } = market;
    await openSubnet(market);
    const hotkey = await openMiner(market, 'garch', retry(2));
    ledger.end(1, hotkey);
    await runKeyJob(cluster, secrets, { namespace, name: 'garch' });
    await vi.waitFor(() => expect(ledger.calls.filter((call) => call === 'register garch')).toHaveLength(2), {
      timeout: 30_000,
    });
    await told(market, 'Miner', 'garch', { type: 'Registered', status: 'True', reason: 'Registered' });
    ledger.end(1, hotkey);
    await told(market, 'Miner', 'garch', {
      type: 'Registered',
      status: 'False',
      reason: 'Evicted',
      message: 'registered 2 times for 2 TAO together, spec.registration.maxAttempts is 2',
    });
    expect(ledger.calls.filter((call) => call === 'register garch')).toHaveLength(2);
  });

  test.for([
    ['Retry without a number of attempts', { onEviction: 'Retry' }],
    ['attempts without Retry', { maxAttempts: 3 }],
    ['no attempt at all', { onEviction: 'Retry', maxAttempts: 0 }],
  ] as const)('is not taken with %s', async ([, registration]) => {
    const { cluster, namespace } = open();
    await expect(cluster.apply(minerManifest(namespace, 'garch', { registration }), true)).rejects.toThrow(
      'maxAttempts',
    );
  });
});

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
    await vi.waitFor(async () => {
      const events = await cluster.list('Event', namespace);
      const told = events.map((event) => event as unknown as { reason: string; note: string });
      expect(told.filter(({ reason }) => reason === 'EvictionMatched')).toMatchObject([
        { note: expect.stringContaining('for 1.5 TAO') as string },
      ]);
    });
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

describe('a subnet', () => {
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

  test('whose end is announced says so, and rests once it has ended', async () => {
    const market = open();
    const { ledger } = market;
    await openSubnet(market);
    const dissolving = (reason: string) => ({ type: 'Dissolving', status: 'True', reason });
    ledger.dissolve(1, 'Announced');
    await told(market, 'Subnet', 'sp500', { ...dissolving('DissolutionAnnounced'), message: 'ends in block 7212' });
    await told(market, 'Subnet', 'sp500', { type: 'Ready', status: 'True', reason: 'Ready' });
    ledger.dissolve(1, 'Settling');
    await told(market, 'Subnet', 'sp500', dissolving('Settling'));
    ledger.dissolve(1, 'Dissolved');
    await told(market, 'Subnet', 'sp500', dissolving('Dissolved'));
    await told(market, 'Subnet', 'sp500', { type: 'Accepted', status: 'False', reason: 'Dissolved' });
    expect(ledger.calls.filter((call) => call.startsWith('putSubnet'))).toHaveLength(1);
  });

  test('with deletionPolicy Dissolve has its end announced before it goes; a refusal holds it up', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await openSubnet(market);
    await cluster.apply(subnetManifest(namespace, 'sp500', { deletionPolicy: 'Dissolve' }));
    await cluster.eventually('Subnet', namespace, 'sp500', ({ metadata }) =>
      expect(metadata.finalizers).toEqual(['subnetes.io/dissolve']),
    );
    ledger.mandateLeft = 0n;
    await cluster.remove('Subnet', namespace, 'sp500');
    await vi.waitFor(async () => {
      const events = await cluster.list('Event', namespace);
      const notes = events.map((event) => (event as unknown as { note: string }).note).join('\n');
      expect(notes).toContain('cannot dissolve: the mandate does not name DissolveSubnet');
    });
    expect(await cluster.get('Subnet', namespace, 'sp500')).toBeDefined();
    ledger.mandateLeft = 1n;
    await vi.waitFor(async () => expect(await cluster.get('Subnet', namespace, 'sp500')).toBeUndefined(), {
      timeout: 20_000,
    });
    expect(ledger.calls.filter((call) => call === 'dissolveSubnet 1').length).toBeGreaterThanOrEqual(2);
  });

  test('without deletionPolicy Dissolve goes and leaves the market as it is', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await openSubnet(market);
    await cluster.remove('Subnet', namespace, 'sp500');
    await vi.waitFor(async () => expect(await cluster.get('Subnet', namespace, 'sp500')).toBeUndefined());
    expect(ledger.calls.some((call) => call.startsWith('dissolveSubnet'))).toBe(false);
  });
});
