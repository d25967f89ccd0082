import { expect, test } from 'vitest';
import { environmentOf, openPorts, renderChart } from './rendered-chart.ts';

const PARTS = ['ledger', 'scoring', 'billing', 'serving-gateway', 'console', 'operator'];

test.for([
  { endpoint: 'http://otel-collector.monitoring:4318', port: 4318 },
  { endpoint: 'https://collector.example', port: 443 },
])('traces of parts and of neurons go to $endpoint', async ({ endpoint, port }) => {
  const chart = await renderChart(`tracing.otlpEndpoint=${endpoint}`);
  for (const part of PARTS) {
    expect(environmentOf(chart, part)['OTEL_EXPORTER_OTLP_ENDPOINT']).toBe(endpoint);
    expect(openPorts(chart, part)).toContain(port);
  }
  expect(environmentOf(chart, 'operator')['NEURON_OTLP_ENDPOINT']).toBe(endpoint);
});

test('without a collector nobody is told of one', async () => {
  const chart = await renderChart();
  for (const part of PARTS) {
    const names = Object.keys(environmentOf(chart, part));
    expect(names).not.toContain('OTEL_EXPORTER_OTLP_ENDPOINT');
    expect(names).not.toContain('NEURON_OTLP_ENDPOINT');
    expect(openPorts(chart, part)).not.toContain(4318);
  }
});

test('a collector’s password is refused: it would stand in the environment of every pod', async () => {
  await expect(renderChart('tracing.otlpEndpoint=http://user:secret@collector:4318')).rejects.toThrow('otlpEndpoint');
});
