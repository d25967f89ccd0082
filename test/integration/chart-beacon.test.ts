import { expect, test } from 'vitest';
import { environmentOf, openPorts, renderChart } from './rendered-chart.ts';

const TWO = ['scoring.beaconUrls[0]=https://beacon.example/{chain}', 'scoring.beaconUrls[1]=http://relay.beacon:8080'];

test('rounds of a beacon are fetched by scoring alone', async () => {
  const chart = await renderChart(...TWO.map((value) => value.replace(/[{}]/g, String.raw`\$&`)));
  expect(environmentOf(chart, 'scoring')['BEACON_URLS']).toBe(
    'https://beacon.example/{chain},http://relay.beacon:8080',
  );
  expect(openPorts(chart, 'scoring')).toEqual([443, 8080]);
  expect(environmentOf(chart, 'ledger')).not.toHaveProperty('BEACON_URLS');
  expect(openPorts(chart, 'ledger')).toEqual([]);
});

test('without one scoring reaches nothing outside', async () => {
  const chart = await renderChart();
  expect(environmentOf(chart, 'scoring')).not.toHaveProperty('BEACON_URLS');
  expect(openPorts(chart, 'scoring')).toEqual([]);
});

test.for(['https://user:secret@beacon.example', 'ftp://beacon.example', 'beacon.example'])(
  '%s is refused',
  async (url) => {
    await expect(renderChart(`scoring.beaconUrls[0]=${url}`)).rejects.toThrow('beaconUrls');
  },
);
