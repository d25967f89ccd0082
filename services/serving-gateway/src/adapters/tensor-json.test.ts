import { create } from '@bufbuild/protobuf';
import { ModelInferRequestSchema } from '@subnetes/proto/gen/inference/grpc_service_pb';
import { expect, test } from 'vitest';
import { requestJson, responseOf } from './tensor-json.ts';

const input = { name: 'x', shape: [2n] };

function translated(request: Parameters<typeof create<typeof ModelInferRequestSchema>>[1]) {
  const result = requestJson(create(ModelInferRequestSchema, request));
  return result.ok ? Buffer.from(result.body).toString() : result;
}

test('typed contents become JSON; 64 bit integers stay exact', () => {
  const big = 2n ** 63n - 1n;
  expect(
    translated({ id: 'a', inputs: [{ ...input, datatype: 'INT64', contents: { int64Contents: [big, -1n] } }] }),
  ).toBe(`{"id":"a","inputs":[{"name":"x","datatype":"INT64","shape":[2],"data":[${big},-1]}]}`);
  expect(
    translated({
      inputs: [{ ...input, datatype: 'BYTES', contents: { bytesContents: [Buffer.from('é"'), Buffer.of()] } }],
    }),
  ).toContain('"data":["é\\"",""]');
});

test('raw contents are read little endian', () => {
  const raw = new Uint8Array(new Float32Array([1.5, -2]).buffer);
  expect(translated({ inputs: [{ ...input, datatype: 'FP32' }], rawInputContents: [raw] })).toContain('[1.5,-2]');
});

test.for([
  [{ inputs: [{ ...input, datatype: 'FP64' }] }, 'inputs[0].contents'],
  [{ inputs: [{ ...input, datatype: 'FP16', contents: {} }] }, 'inputs[0].datatype'],
  [{ inputs: [{ ...input, datatype: 'FP64' }], rawInputContents: [new Uint8Array(7)] }, 'raw_input_contents[0]'],
  [{ inputs: [], rawInputContents: [new Uint8Array(8)] }, 'raw_input_contents'],
  [{ inputs: [{ ...input, datatype: 'FP64', contents: { fp64Contents: [1, Number.NaN] } }] }, 'inputs[0].contents[1]'],
  [
    { inputs: [{ ...input, datatype: 'BYTES', contents: { bytesContents: [Uint8Array.of(0xff)] } }] },
    'inputs[0].contents.bytes_contents[0]',
  ],
] as const)('names the field that cannot be translated', ([request, param]) => {
  expect(translated(request as never)).toMatchObject({ ok: false, param });
});

test('an answer comes back typed or raw, nested lists flat', () => {
  const body = Buffer.from(
    '{"model_name":"m","outputs":[{"name":"q","datatype":"FP64","shape":[2,1],"data":[[1],[2.5]]}]}',
  );
  const typed = responseOf(body, false);
  expect(typed.modelName).toBe('m');
  expect(typed.outputs[0]).toMatchObject({ shape: [2n, 1n], contents: { fp64Contents: [1, 2.5] } });
  const raw = responseOf(body, true);
  expect([...new Float64Array(new Uint8Array(raw.rawOutputContents[0]!).buffer)]).toEqual([1, 2.5]);
});
