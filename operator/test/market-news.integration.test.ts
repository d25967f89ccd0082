import { describe, expect, test, vi } from 'vitest';
import type { PaidNeuron } from '#domain/market.ts';
import { runOperator } from './harness.ts';
import { paidMiner, validatorManifest } from './market-samples.ts';
import { openMiner, openSubnet, payEpoch, quiet, TAO, told, useMarket } from './market.ts';
import { reportReady, runKeyJob } from './play-kubelet.ts';

const open = useMarket('news');

describe('a validator', () => {
  test('stakes, keeps its state on a volume and tells of its weights', async () => {
    const market = open();
    const { cluster, namespace, secrets } = market;
    await openSubnet(market);
    await cluster.apply(validatorManifest(namespace, 'val-a'));
    const { hotkey } = await runKeyJob(cluster, secrets, { namespace, name: 'val-a' });
    await reportReady(cluster, { kind: 'StatefulSet', namespace, name: 'val-a' });
    const found = await told(market, 'Validator', 'val-a', { type: 'Ready', status: 'True', reason: 'Ready' });
    expect(found.status).toMatchObject({ stakeText: '4 500 TAO', stake: { amount: '4500000000000' } });
    const set = await cluster.get('StatefulSet', namespace, 'val-a');
    expect(JSON.stringify(set?.spec)).toContain('volumeClaimTemplates');
    const weights = { permit: true, weights: 'Revealed', lastUpdateBlock: 26 } as const;
    const part = paidMiner(0, { ...weights, dividendsU16: 31_300, validatorTrustU16: 65_404, stakeRao: 4_500n * TAO });
    payEpoch(market, 1, new Map([[hotkey, part]]));
    const scored = await told(market, 'Validator', 'val-a', { type: 'Scoring', status: 'True', reason: 'Scoring' });
    expect(scored.status).toMatchObject({
      permit: true,
      validatorTrust: '0.998',
      dividends: '0.478',
      weights: { state: 'Revealed', block: 26 },
    });
  });

  test('whose weights the firewall did not count is told why, with one event for as long as it lasts', async () => {
    const market = open();
    const { cluster, namespace, secrets } = market;
    await openSubnet(market);
    await cluster.apply(validatorManifest(namespace, 'val-c'));
    const { hotkey } = await runKeyJob(cluster, secrets, { namespace, name: 'val-c' });
    await reportReady(cluster, { kind: 'StatefulSet', namespace, name: 'val-c' });
    await told(market, 'Validator', 'val-c', { type: 'Ready', status: 'True', reason: 'Ready' });
    const pay = async (index: number, scores: number, more: Partial<PaidNeuron> = {}): Promise<void> => {
      const why = `abstains: same score for all ${scores} miners that it judged`;
      const own = { permit: true, weights: 'Revealed', abstention: 'identical-scores', why } as const;
      payEpoch(market, index, new Map([[hotkey, paidMiner(0, { ...own, whyReason: 'Abstains', ...more })]]));
      await cluster.eventually('Validator', namespace, 'val-c', ({ status }) =>
        expect(status).toMatchObject({ lastEpoch: { index } }),
      );
      await quiet(market);
    };
    const events = (): number =>
      market.running.writes.filter(({ method, path }) => method === 'POST' && path.endsWith('/events')).length;
    const abstains = { type: 'Scoring', status: 'False', reason: 'Abstains' };
    await quiet(market);
    const before = events();
    await pay(1, 6);
    await told(market, 'Validator', 'val-c', { ...abstains, message: 'same score for all 6 miners' });
    expect(events()).toBe(before + 1);
    await pay(2, 5);
    await told(market, 'Validator', 'val-c', { ...abstains, message: 'same score for all 5 miners' });
    expect(events()).toBe(before + 1);
    const { abstention: _over, ...counted } = paidMiner(0, { permit: true, weights: 'Revealed' });
    payEpoch(market, 3, new Map([[hotkey, counted]]));
    await told(market, 'Validator', 'val-c', { type: 'Scoring', status: 'True', reason: 'Scoring' });
  });
});

describe('the market’s news', () => {
  test('cost one status write a resource and epoch, and nothing in between or after a restart', async () => {
    const market = open();
    const { cluster, namespace, ledger } = market;
    await openSubnet(market);
    const garch = await openMiner(market, 'garch');
    const broken = await openMiner(market, 'broken');
    await quiet(market);
    const report = { ...paidMiner(1).report, invalid: 170, invalidReason: 'quantiles[4] is NaN' };
    for (const epoch of [1, 2, 3]) {
      const before = market.running.writes.length;
      const bad = paidMiner(1, { incentiveU16: 0, earnedRao: 0n, why: '', report });
      payEpoch(
        market,
        epoch,
        new Map([
          [garch, paidMiner(0)],
          [broken, bad],
        ]),
      );
      await cluster.eventually('Miner', namespace, 'broken', ({ status }) =>
        expect(status).toMatchObject({ lastEpoch: { index: epoch } }),
      );
      await quiet(market);
      const writes = market.running.writes.slice(before).filter(({ method }) => method === 'PATCH');
      const paths = writes.map(({ path }) => path).sort();
      const root = `/apis/subnetes.io/v1alpha1/namespaces/${namespace}`;
      expect(paths).toEqual([
        `${root}/miners/broken/status`,
        `${root}/miners/garch/status`,
        `${root}/subnets/sp500/status`,
      ]);
    }
    const earning = await told(market, 'Miner', 'garch', { type: 'Earning', status: 'True', reason: 'Earning' });
    expect(earning.status).toMatchObject({ incentive: '0.412', earnedPerDayText: '14 592 TAO' });
    await told(market, 'Miner', 'broken', {
      type: 'Earning',
      status: 'False',
      reason: 'AnswersInvalid',
      message: '71 % of the last 240 answers were refused by 3 of 3 validators: quantiles[4] is NaN.',
    });
    await market.running[Symbol.asyncDispose]();
    market.running = await runOperator(cluster, ledger);
    await vi.waitFor(() => expect(ledger.calls.at(-1)).toBeDefined(), { timeout: 60_000 });
    await quiet(market);
    expect(market.running.writes.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });
});
