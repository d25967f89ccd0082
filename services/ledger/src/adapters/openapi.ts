import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { type HttpRoute, methodOf } from './http-route.ts';
import { HTTP_ROUTES } from './http-routes.ts';

type Schema = Readonly<Record<string, unknown>>;

const PROBLEM: Schema = {
  type: 'object',
  description: 'RFC 9457. `code` is stable; `errors` names fields.',
  required: ['type', 'title', 'status', 'code', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'detail'],
        properties: { field: { type: 'string' }, detail: { type: 'string' } },
      },
    },
  },
};

/** The facade as OpenAPI 3.1, from the table of routes and the messages of the gRPC service. */
export function openApiDocument(version: string): Schema {
  const messages = new Map<string, Schema>();
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of HTTP_ROUTES) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route, messages) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Subnetes ledger',
      version,
      description:
        'The ledger for people: reading, and what wallets signed. Amounts are decimal strings of the smallest unit (rao), ' +
        'numbers of 64 bits are strings, bytes are base64.',
    },
    paths,
    components: { schemas: { ...Object.fromEntries(messages), Problem: PROBLEM } },
  };
}

function operationOf(route: HttpRoute, messages: Map<string, Schema>): Schema {
  const { input, output } = methodOf(route);
  const answer = route.first === undefined ? output : (output.field[route.first]?.message ?? output);
  const content = (schema: Schema) => ({ content: { 'application/json': { schema } } });
  return {
    operationId: route.call,
    summary: route.summary,
    parameters: Object.entries(route.parameters).map(([name, parameter]) => ({
      name,
      ...parameter,
      required: parameter.in === 'path',
    })),
    ...(route.method === 'POST'
      ? { requestBody: { required: true, ...bodyOf(route, content(referTo(input, messages))) } }
      : {}),
    ...(route.signs === undefined ? {} : { 'x-signed-payload': referTo(route.signs, messages) }),
    responses: {
      '200': { description: 'The answer', ...content(referTo(answer, messages)) },
      default: {
        description: 'Refused, or not available',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

/** Where the body holds an envelope, what was signed stands in it as bytes: the document tells its message beside. */
function bodyOf({ signs }: HttpRoute, content: Schema): Schema {
  if (signs === undefined) return content;
  const description = `A signed envelope; its payload is binary protobuf of ${nameOf(signs)}, see x-signed-payload`;
  return { description, ...content };
}

const nameOf = ({ typeName }: DescMessage): string => typeName.replace(/^subnetes\.(ledger|common)\.v1\./, '');

function referTo(message: DescMessage, messages: Map<string, Schema>): Schema {
  const name = nameOf(message);
  if (!messages.has(name)) {
    messages.set(name, {}); // a message that holds itself finds its name taken
    const properties = message.fields.map((field) => [field.jsonName, fieldSchema(field, messages)] as const);
    messages.set(name, { type: 'object', properties: Object.fromEntries(properties) });
  }
  return { $ref: `#/components/schemas/${name}` };
}

function fieldSchema(field: DescField, messages: Map<string, Schema>): Schema {
  switch (field.fieldKind) {
    case 'message':
      return referTo(field.message, messages);
    case 'enum':
      return enumSchema(field.enum.values);
    case 'scalar':
      return scalarSchema(field.scalar);
    case 'list':
      return { type: 'array', items: itemSchema(field, messages) };
    case 'map':
      return { type: 'object' };
  }
}

function itemSchema(field: Extract<DescField, { readonly fieldKind: 'list' }>, messages: Map<string, Schema>): Schema {
  switch (field.listKind) {
    case 'message':
      return referTo(field.message, messages);
    case 'enum':
      return enumSchema(field.enum.values);
    case 'scalar':
      return scalarSchema(field.scalar);
  }
}

function enumSchema(values: readonly { readonly name: string }[]): Schema {
  return { type: 'string', enum: values.map(({ name }) => name) };
}

/** As protobuf's JSON has them. */
function scalarSchema(scalar: ScalarType): Schema {
  switch (scalar) {
    case ScalarType.BOOL:
      return { type: 'boolean' };
    case ScalarType.BYTES:
      return { type: 'string', contentEncoding: 'base64' };
    case ScalarType.STRING:
      return { type: 'string' };
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
    case ScalarType.SINT64:
      return { type: 'string', pattern: '^-?[0-9]+$' };
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return { type: 'number' };
    case ScalarType.INT32:
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
    case ScalarType.SINT32:
      return { type: 'integer' };
  }
}
