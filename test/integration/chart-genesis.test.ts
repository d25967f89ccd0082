import { expect, test } from 'vitest';
import { readGenesis } from '../../services/ledger/src/application/read-genesis.ts';
import { objectOf, type Rendered, renderChart } from './rendered-chart.ts';

const genesisOf = (chart: readonly Rendered[]): string =>
  objectOf(chart, 'ConfigMap', 'subnetes-genesis').data?.['genesis.json'] ?? '';

test('what billing accounts may owe together reaches the ledger', async () => {
  const genesis = readGenesis(genesisOf(await renderChart('network.genesis.creditMax=2500.5')));
  expect(genesis).toMatchObject({ ok: true, value: { creditMax: 2_500_500_000_000n } });
});

test('without it none may owe anything, and the network is the same as before', async () => {
  expect(JSON.parse(genesisOf(await renderChart()))).not.toHaveProperty('creditMax');
});

test.for(['-1.5', '0.0000000001', 'lots'])('%s is refused', async (amount) => {
  await expect(renderChart(`network.genesis.creditMax=${amount}`)).rejects.toThrow('creditMax');
});

test('tokens of subnets reach the ledger, with the chain’s figures where nothing is said', async () => {
  const chart = await renderChart(
    'network.genesis.subnetTokens.type=Product,network.genesis.subnetTokens.initialLiquidity=50.5',
  );
  expect(readGenesis(genesisOf(chart))).toMatchObject({
    ok: true,
    value: { subnetTokens: { type: 'Product', initialLiquidity: 50_500_000_000n, feeU16: 33, feeTo: 'Burned' } },
  });
  expect(JSON.parse(genesisOf(await renderChart()))).not.toHaveProperty('subnetTokens');
});

test('what is slashed, and how long stake takes to leave, reach the ledger; without them the network is as before', async () => {
  const genesis = 'network.genesis';
  const slashing = `${genesis}.slashing`;
  const set = [
    `${genesis}.unbondingBlocks=1000000`,
    `${slashing}.conditions[0].type=DoubleSigning`,
    `${slashing}.conditions[0].ppm=50000`,
    ...['dispute', 'decision', 'window'].map((name) => `${slashing}.${name}Blocks=300`),
    `${slashing}.windowPpm=100000`,
    `${slashing}.deciders.type=StakeVote`,
    `${slashing}.distribution.burnPpm=1000000`,
    `${slashing}.distribution.reporterPpm=0`,
    `${slashing}.distribution.insurancePpm=0`,
  ].join(',');
  const read = readGenesis(genesisOf(await renderChart(set, `${slashing}.reportDeposit=2.5`)));
  expect(read).toMatchObject({
    ok: true,
    value: { unbondingBlocks: 1_000_000, slashing: { reportDeposit: 2_500_000_000n } },
  });
  const plain: unknown = JSON.parse(genesisOf(await renderChart()));
  for (const name of ['unbondingBlocks', 'slashing']) expect(plain).not.toHaveProperty(name);
});

test('the weight of stake on root reaches the ledger; without it the network takes none', async () => {
  const chart = await renderChart('network.genesis.rootStakeWeightPpm=180000');
  expect(readGenesis(genesisOf(chart))).toMatchObject({ ok: true, value: { rootStakeWeightPpm: 180_000 } });
  expect(JSON.parse(genesisOf(await renderChart()))).not.toHaveProperty('rootStakeWeightPpm');
});

test('governance reaches the ledger, with its defaults where nothing is said', async () => {
  const chart = await renderChart(
    'network.genesis.governance.deposit=2.5,network.genesis.governance.votingBlocks=100,network.genesis.governance.treasuryPpm=250000',
  );
  expect(readGenesis(genesisOf(chart))).toMatchObject({
    ok: true,
    value: { governance: { deposit: 2_500_000_000n, votingBlocks: 100, treasuryPpm: 250_000, quorumPpm: 100_000 } },
  });
});

test.for(['votingBlocks=0', 'thresholdPpm=499999', 'quorum=5'])('governance of %s is refused', async (value) => {
  await expect(renderChart(`network.genesis.governance.${value}`)).rejects.toThrow('governance');
});
