/** A request or an answer that does not follow Open Inference Protocol v2; `param` is the path of the field. */
export interface Violation {
  readonly ok: false;
  readonly param: string;
  readonly message: string;
}

export type Checked = { readonly ok: true } | Violation;

const DATATYPES: ReadonlySet<string> = new Set(
  'BOOL UINT8 UINT16 UINT32 UINT64 INT8 INT16 INT32 INT64 FP16 FP32 FP64 BYTES'.split(' '),
);
const TENSORS_MAX = 64;
const DIMENSIONS_MAX = 8;
const NAME_MAX = 256;
const NESTING_MAX = DIMENSIONS_MAX;

/** Checks the body of an infer request as it was parsed; tensors' meaning is for the model to judge. */
export function checkInferRequest(body: unknown): Checked {
  if (!isObject(body)) return violation('body', 'must be a JSON object with inputs');
  if (body['id'] !== undefined && typeof body['id'] !== 'string') return violation('id', 'must be a string');
  const { outputs } = body;
  if (outputs !== undefined && (!Array.isArray(outputs) || outputs.length > TENSORS_MAX)) {
    return violation('outputs', `must be a list of at most ${TENSORS_MAX} requested outputs`);
  }
  return checkTensors(body['inputs'], 'inputs');
}

/** Checks an answer: at least one output, every value there and finite. An answer that fails this is no result. */
export function checkInferAnswer(body: unknown): Checked {
  if (!isObject(body)) return violation('body', 'must be a JSON object with outputs');
  return checkTensors(body['outputs'], 'outputs');
}

function checkTensors(tensors: unknown, at: string): Checked {
  if (!Array.isArray(tensors) || tensors.length === 0 || tensors.length > TENSORS_MAX) {
    return violation(at, `must be a list of 1 to ${TENSORS_MAX} tensors`);
  }
  for (const [index, tensor] of (tensors as unknown[]).entries()) {
    const checked = checkTensor(tensor, `${at}[${index}]`);
    if (!checked.ok) return checked;
  }
  return { ok: true };
}

function checkTensor(tensor: unknown, at: string): Checked {
  if (!isObject(tensor)) return violation(at, 'must be a tensor: {name, datatype, shape, data}');
  const { name, datatype, shape, data } = tensor;
  if (typeof name !== 'string' || name === '' || name.length > NAME_MAX) {
    return violation(`${at}.name`, `must be a string of 1 to ${NAME_MAX} characters`);
  }
  if (typeof datatype !== 'string' || !DATATYPES.has(datatype)) {
    return violation(`${at}.datatype`, `must be one of ${[...DATATYPES].join(', ')}`);
  }
  if (!Array.isArray(shape) || shape.length > DIMENSIONS_MAX || !shape.every(isDimension)) {
    return violation(`${at}.shape`, `must be a list of at most ${DIMENSIONS_MAX} whole numbers`);
  }
  if (!Array.isArray(data)) return violation(`${at}.data`, 'must be a list of values');
  const count = checkValues(data, { at: `${at}.data`, datatype, depth: 0 });
  if (typeof count !== 'number') return count;
  const elements = shape.reduce((product: number, dimension) => product * (dimension as number), 1);
  if (count !== elements) return violation(`${at}.data`, `has ${count} values, the shape says ${elements}`);
  return { ok: true };
}

/** How many values a flat or nested list has; every one of them of the datatype's kind. */
function checkValues(
  values: readonly unknown[],
  of: { readonly at: string; readonly datatype: string; readonly depth: number },
): number | Violation {
  if (of.depth > NESTING_MAX) return violation(of.at, `is nested deeper than ${NESTING_MAX}`);
  let count = 0;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (Array.isArray(value)) {
      const inner = checkValues(value, { ...of, at: `${of.at}[${index}]`, depth: of.depth + 1 });
      if (typeof inner !== 'number') return inner;
      count += inner;
    } else if (isOfKind(value, of.datatype)) {
      count += 1;
    } else {
      return violation(`${of.at}[${index}]`, `is ${describe(value)}, not ${of.datatype}`);
    }
  }
  return count;
}

function isOfKind(value: unknown, datatype: string): boolean {
  if (datatype === 'BOOL') return typeof value === 'boolean' || value === 0 || value === 1;
  if (datatype === 'BYTES') return typeof value === 'string';
  return typeof value === 'number' && Number.isFinite(value) && (datatype.startsWith('FP') || Number.isInteger(value));
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value === 'number' ? 'a fraction' : `a ${typeof value}`;
}

function isDimension(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function violation(param: string, message: string): Violation {
  return { ok: false, param, message: `${param} ${message}` };
}
