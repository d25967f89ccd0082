import { create, createRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { DescFile, DescService, MessageInitShape, Registry } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import {
  ServerReflection,
  ServerReflectionRequestSchema,
  ServerReflectionResponseSchema,
  type ServerReflectionRequest,
} from '../gen/grpc/reflection/v1/reflection_pb.ts';
import type { RpcService } from './grpc-adapter.ts';
import { RpcCode, RpcError } from './rpc-error.ts';

type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>['messageResponse']>;

const NAME_CHARACTERS_MAX = 256;

/**
 * Answers for grpc.reflection.v1 about these services and itself. This module is loaded with the first question alone:
 * descriptors and their index take memory that a process which nobody asks can do without.
 *
 * @returns from a serialised ServerReflectionRequest to a serialised ServerReflectionResponse; a file comes with all
 *   that it imports, itself first. Throws RpcError for what is no request.
 */
export function reflectionAnswers(services: readonly RpcService[]): (request: Uint8Array) => Uint8Array {
  // GenService describes its methods more narrowly than DescService; at run time they are DescServices.
  const described = [...services, ServerReflection] as unknown as readonly DescService[];
  const files = closureOf(described.map(({ file }) => file));
  const registry = createRegistry(...files.values());
  const names = described.map(({ typeName }) => typeName).toSorted((a, b) => (a < b ? -1 : 1));
  return (bytes) => {
    const request = requestOf(bytes);
    const messageResponse = answerOf(request, { files, registry, names });
    const response = { validHost: request.host, originalRequest: request, messageResponse };
    return toBinary(ServerReflectionResponseSchema, create(ServerReflectionResponseSchema, response));
  };
}

interface Known {
  /** By path, as imports write it. */
  readonly files: ReadonlyMap<string, DescFile>;
  readonly registry: Registry;
  readonly names: readonly string[];
}

function requestOf(bytes: Uint8Array): ServerReflectionRequest {
  try {
    return fromBinary(ServerReflectionRequestSchema, bytes);
  } catch {
    // The caller's doing, and nothing for our log.
    throw new RpcError({ code: RpcCode.INVALID_ARGUMENT, message: 'this is no ServerReflectionRequest' });
  }
}

function answerOf({ messageRequest }: ServerReflectionRequest, known: Known): Answer {
  switch (messageRequest.case) {
    case 'listServices':
      return { case: 'listServicesResponse', value: { service: known.names.map((name) => ({ name })) } };
    case 'fileByFilename':
      return fileAnswer(known.files.get(messageRequest.value), messageRequest.value);
    case 'fileContainingSymbol':
      return fileAnswer(fileOf(known.registry, messageRequest.value), messageRequest.value);
    case 'fileContainingExtension':
      return notFound(`extension ${messageRequest.value.extensionNumber} of ${messageRequest.value.containingType}`);
    case 'allExtensionNumbersOfType': {
      const baseTypeName = messageRequest.value;
      if (known.registry.getMessage(baseTypeName) === undefined) return notFound(baseTypeName);
      return { case: 'allExtensionNumbersResponse', value: { baseTypeName } }; // no message of ours has one
    }
    case undefined: {
      const errorMessage = 'name a file or a symbol, or list services';
      return { case: 'errorResponse', value: { errorCode: RpcCode.INVALID_ARGUMENT, errorMessage } };
    }
  }
}

/** The file that declares a service, a method of one, a message or an enum. */
function fileOf(registry: Registry, symbol: string): DescFile | undefined {
  const declared = registry.get(symbol);
  if (declared !== undefined) return declared.file;
  const dot = symbol.lastIndexOf('.');
  const service = registry.getService(symbol.slice(0, Math.max(0, dot)));
  return service?.methods.some(({ name }) => name === symbol.slice(dot + 1)) === true ? service.file : undefined;
}

function fileAnswer(file: DescFile | undefined, asked: string): Answer {
  if (file === undefined) return notFound(asked);
  const fileDescriptorProto = [...closureOf([file]).values()].map(({ proto }) =>
    toBinary(FileDescriptorProtoSchema, proto),
  );
  return { case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
}

function notFound(what: string): Answer {
  const errorMessage = `this server knows no ${what.slice(0, NAME_CHARACTERS_MAX)}`;
  return { case: 'errorResponse', value: { errorCode: RpcCode.NOT_FOUND, errorMessage } };
}

/** Files with all that they import, each once, those asked for first. */
function closureOf(roots: readonly DescFile[]): ReadonlyMap<string, DescFile> {
  const found = new Map<string, DescFile>();
  for (const file of roots) found.set(file.proto.name, file);
  // A Map's iteration goes on over what is added meanwhile.
  for (const file of found.values()) {
    for (const imported of file.dependencies) {
      if (!found.has(imported.proto.name)) found.set(imported.proto.name, imported);
    }
  }
  return found;
}
