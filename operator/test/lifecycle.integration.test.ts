import { describe, expect, test, vi } from 'vitest';
import { condition } from './harness.ts';
import { minerManifest, subnetManifest } from './market-samples.ts';
import { openMiner, openSubnet, told, useMarket } from './market.ts';
import { reportReady, runKeyJob } from './play-kubelet.ts';

const open = useMarket('lives');
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
    await vi.waitFor(
      async () => {
        const events = await cluster.list('Event', namespace);
        const reasons = events.map((event) => (event as unknown as { reason: string }).reason);
        expect(reasons).toContain('EvictionAnnounced');
      },
      { timeout: 60_000 },
    );
    ledger.tell(1, hotkey, undefined);
    await cluster.eventually('Miner', namespace, 'garch', (found) =>
      expect(condition(found, 'EvictionAnnounced')).toBeUndefined(),
    );
  });

  test('of which a slash is open says so until it is dropped, and one that was carried out for the window', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    ledger.slashed = new Map();
    await openSubnet(market);
    const hotkey = await openMiner(market);
    const slash = {
      id: 'ab'.repeat(32),
      type: 'Unavailable',
      status: 'Pending',
      reportedAtBlock: 10,
      disputeUntilBlock: 50,
      dueBlock: 51,
      amountRao: 5_000_000_000n,
      takenRao: 0n,
    } as const;
    ledger.slash(1, hotkey, slash);
    await told(market, 'Miner', 'garch', {
      type: 'Slashed',
      status: 'True',
      reason: 'SlashOpen',
      message: 'until block 50 with `subnetes slash dispute abababababab --wallet OWNER`',
    });
    expect(condition((await cluster.get('Miner', namespace, 'garch'))!, 'Ready')?.status).toBe('True');
    await vi.waitFor(
      async () => {
        const events = await cluster.list('Event', namespace);
        expect(events.map((event) => (event as unknown as { reason: string }).reason)).toContain('SlashOpen');
      },
      { timeout: 60_000 },
    );
    // A proposal gave the token another name, which is the one that people read.
    Object.assign(ledger.network_, { displaySymbol: 'SUB' });
    ledger.slash(1, hotkey, { ...slash, status: 'Executed', takenRao: 5_000_000_000n });
    await told(market, 'Miner', 'garch', {
      type: 'Slashed',
      status: 'True',
      reason: 'StakeSlashed',
      message: 'lost 5 SUB',
    });
    ledger.slash(1, hotkey, { ...slash, status: 'Dropped' });
    await cluster.eventually('Miner', namespace, 'garch', (found) =>
      expect(condition(found, 'Slashed')).toBeUndefined(),
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
      timeout: 60_000,
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

describe('a subnet', () => {
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
    await vi.waitFor(
      async () => {
        const events = await cluster.list('Event', namespace);
        const notes = events.map((event) => (event as unknown as { note: string }).note).join('\n');
        expect(notes).toContain('cannot dissolve: the mandate does not name DissolveSubnet');
      },
      { timeout: 60_000 },
    );
    expect(await cluster.get('Subnet', namespace, 'sp500')).toBeDefined();
    ledger.mandateLeft = 1n;
    await vi.waitFor(async () => expect(await cluster.get('Subnet', namespace, 'sp500')).toBeUndefined(), {
      timeout: 60_000,
    });
    expect(ledger.calls.filter((call) => call === 'dissolveSubnet 1').length).toBeGreaterThanOrEqual(2);
  });

  test('without deletionPolicy Dissolve goes and leaves the market as it is', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await openSubnet(market);
    await cluster.remove('Subnet', namespace, 'sp500');
    await vi.waitFor(async () => expect(await cluster.get('Subnet', namespace, 'sp500')).toBeUndefined(), {
      timeout: 60_000,
    });
    expect(ledger.calls.some((call) => call.startsWith('dissolveSubnet'))).toBe(false);
  });
});
