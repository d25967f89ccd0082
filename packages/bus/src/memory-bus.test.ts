import { describe, expect, test } from 'vitest';
import { busContract } from '../test/bus.contract.ts';
import { matches, memoryBus } from './memory-bus.ts';

describe('the bus in memory', () => {
  const bus = memoryBus();
  busContract(async () => bus);
});

test.for([
  ['ledger.v1.>', 'ledger.v1.epoch.due.1', true],
  ['ledger.v1.>', 'ledger.v1', false],
  ['ledger.v1.epoch.due.*', 'ledger.v1.epoch.due.1', true],
  ['ledger.v1.epoch.due.*', 'ledger.v1.epoch.due.1.x', false],
  ['usage.v1.*', 'usage.v2.1', false],
] as const)('%s takes %s: %s', ([pattern, subject, expected]) => {
  expect(matches(pattern, subject)).toBe(expected);
});
