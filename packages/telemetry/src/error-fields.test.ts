import { AssertionError } from 'node:assert';
import { expect, test } from 'vitest';
import { errorFields } from './error-fields.ts';

class Outage extends Error {
  override readonly name = 'OutageError';
  readonly isOutage = true;
}

const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' });

test('an outage is its message and those of its causes, without stacks', () => {
  const cause = new Outage('the database does not answer', { cause: refused });
  expect(errorFields(new Outage('nothing was stored', { cause }))).toEqual({
    type: 'OutageError',
    message: 'nothing was stored: the database does not answer: connect ECONNREFUSED 127.0.0.1:5432',
  });
});

test('what the message says already is not said again', () => {
  const error = new Outage(`the bus does not answer: ${refused.message}`, { cause: refused });
  expect(errorFields(error)).toEqual({ type: 'OutageError', message: error.message });
});

test('what gRPC puts before a message does not make it another one', () => {
  const cause = new Error('14 UNAVAILABLE: no connection. Note: ');
  expect(errorFields(new Outage('no connection. Note: ', { cause }))).toMatchObject({
    message: 'no connection. Note:',
  });
});

test('of several addresses each is told', () => {
  const cause = new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]);
  expect(errorFields(new Outage('no answer', { cause }))).toMatchObject({
    message: 'no answer: Error: ::1 refused, Error: 127.0.0.1 refused',
  });
});

test('a fetch without an answer is no bug', () => {
  const cause = new TypeError('fetch failed', { cause: refused });
  expect(errorFields(new Outage('no answer', { cause }))).not.toHaveProperty('stack');
});

test('a chain of causes ends, also one that is a circle', () => {
  const error = new Outage('a');
  error.cause = new Outage('b', { cause: error });
  expect(errorFields(error)).toMatchObject({ message: 'a: b' });
  expect(JSON.stringify(errorFields(new Outage('x'.repeat(5000)))).length).toBeLessThan(1100);
});

test.for([
  ['an unknown error', new Error('what is this')],
  ['a bug', new TypeError('x is undefined')],
  ['an error that says it is no outage', Object.assign(new Error('refused'), { isOutage: false })],
  ['an outage by a bug', new Outage('the ledger has stopped', { cause: new RangeError('negative balance') })],
  ['an outage by an assertion', new Outage('stopped', { cause: new AssertionError({ message: 'sums differ' }) })],
] as const)('%s keeps its stack', ([, error]) => {
  expect(errorFields(error)).toMatchObject({ stack: expect.stringContaining('error-fields.test.ts') });
});

test('what is no error is logged as it is', () => {
  expect(errorFields('text')).toBe('text');
  expect(errorFields(undefined)).toBeUndefined();
});
