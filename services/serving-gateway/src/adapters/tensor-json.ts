import { create } from '@bufbuild/protobuf';
import {
  InferTensorContentsSchema,
  ModelInferResponseSchema,
  type InferTensorContents,
  type ModelInferRequest,
  type ModelInferResponse,
} from '@subnetes/proto/gen/inference/grpc_service_pb';

/** A gRPC request that cannot become a REST one; `param` is the path of the field. */
export interface TensorRefusal {
  readonly ok: false;
  readonly param: string;
  readonly message: string;
}

export type Translated = { readonly ok: true; readonly body: Uint8Array } | TensorRefusal;

type Field = Exclude<keyof InferTensorContents, '$typeName' | '$unknown'>;

interface Kind {
  readonly field: Field;
  /** Bytes of one value in raw contents, little endian; 0 where values carry their length. */
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number | bigint | boolean;
  readonly write: (view: DataView, at: number, value: number) => void;
}

function kind(field: Field, bytes: number, read: Kind['read'], write: Kind['write']): Kind {
  return { field, bytes, read, write };
}

/** FP16 travels in raw contents or over REST only: the protocol has no typed field for it. */
const KINDS: Readonly<Record<string, Kind>> = {
  BOOL: kind(
    'boolContents',
    1,
    (v, at) => v.getUint8(at) !== 0,
    (v, at, x) => v.setUint8(at, x),
  ),
  INT8: kind(
    'intContents',
    1,
    (v, at) => v.getInt8(at),
    (v, at, x) => v.setInt8(at, x),
  ),
  INT16: kind(
    'intContents',
    2,
    (v, at) => v.getInt16(at, true),
    (v, at, x) => v.setInt16(at, x, true),
  ),
  INT32: kind(
    'intContents',
    4,
    (v, at) => v.getInt32(at, true),
    (v, at, x) => v.setInt32(at, x, true),
  ),
  INT64: kind(
    'int64Contents',
    8,
    (v, at) => v.getBigInt64(at, true),
    (v, at, x) => v.setBigInt64(at, BigInt(x), true),
  ),
  UINT8: kind(
    'uintContents',
    1,
    (v, at) => v.getUint8(at),
    (v, at, x) => v.setUint8(at, x),
  ),
  UINT16: kind(
    'uintContents',
    2,
    (v, at) => v.getUint16(at, true),
    (v, at, x) => v.setUint16(at, x, true),
  ),
  UINT32: kind(
    'uintContents',
    4,
    (v, at) => v.getUint32(at, true),
    (v, at, x) => v.setUint32(at, x, true),
  ),
  UINT64: kind(
    'uint64Contents',
    8,
    (v, at) => v.getBigUint64(at, true),
    (v, at, x) => v.setBigUint64(at, BigInt(x), true),
  ),
  FP32: kind(
    'fp32Contents',
    4,
    (v, at) => v.getFloat32(at, true),
    (v, at, x) => v.setFloat32(at, x, true),
  ),
  FP64: kind(
    'fp64Contents',
    8,
    (v, at) => v.getFloat64(at, true),
    (v, at, x) => v.setFloat64(at, x, true),
  ),
};

const TEXT = new TextDecoder('utf-8', { fatal: true });

/** The REST body of a gRPC infer request, so that miners need to speak one protocol only. */
export function requestJson(request: ModelInferRequest): Translated {
  const isRaw = request.rawInputContents.length > 0;
  if (isRaw && request.rawInputContents.length !== request.inputs.length) {
    return refuse(
      'raw_input_contents',
      `has ${request.rawInputContents.length} entries for ${request.inputs.length} inputs`,
    );
  }
  const tensors: string[] = [];
  for (const [index, { name, datatype, shape, contents }] of request.inputs.entries()) {
    const at = `inputs[${index}]`;
    const raw = request.rawInputContents[index];
    if (isRaw && contents !== undefined)
      return refuse(`${at}.contents`, 'must be absent where raw_input_contents are sent');
    const values =
      raw === undefined
        ? typedValues(datatype, contents, at)
        : rawValues(datatype, raw, `raw_input_contents[${index}]`);
    if ('ok' in values) return values;
    const head = JSON.stringify({ name, datatype }).slice(0, -1);
    // Written by hand: JSON.stringify refuses bigint, and a double would round what is above 2^53.
    tensors.push(`${head},"shape":[${shape.join(',')}],"data":[${values.texts.join(',')}]}`);
  }
  const id = request.id === '' ? '' : `"id":${JSON.stringify(request.id)},`;
  const outputs =
    request.outputs.length === 0 ? '' : `,"outputs":${JSON.stringify(request.outputs.map(({ name }) => ({ name })))}`;
  return { ok: true, body: Buffer.from(`{${id}"inputs":[${tensors.join(',')}]${outputs}}`) };
}

