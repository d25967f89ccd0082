import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { create, createFileRegistry, fromBinary, toBinary, toJson } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema, type FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import { Client, credentials, Server, ServerCredentials, type ServiceError } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Health } from '../gen/grpc/health/v1/health_pb.ts';
import {
  ServerReflection,
  type ServerReflectionRequestSchema,
  type ServerReflectionResponse,
} from '../gen/grpc/reflection/v1/reflection_pb.ts';
import { GRPCInferenceService, ModelInferRequestSchema } from '../gen/inference/grpc_service_pb.ts';
import { Ledger } from '../gen/subnetes/ledger/v1/ledger_pb.ts';
import { methodDefinition } from '../src/grpc-adapter.ts';
import { addReflection, type Reflection } from '../src/grpc-reflection.ts';
import { RpcCode } from '../src/rpc-error.ts';

type Question = NonNullable<MessageInitShape<typeof ServerReflectionRequestSchema>['messageRequest']>;

let server: Server;
let client: Client;
let reflection: Reflection;
let seen: { readonly code: number; readonly error: unknown }[];

beforeEach(async () => {
  seen = [];
  server = new Server();
  reflection = addReflection(server, {
    services: [Ledger, GRPCInferenceService, Health],
    admits: () => true,
    observe: ({ code, error }) => seen.push({ code, error }),
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});

afterEach(() => {
  client.close();
  server.forceShutdown();
});

const METHOD = methodDefinition(ServerReflection.method.serverReflectionInfo);

function converse() {
  const { path, requestSerialize, responseDeserialize } = METHOD;
  return client.makeBidiStreamRequest(path, requestSerialize, (bytes) => responseDeserialize(bytes));
}

/** Asks all questions in one call. */
async function ask(...questions: readonly Question[]): Promise<readonly ServerReflectionResponse[]> {
  const call = converse();
  for (const messageRequest of questions) call.write({ host: 'here', messageRequest });
  call.end();
  const answers: ServerReflectionResponse[] = [];
  for await (const answer of call) answers.push(answer as ServerReflectionResponse);
  return answers;
}

async function filesOf(question: Question): Promise<readonly FileDescriptorProto[]> {
  const [answer] = await ask(question);
  if (answer?.messageResponse.case !== 'fileDescriptorResponse') throw new Error(JSON.stringify(answer));
  return answer.messageResponse.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
}

async function errorOf(question: Question): Promise<unknown> {
  const [answer] = await ask(question);
  return answer?.messageResponse.case === 'errorResponse' ? answer.messageResponse.value : undefined;
}

/** Files in an order in which each comes after all that it imports. */
function importsFirst(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const ordered = new Set<FileDescriptorProto>();
  const visit = (name: string): void => {
    const file = files.get(name);
    if (file === undefined) throw new Error(`${name} is imported and was not sent`);
    for (const imported of file.dependency) visit(imported);
    ordered.add(file);
  };
  for (const name of files.keys()) visit(name);
  return [...ordered];
}

/** The code with which a call ends. */
async function failureOf(call: Readable): Promise<number> {
  call.resume();
  const [error] = (await once(call, 'error')) as [ServiceError];
  return error.code;
}

describe('reflection', () => {
  test('leads from the list of services to a message that can be read with nothing else', async () => {
    const [list] = await ask({ case: 'listServices', value: '' });
    expect(list).toMatchObject({ validHost: 'here', originalRequest: { messageRequest: { case: 'listServices' } } });
    if (list?.messageResponse.case !== 'listServicesResponse') throw new Error('no list');
    const names = list.messageResponse.value.service.map(({ name }) => name);
    expect(names).toEqual([
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'inference.GRPCInferenceService',
      'subnetes.ledger.v1.Ledger',
    ]);
    const found = new Map<string, FileDescriptorProto>();
    for (const value of names) {
      for (const file of await filesOf({ case: 'fileContainingSymbol', value })) found.set(file.name, file);
    }
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: importsFirst(found) }));
    for (const name of names) expect(registry.getService(name)?.methods.length).toBeGreaterThan(0);
    const method = registry.getService('inference.GRPCInferenceService')?.method['modelInfer'];
    if (method === undefined) throw new Error('no method ModelInfer');
    const sent = { modelName: 'sp500.forecast', inputs: [{ name: 'closes', datatype: 'FP64', shape: [3n] }] };
    const bytes = toBinary(ModelInferRequestSchema, create(ModelInferRequestSchema, sent));
    expect(toJson(method.input, fromBinary(method.input, bytes))).toEqual({
      modelName: 'sp500.forecast',
      inputs: [{ name: 'closes', datatype: 'FP64', shape: ['3'] }],
    });
  });

  test('gives a file with all that it imports, itself first and each once', async () => {
    const files = await filesOf({ case: 'fileByFilename', value: 'subnetes/ledger/v1/ledger.proto' });
    const names = files.map(({ name }) => name);
    expect(names[0]).toBe('subnetes/ledger/v1/ledger.proto');
    expect(new Set(names).size).toBe(names.length);
    expect(names).toContain('subnetes/common/v1/common.proto');
    for (const { dependency } of files) expect(names).toEqual(expect.arrayContaining(dependency));
    const [alone] = await filesOf({ case: 'fileByFilename', value: 'grpc/health/v1/health.proto' });
    expect(alone?.service.map(({ name }) => name)).toEqual(['Health']);
  });

  test.for([
    'subnetes.ledger.v1.Ledger',
    'subnetes.ledger.v1.Ledger.GetNetwork',
    'subnetes.ledger.v1.GetNetworkRequest',
    'inference.ModelInferRequest.InferInputTensor',
    'grpc.health.v1.HealthCheckResponse.ServingStatus',
  ])('finds the file of %s', async (value) => {
    const [file] = await filesOf({ case: 'fileContainingSymbol', value });
    expect(value.startsWith(`${file?.package}.`)).toBe(true);
  });

  test.for<Question>([
    { case: 'fileByFilename', value: 'etc/passwd' },
    { case: 'fileContainingSymbol', value: 'subnetes.scoring.v1.Scoring' },
    { case: 'fileContainingSymbol', value: 'subnetes.ledger.v1.Ledger.NoSuchMethod' },
    { case: 'fileContainingSymbol', value: '' },
    { case: 'fileContainingExtension', value: { containingType: 'subnetes.ledger.v1.GetNetworkRequest' } },
    { case: 'allExtensionNumbersOfType', value: 'no.such.Type' },
  ])('does not know $case $value, and goes on', async (question) => {
    expect(await errorOf(question)).toMatchObject({ errorCode: RpcCode.NOT_FOUND });
    const [, next] = await ask(question, { case: 'listServices', value: '' });
    expect(next?.messageResponse.case).toBe('listServicesResponse');
    expect(seen.map(({ error }) => error)).toEqual([undefined, undefined]);
  });

  test('a known message has no extensions', async () => {
    const [answer] = await ask({ case: 'allExtensionNumbersOfType', value: 'inference.ModelInferRequest' });
    expect(answer?.messageResponse).toMatchObject({
      case: 'allExtensionNumbersResponse',
      value: { baseTypeName: 'inference.ModelInferRequest', extensionNumber: [] },
    });
  });

  test('a long name is told back in short, and a longer one ends the call', async () => {
    const long = await errorOf({ case: 'fileByFilename', value: 'x'.repeat(3000) });
    expect((long as { errorMessage: string }).errorMessage.length).toBeLessThan(300);
    const call = converse();
    call.write({ messageRequest: { case: 'fileByFilename', value: 'x'.repeat(5000) } });
    expect(await failureOf(call)).toBe(RpcCode.RESOURCE_EXHAUSTED);
  });

  test('more questions than a call may ask end it', async () => {
    const call = converse();
    for (let n = 0; n <= 1000; n += 1) call.write({ messageRequest: { case: 'fileByFilename', value: 'none' } });
    expect(await failureOf(call)).toBe(RpcCode.RESOURCE_EXHAUSTED);
  });

  test('bytes that are no question end the call, and are nothing for the log', async () => {
    const call = client.makeBidiStreamRequest(METHOD.path, (bytes: Buffer) => bytes, METHOD.responseDeserialize);
    call.write(Buffer.from([0xff, 0xff]));
    expect(await failureOf(call)).toBe(RpcCode.INVALID_ARGUMENT);
    expect(seen).toEqual([{ code: RpcCode.INVALID_ARGUMENT, error: undefined }]);
  });

  test('a caller that leaves is not waited for', async () => {
    const call = converse();
    call.write({ messageRequest: { case: 'listServices', value: '' } });
    await once(call, 'data');
    call.cancel();
    expect(await failureOf(call)).toBe(RpcCode.CANCELLED);
    await expect.poll(() => seen.map(({ error }) => error)).toEqual([undefined]);
  });

  test('a server that goes down waits for nobody who asks no more', async () => {
    const call = converse();
    call.write({ messageRequest: { case: 'listServices', value: '' } });
    await once(call, 'data');
    const failure = failureOf(call);
    const down = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    reflection.close();
    expect(await failure).toBe(RpcCode.UNAVAILABLE);
    await down;
  });
});
