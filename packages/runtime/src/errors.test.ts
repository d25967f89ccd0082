import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { errorFields } from '@subnetes/telemetry/error-fields';
import { expect, test } from 'vitest';
import { ConfigError, OutageError } from './errors.ts';

test('outages of systems and of calls are logged without a stack, wrong settings with one', () => {
  const cause = new RpcError({ code: RpcCode.UNAVAILABLE, message: 'ledger:9443 is not there' });
  expect(errorFields(new OutageError('ledger', 'the ledger does not answer', cause))).toEqual({
    type: 'OutageError',
    message: 'the ledger does not answer: ledger:9443 is not there',
  });
  expect(errorFields(cause)).toEqual({ type: 'RpcError', message: 'ledger:9443 is not there' });
  expect(errorFields(new ConfigError('write a port'))).toHaveProperty('stack');
});
