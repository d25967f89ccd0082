import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';

/** The shape that protoc-gen-es gives a service: its methods by local name (`getNetwork`). */
export interface RpcService {
  readonly typeName: string;
  readonly name: string;
  readonly method: Readonly<Record<string, MethodShape>>;
}

export type MethodKind = 'unary' | 'server_streaming' | 'client_streaming' | 'bidi_streaming';

export interface MethodShape {
  readonly methodKind: MethodKind;
  readonly input: DescMessage;
  readonly output: DescMessage;
}

export type RequestOf<M extends MethodShape> = MessageShape<M['input']>;
export type ResponseOf<M extends MethodShape> = MessageShape<M['output']>;
export type RequestInit<M extends MethodShape> = MessageInitShape<M['input']>;
export type ResponseInit<M extends MethodShape> = MessageInitShape<M['output']>;

/** grpc-js's definition of one method, messages as protobuf-es makes them. */
export function methodDefinition(method: DescMethod): MethodDefinition<unknown, unknown> {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
    requestSerialize: serializer(method.input),
    requestDeserialize: (bytes) => fromBinary(method.input, bytes),
    responseSerialize: serializer(method.output),
    responseDeserialize: (bytes) => fromBinary(method.output, bytes),
  };
}

/** Methods of a service by local name. */
export function methodsOf(service: RpcService): ReadonlyMap<string, DescMethod> {
  // GenService describes its methods more narrowly than DescMethod; at run time they are DescMethods.
  return new Map(Object.entries(service.method) as unknown as [string, DescMethod][]);
}

export function serviceDefinition(service: RpcService): ServiceDefinition {
  return Object.fromEntries([...methodsOf(service)].map(([name, method]) => [name, methodDefinition(method)]));
}

/** Init objects become messages here, so that handlers and callers write plain objects. */
function serializer(schema: DescMessage): (value: unknown) => Buffer {
  return (value) => {
    const bytes = toBinary(schema, create(schema, value as MessageInitShape<DescMessage>));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}
