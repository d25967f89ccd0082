import { expect, test } from 'vitest';
import { environmentOf, openPorts, renderChart } from './rendered-chart.ts';

const KEY = 'witness.example/one+0a1b2c3d+BAAB';
const ONE = [
  'ledger.checkpointWitnesses[0].url=https://witness.example/log',
  `ledger.checkpointWitnesses[0].key=${KEY}`,
];
const TWO = [
  ...ONE,
  'ledger.checkpointWitnesses[1].url=http://other.example:8080',
  `ledger.checkpointWitnesses[1].key=${KEY.replace('one', 'two')}`,
];

test('checkpoints go to witnesses from the ledger alone', async () => {
  const chart = await renderChart(...TWO);
  expect(environmentOf(chart, 'ledger')['CHECKPOINT_WITNESSES']).toBe(
    `https://witness.example/log ${KEY},http://other.example:8080 ${KEY.replace('one', 'two')}`,
  );
  expect(openPorts(chart, 'ledger')).toEqual([443, 8080]);
  expect(openPorts(chart, 'scoring')).toEqual([]);
});

test('without one the ledger reaches nothing outside', async () => {
  const chart = await renderChart();
  expect(environmentOf(chart, 'ledger')).not.toHaveProperty('CHECKPOINT_WITNESSES');
  expect(openPorts(chart, 'ledger')).toEqual([]);
});

test.for([
  ['a URL with a password', 'url', 'https://user:secret@witness.example'],
  ['no URL', 'url', 'witness.example'],
  ['no key', 'key', 'secret'],
])('%s is refused', async ([, member, value]) => {
  const values = ONE.map((each) => (each.includes(`.${member}=`) ? `${each.split('=', 1)[0]}=${value}` : each));
  await expect(renderChart(...values)).rejects.toThrow('checkpointWitnesses');
});
