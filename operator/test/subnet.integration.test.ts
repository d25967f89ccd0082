import { describe, expect, test, vi } from 'vitest';
import { condition } from './harness.ts';
import { mandateConfigMap, subnetManifest } from './market-samples.ts';
import { openSubnet, payEpoch, TAO, told, useMarket } from './market.ts';

const open = useMarket('subnet');

describe('a subnet', () => {
  test('is sent to the ledger and told of in the status', async () => {
    const market = open();
    const { ledger } = market;
    await openSubnet(market);
    const found = await told(market, 'Subnet', 'sp500', { type: 'Ready', status: 'True', reason: 'Ready' });
    await market.cluster.eventually('Subnet', market.namespace, 'sp500', ({ status }) =>
      expect(status).toMatchObject({
        netuid: 1,
        observedGeneration: 1,
        neurons: { registered: 0, summary: '0/256' },
        registrationCost: { asset: 'TAO', amount: '1000000000' },
      }),
    );
    expect(condition(found, 'Accepted')?.message).toBe('mandate owner: 2 of 100 TAO used, until block 210000');
    expect(ledger.calls.filter((call) => call.startsWith('putSubnet'))).toHaveLength(1);
  });

  test('names the countermeasures that are on, in the order in which they act', async () => {
    const market = open();
    const { cluster, namespace } = market;
    await cluster.apply(mandateConfigMap(namespace));
    const { policy } = subnetManifest(namespace).spec;
    const countermeasures = { deviation: {}, firewall: { minersMin: 6 } };
    await cluster.apply(subnetManifest(namespace, 'sp500', { policy: { ...policy, countermeasures } }));
    await cluster.eventually('Subnet', namespace, 'sp500', ({ status }) =>
      expect(status).toMatchObject({ policy: { active: { countermeasures: ['firewall', 'deviation'] } } }),
    );
    await cluster.apply(subnetManifest(namespace));
    await cluster.eventually('Subnet', namespace, 'sp500', ({ status }) => {
      expect(status).toMatchObject({ policy: { active: { version: 2 } } });
      expect(status).not.toHaveProperty('policy.active.countermeasures');
    });
  });

  test('without a mandate says what to do, and heals when it is applied', async () => {
    const market = open();
    const { cluster, namespace } = market;
    await cluster.apply(subnetManifest(namespace));
    await told(market, 'Subnet', 'sp500', {
      type: 'Accepted',
      status: 'False',
      reason: 'NoMandate',
      message: 'subnetes mandate create',
    });
    await told(market, 'Subnet', 'sp500', { type: 'Stalled', status: 'True', reason: 'NoMandate' });
    await cluster.apply(mandateConfigMap(namespace));
    expect(await told(market, 'Subnet', 'sp500', { type: 'Ready', status: 'True', reason: 'Ready' })).toBeDefined();
  });

  test('whose handle is taken says so, and heals when another is chosen', async () => {
    const market = open();
    const { cluster, namespace } = market;
    await openSubnet(market);
    await cluster.apply({ ...subnetManifest(namespace, 'second', { handle: 'sp500' }) });
    await told(market, 'Subnet', 'second', { type: 'Accepted', status: 'False', reason: 'HandleTaken' });
    await cluster.remove('Subnet', namespace, 'second');
    await cluster.apply(subnetManifest(namespace, 'second'));
    expect(await told(market, 'Subnet', 'second', { type: 'Ready', status: 'True', reason: 'Ready' })).toBeDefined();
  });

  test('with an exhausted mandate heals by itself', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    ledger.mandateLeft = 0n;
    await cluster.apply(mandateConfigMap(namespace));
    await cluster.apply(subnetManifest(namespace));
    await told(market, 'Subnet', 'sp500', { type: 'Accepted', status: 'False', reason: 'MandateExhausted' });
    ledger.mandateLeft = 100n * TAO;
    expect(
      await told(market, 'Subnet', 'sp500', { type: 'Accepted', status: 'True', reason: 'MandateHolds' }),
    ).toBeDefined();
  });

  test('waits for a ledger that is down, and keeps what it was told before', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    ledger.isDown = true;
    await cluster.apply(mandateConfigMap(namespace));
    await cluster.apply(subnetManifest(namespace));
    await told(market, 'Subnet', 'sp500', { type: 'Accepted', status: 'Unknown', reason: 'LedgerUnavailable' });
    await vi.waitFor(() => expect(ledger.calls.length).toBeGreaterThan(2), { timeout: 60_000 });
    ledger.isDown = false;
    await told(market, 'Subnet', 'sp500', { type: 'Ready', status: 'True', reason: 'Ready' });
  });

  test('whose payment does not come is overdue after half a tempo', async () => {
    const market = open();
    const { ledger } = market;
    await openSubnet(market);
    const view = ledger.views.get(1);
    if (view === undefined) throw new Error('no view');
    const epoch = { index: 1, block: 32, nextBlock: 52, lastPaid: 0 };
    ledger.set(1, { ...view, block: 43, epoch });
    await told(market, 'Subnet', 'sp500', { type: 'EpochPaid', status: 'False', reason: 'EpochOverdue' });
    payEpoch(market, 1, new Map());
    expect(await told(market, 'Subnet', 'sp500', { type: 'EpochPaid', status: 'True', reason: 'Paid' })).toBeDefined();
  });
});