type Values = { readonly texts: readonly string[] } | TensorRefusal;

function typedValues(datatype: string, contents: InferTensorContents | undefined, at: string): Values {
  if (contents === undefined) return refuse(`${at}.contents`, 'is missing');
  if (datatype === 'BYTES') return bytesValues(contents.bytesContents, `${at}.contents.bytes_contents`);
  const known = KINDS[datatype];
  if (known === undefined) return refuse(`${at}.datatype`, 'is not one that typed contents can hold');
  const values = contents[known.field] as readonly (number | bigint | boolean)[];
  return texts(values, `${at}.contents`);
}

function rawValues(datatype: string, raw: Uint8Array, at: string): Values {
  const known = KINDS[datatype];
  if (known === undefined) return refuse(at, `of datatype ${datatype.slice(0, 16)} is not taken: send typed contents`);
  if (raw.length % known.bytes !== 0) return refuse(at, `has ${raw.length} bytes, no multiple of ${known.bytes}`);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return texts(
    Array.from({ length: raw.length / known.bytes }, (_, index) => known.read(view, index * known.bytes)),
    at,
  );
}

function texts(values: readonly (number | bigint | boolean)[], at: string): Values {
  const bad = values.findIndex((value) => typeof value === 'number' && !Number.isFinite(value));
  if (bad >= 0) return refuse(`${at}[${bad}]`, 'is not finite');
  return { texts: values.map(String) };
}

function bytesValues(values: readonly Uint8Array[], at: string): Values {
  const written: string[] = [];
  for (const [index, value] of values.entries()) {
    try {
      written.push(JSON.stringify(TEXT.decode(value)));
    } catch {
      return refuse(`${at}[${index}]`, 'is no UTF-8'); // JSON has no other strings
    }
  }
  return { texts: written };
}

interface RestTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly unknown[];
}

/** The gRPC answer of a checked REST one; raw contents answer raw contents. @throws TypeError when it cannot be one. */
export function responseOf(body: Uint8Array, isRaw: boolean): ModelInferResponse {
  const answer = JSON.parse(TEXT.decode(body)) as {
    readonly model_name?: unknown;
    readonly model_version?: unknown;
    readonly id?: unknown;
    readonly outputs: readonly RestTensor[];
  };
  const isAllRaw = isRaw && answer.outputs.every(({ datatype }) => datatype in KINDS);
  return create(ModelInferResponseSchema, {
    modelName: textOr(answer.model_name),
    modelVersion: textOr(answer.model_version),
    id: textOr(answer.id),
    outputs: answer.outputs.map(({ name, datatype, shape, data }) => ({
      name,
      datatype,
      shape: shape.map(BigInt),
      ...(isAllRaw ? {} : { contents: contentsOf(datatype, flat(data)) }),
    })),
    rawOutputContents: isAllRaw ? answer.outputs.map(({ datatype, data }) => rawOf(datatype, flat(data))) : [],
  });
}

function contentsOf(datatype: string, values: readonly unknown[]): InferTensorContents {
  if (datatype === 'BYTES') {
    return create(InferTensorContentsSchema, { bytesContents: values.map((value) => Buffer.from(String(value))) });
  }
  const known = KINDS[datatype];
  if (known === undefined) throw new TypeError(`outputs of datatype ${datatype} have no typed contents`);
  const isWide = known.bytes === 8 && known.field !== 'fp64Contents';
  const convert = (value: unknown) => (datatype === 'BOOL' ? Boolean(value) : isWide ? BigInt(value as number) : value);
  return create(InferTensorContentsSchema, { [known.field]: values.map(convert) });
}

function rawOf(datatype: string, values: readonly unknown[]): Uint8Array {
  const known = KINDS[datatype];
  if (known === undefined) throw new TypeError(`outputs of datatype ${datatype} have no raw contents`);
  const view = new DataView(new ArrayBuffer(values.length * known.bytes));
  for (const [index, value] of values.entries()) known.write(view, index * known.bytes, Number(value));
  return new Uint8Array(view.buffer);
}

function flat(values: readonly unknown[]): readonly unknown[] {
  return values.flatMap((value) => (Array.isArray(value) ? flat(value as unknown[]) : [value]));
}

function textOr(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function refuse(param: string, message: string): TensorRefusal {
  return { ok: false, param, message: `${param} ${message}` };
}
