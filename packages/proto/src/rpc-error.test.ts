import { expect, test } from 'vitest';
import { isOutage, RpcCode, RpcError } from './rpc-error.ts';

test('an outage is what another try may mend, and nothing else', () => {
  const outages = Object.entries(RpcCode).filter(([, code]) => isOutage(new RpcError({ code, message: 'x' })));
  expect(outages.map(([name]) => name)).toEqual(['DEADLINE_EXCEEDED', 'ABORTED', 'UNAVAILABLE']);
  expect(isOutage(new Error('UNAVAILABLE'))).toBe(false);
});
