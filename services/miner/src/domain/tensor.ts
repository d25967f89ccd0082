/** A tensor of doubles in row-major order. */
export type Tensor = { readonly shape: readonly number[]; readonly values: Float64Array };

/** What a model takes or gives; -1 is a dimension that the caller chooses. */
export type TensorSpec = { readonly name: string; readonly shape: readonly number[] };

export type InferRequest = { readonly id: string | undefined; readonly inputs: ReadonlyMap<string, Tensor> };

/** Why a request is refused: the field and what it should be, for the caller to read. */
export type RequestRefusal = { readonly field: string; readonly message: string };

/** Entries that a free dimension may have; the forecast contract allows as many closes. */
export const DIMENSION_MAX = 512;
const INPUTS_MAX = 16;
const ID_LENGTH_MAX = 128;

/** Reads the JSON of a KServe v2 infer request and checks it against what the model takes. */
export function readInferRequest(
  json: unknown,
  specs: readonly TensorSpec[],
): { readonly ok: true; readonly request: InferRequest } | { readonly ok: false; readonly refusal: RequestRefusal } {
  if (!isRecord(json)) return refuse('$', 'must be an object');
  const { id, inputs } = json;
  if (id !== undefined && (typeof id !== 'string' || id.length > ID_LENGTH_MAX)) {
    return refuse('id', `must be a text of at most ${ID_LENGTH_MAX} characters`);
  }
  if (!Array.isArray(inputs) || inputs.length > INPUTS_MAX) {
    return refuse('inputs', `must be a list of at most ${INPUTS_MAX} tensors`);
  }
  const tensors = new Map<string, Tensor>();
  for (const [index, input] of inputs.entries()) {
    const field = `inputs[${index}]`;
    if (!isRecord(input)) return refuse(field, 'must be an object');
    const spec = specs.find(({ name }) => name === input['name']);
    if (spec === undefined)
      return refuse(`${field}.name`, `must be one of ${specs.map(({ name }) => name).join(', ')}`);
    if (tensors.has(spec.name)) return refuse(`${field}.name`, 'comes twice');
    const tensor = readTensor(input, spec, field);
    if ('refusal' in tensor) return { ok: false, refusal: tensor.refusal };
    tensors.set(spec.name, tensor);
  }
  const missing = specs.find(({ name }) => !tensors.has(name));
  if (missing !== undefined) return refuse('inputs', `must hold ${missing.name}`);
  return { ok: true, request: { id, inputs: tensors } };
}

function readTensor(
  input: Readonly<Record<string, unknown>>,
  spec: TensorSpec,
  field: string,
): Tensor | { readonly refusal: RequestRefusal } {
  const wrong = (part: string, message: string) => ({ refusal: { field: `${field}.${part}`, message } });
  if (input['datatype'] !== 'FP64') return wrong('datatype', 'must be FP64');
  const { shape, data } = input;
  if (!isShape(shape)) return wrong('shape', `must be a list of whole numbers from 1 to ${DIMENSION_MAX}`);
  if (shape.length !== spec.shape.length || spec.shape.some((dim, at) => dim !== -1 && dim !== shape[at])) {
    return wrong('shape', `must be [${spec.shape.map((dim) => (dim === -1 ? 'n' : dim)).join(',')}]`);
  }
  if (!Array.isArray(data)) return wrong('data', 'must be a list of numbers');
  const size = shape.reduce((product, dim) => product * dim, 1);
  // Nested lists are allowed by the protocol; deeper than the shape there is nothing to flatten.
  const flat: readonly unknown[] = shape.length > 1 ? data.flat(shape.length - 1) : data;
  if (flat.length !== size) return wrong('data', `must hold ${size} numbers, not ${flat.length}`);
  const bad = flat.findIndex((value) => typeof value !== 'number' || !Number.isFinite(value));
  if (bad !== -1) return wrong(`data[${bad}]`, 'must be a finite number');
  return { shape, values: Float64Array.from(flat as readonly number[]) };
}

/** The JSON of a KServe v2 infer response. JSON has no NaN: a number that is none leaves as null. */
export function inferResponse(answer: {
  readonly model: string;
  readonly id: string | undefined;
  readonly outputs: ReadonlyMap<string, Tensor>;
}): object {
  return {
    model_name: answer.model,
    model_version: '1',
    ...(answer.id === undefined ? {} : { id: answer.id }),
    outputs: [...answer.outputs].map(([name, { shape, values }]) => ({
      name,
      datatype: 'FP64',
      shape,
      data: Array.from(values),
    })),
  };
}

function isShape(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.length <= 8 &&
    value.every((dim) => Number.isInteger(dim) && dim >= 1 && dim <= DIMENSION_MAX)
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(field: string, message: string): { readonly ok: false; readonly refusal: RequestRefusal } {
  return { ok: false, refusal: { field, message } };
}
