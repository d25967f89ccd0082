import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DIMENSION_MAX, inferResponse, readInferRequest } from './tensor.ts';

const specs = [{ name: 'closes', shape: [-1] }];
const closes = { name: 'closes', datatype: 'FP64', shape: [2], data: [1, 2] };

test('a request becomes tensors', () => {
  const read = readInferRequest({ id: 'a', inputs: [closes] }, specs);
  expect(read).toEqual({
    ok: true,
    request: { id: 'a', inputs: new Map([['closes', { shape: [2], values: Float64Array.of(1, 2) }]]) },
  });
});

test('nested data is flattened to the shape', () => {
  const input = { ...closes, shape: [2, 2], data: [[1, 2], [3, 4]] }; // prettier-ignore
  const read = readInferRequest({ inputs: [input] }, [{ name: 'closes', shape: [2, -1] }]);
  expect(read).toMatchObject({ ok: true });
});

test.for([
  ['no object', [], '$'],
  ['a long id', { id: 'x'.repeat(129), inputs: [closes] }, 'id'],
  ['no inputs', {}, 'inputs'],
  ['an empty list', { inputs: [] }, 'inputs'],
  ['an input that is no object', { inputs: [1] }, 'inputs[0]'],
  ['an unknown name', { inputs: [{ ...closes, name: 'opens' }] }, 'inputs[0].name'],
  ['an input twice', { inputs: [closes, closes] }, 'inputs[1].name'],
  ['another datatype', { inputs: [{ ...closes, datatype: 'FP32' }] }, 'inputs[0].datatype'],
  ['another rank', { inputs: [{ ...closes, shape: [1, 2] }] }, 'inputs[0].shape'],
  ['too many entries', { inputs: [{ ...closes, shape: [DIMENSION_MAX + 1] }] }, 'inputs[0].shape'],
  ['no entries', { inputs: [{ ...closes, shape: [0], data: [] }] }, 'inputs[0].shape'],
  ['data of another size', { inputs: [{ ...closes, data: [1] }] }, 'inputs[0].data'],
  ['data that is no list', { inputs: [{ ...closes, data: 'x' }] }, 'inputs[0].data'],
  ['no number', { inputs: [{ ...closes, data: [1, null] }] }, 'inputs[0].data[1]'],
] as const)('%s is refused with its field', ([, json, field]) => {
  expect(readInferRequest(json, specs)).toMatchObject({ ok: false, refusal: { field } });
});

test('whatever JSON comes, reading it ends with a request or a refusal', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (json) => {
      expect(typeof readInferRequest({ inputs: [json] }, specs).ok).toBe('boolean');
      expect(typeof readInferRequest(json, specs).ok).toBe('boolean');
    }),
  );
});

test('a response spells what is no number as null', () => {
  const outputs = new Map([['quantiles', { shape: [2], values: Float64Array.of(1, Number.NaN) }]]);
  expect(JSON.stringify(inferResponse({ model: 'm', id: undefined, outputs }))).toBe(
    '{"model_name":"m","model_version":"1","outputs":[{"name":"quantiles","datatype":"FP64","shape":[2],"data":[1,null]}]}',
  );
});
