import type { GRPCInferenceService } from '@subnetes/proto/gen/inference/grpc_service_pb';
import type { CallContext, RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { invalidField, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { withSpan } from '@subnetes/telemetry/tracing';
import type { Served, ServeCall } from '../application/ports.ts';
import type { Admission } from '../domain/admission.ts';
import type { Market } from '../domain/market.ts';
import { statusOf, type Refusal } from '../domain/refusal.ts';
import { bearerOf, servedHeaders } from './kserve-rest.ts';
import { requestJson, responseOf } from './tensor-json.ts';
import type { ModelTensors } from './model-metadata.ts';

export interface KserveGrpcDeps {
  readonly serve: (call: ServeCall) => Promise<Served | Refusal>;
  readonly market: Market;
  readonly admission: Admission;
  readonly isModelReady: (model: string) => boolean;
  readonly tensorsOf: (model: string) => ModelTensors | undefined;
}

/** Open Inference Protocol v2 over gRPC. Calls of miners go over REST, so a request becomes JSON once. */
export function kserveGrpcHandlers(deps: KserveGrpcDeps): RpcHandlers<typeof GRPCInferenceService> {
  return {
    serverLive: async () => ({ live: true }),
    serverReady: async () => ({
      ready: !deps.admission.isDraining && deps.market.modelNames().some(deps.isModelReady),
    }),
    serverMetadata: async () => ({ name: 'subnetes', version: '2', extensions: [] }),
    async modelReady({ name, version }) {
      offerOf(deps, name, version);
      return { ready: deps.isModelReady(name) };
    },
    async modelMetadata({ name, version }) {
      const { subnet } = offerOf(deps, name, version);
      const model = subnet.models.find((candidate) => name === `${subnet.handle}.${candidate.name}`);
      const { inputs, outputs } = deps.tensorsOf(name) ?? { inputs: [], outputs: [] };
      const described = (tensors: typeof inputs) => tensors.map((one) => ({ ...one, shape: one.shape.map(BigInt) }));
      return {
        name,
        versions: [...(model?.versions ?? [])],
        platform: 'subnetes',
        inputs: described(inputs),
        outputs: described(outputs),
      };
    },
    async modelInfer(request, call) {
      const translated = requestJson(request);
      if (!translated.ok) throw invalidField(translated.param, translated.message);
      const model = request.modelName;
      const version = request.modelVersion === '' ? undefined : request.modelVersion;
      const versioned = version === undefined ? '' : `/versions/${encodeURIComponent(version)}`;
      const served = await withSpan('infer', {}, () =>
        deps.serve({
          apiKey: bearerOf(call.header('authorization')),
          model,
          version,
          path: `/v2/models/${encodeURIComponent(model)}${versioned}/infer`,
          body: translated.body,
          contentType: 'application/json',
          signal: call.signal,
        }),
      );
      if (!served.ok) throw errorOf(served);
      return deliver(served, call, request.rawInputContents.length > 0);
    },
  };
}

function offerOf(deps: KserveGrpcDeps, name: string, version: string) {
  const offer = deps.market.find(name, version === '' ? undefined : version);
  if (!offer.ok) throw errorOf(offer);
  return offer;
}

/** What REST tells in headers stands among the answer's parameters. */
function deliver(served: Served, call: CallContext, isRaw: boolean) {
  try {
    if (served.status >= 300) throw clientError(served);
    const response = responseOf(served.body, isRaw);
    for (const [name, value] of Object.entries(servedHeaders(served))) {
      response.parameters[name] = {
        $typeName: 'inference.InferParameter',
        parameterChoice: { case: 'stringParam', value },
      };
    }
    // The answer is handed to the transport when this handler returns. The transport reports ended calls as cancelled
    // too, so whether the caller is still there is asked now.
    const end = call.signal.aborted ? served.dropped : served.delivered;
    setImmediate(end);
    return response;
  } catch (error) {
    served.dropped();
    throw error;
  }
}

/** The miner found the request itself wrong; its words are kept short, and they are about the client's input. */
function clientError(served: Served): RpcError {
  const text = Buffer.from(served.body).toString('utf8', 0, 512);
  return new RpcError({
    code: RpcCode.INVALID_ARGUMENT,
    reason: 'INVALID_ARGUMENT',
    message: `the model refused the input: ${text}`,
  });
}

const CODES: Readonly<Record<number, RpcError['code']>> = {
  400: RpcCode.INVALID_ARGUMENT,
  401: RpcCode.UNAUTHENTICATED,
  402: RpcCode.RESOURCE_EXHAUSTED,
  404: RpcCode.NOT_FOUND,
  413: RpcCode.INVALID_ARGUMENT,
  415: RpcCode.INVALID_ARGUMENT,
  429: RpcCode.RESOURCE_EXHAUSTED,
  500: RpcCode.INTERNAL,
  504: RpcCode.DEADLINE_EXCEEDED,
};

function errorOf(refusal: Refusal): RpcError {
  const { code, message, param } = refusal;
  return new RpcError({
    code: CODES[statusOf(code)] ?? RpcCode.UNAVAILABLE,
    reason: code.toUpperCase(),
    message,
    ...(param === undefined ? {} : { fieldViolations: [{ field: param, description: message }] }),
    metadata: { doc: `/errors#${code}` },
  });
}
