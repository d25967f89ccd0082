import { expect, test } from 'vitest';
import { METRICS, type MetricName } from './metric-names.ts';
import { SERIES_MAX, createMetrics } from './metrics.ts';

const make = () => createMetrics({ service: 'test', version: '1.2.3', processMetrics: false });

test('exports what was touched, under its name and labels, and nothing else', async () => {
  const metrics = make();
  metrics.inc('subnetes_ledger_epochs_paid_total', { subnet: '1' }, 2);
  metrics.set('subnetes_ledger_block_height', {}, 42);
  metrics.observe('subnetes_ledger_batch_duration_seconds', {}, 0.004);
  const text = await metrics.text();
  expect(text).toContain('subnetes_ledger_epochs_paid_total{subnet="1"} 2');
  expect(text).toContain('subnetes_ledger_block_height 42');
  expect(text).toContain('subnetes_ledger_batch_duration_seconds_bucket{le="0.005"} 1');
  expect(text).toContain('subnetes_build_info{service="test",version="1.2.3",commit="unknown"} 1');
  expect(text).not.toContain('subnetes_scoring');
});

test('shows zeros before the first event', async () => {
  const metrics = make();
  metrics.zero('subnetes_billing_usage_events_total', [{ result: 'rated' }, { result: 'duplicate' }]);
  metrics.zero('rpc_server_call_duration_seconds', [{ rpc_method: 'a', rpc_status_code: 'OK' }]);
  const text = await metrics.text();
  expect(text).toContain('subnetes_billing_usage_events_total{result="duplicate"} 0');
  expect(text).toContain('rpc_server_call_duration_seconds_count{rpc_method="a",rpc_status_code="OK"} 0');
});

test('a full metric drops new label sets, counts them and keeps the old ones alive', async () => {
  const metrics = make();
  for (let uid = 0; uid <= SERIES_MAX; uid += 1) metrics.set('subnetes_validator_loss', { uid: String(uid) }, 1);
  metrics.set('subnetes_validator_loss', { uid: '0' }, 7);
  const text = await metrics.text();
  expect(text).toContain('subnetes_validator_loss{uid="0"} 7');
  expect(text).not.toContain(`uid="${SERIES_MAX}"`);
  expect(text).toContain('subnetes_telemetry_series_dropped_total{metric="subnetes_validator_loss"} 1');
});

test('a cleared gauge forgets the uids that are gone', async () => {
  const metrics = make();
  metrics.set('subnetes_validator_loss', { uid: '3' }, 1);
  metrics.clear('subnetes_validator_loss');
  metrics.set('subnetes_validator_loss', { uid: '4' }, 1);
  const text = await metrics.text();
  expect(text).not.toContain('uid="3"');
  expect(text).toContain('uid="4"');
});

test('fills gauges before a scrape', async () => {
  const metrics = make();
  metrics.onScrape(() => metrics.set('subnetes_ledger_queue_commands', {}, 5));
  expect(await metrics.text()).toContain('subnetes_ledger_queue_commands 5');
});

test.for(Object.keys(METRICS) as MetricName[])('%s keeps the naming rules', (name) => {
  const spec = METRICS[name];
  expect(name).toMatch(/^(subnetes|http|rpc|controller_runtime|workqueue|rest_client)_[a-z0-9_]+$/);
  const ending = { counter: /_total$/, histogram: /_seconds$/, gauge: /[a-z]$/ }[spec.type];
  expect(name).toMatch(ending);
  expect(spec.help.length).toBeGreaterThan(5);
});
