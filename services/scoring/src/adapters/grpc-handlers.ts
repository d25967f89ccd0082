import { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { OutageError } from '@subnetes/runtime/errors';
import { type AddService, rpcService } from '@subnetes/runtime/grpc-server';
import { epochHandlers, type EpochParts } from './grpc-epochs.ts';
import { weightHandlers, type WeightParts } from './grpc-weights.ts';

/** `subnetes.scoring.v1.Scoring`: every method, each only translating between the wire and a use case. */
export function scoringService(parts: EpochParts & WeightParts): AddService {
  const weights = weightHandlers(parts);
  const epochs = epochHandlers(parts);
  return rpcService(Scoring, {
    ...epochs,
    commitWeights: (request, call) => outagesAsUnavailable(weights.commitWeights(request, call)),
    revealWeights: (request, call) => outagesAsUnavailable(weights.revealWeights(request, call)),
    getInterval: (request, call) => outagesAsUnavailable(weights.getInterval(request, call)),
    getMetagraph: (request, call) => outagesAsUnavailable(epochs.getMetagraph(request, call)),
    listEpochs: (request, call) => outagesAsUnavailable(epochs.listEpochs(request, call)),
    getEpoch: (request, call) => outagesAsUnavailable(epochs.getEpoch(request, call)),
    explainNeuron: (request, call) => outagesAsUnavailable(epochs.explainNeuron(request, call)),
    replayEpoch: (request, call) => outagesAsUnavailable(epochs.replayEpoch(request, call)),
  });
}

/** An outage of ours is one that the caller may wait out; anything else that is thrown stays a bug. */
async function outagesAsUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    if (!(cause instanceof OutageError)) throw cause;
    const message = `scoring cannot reach its ${cause.system} at present: try again`;
    throw new RpcError({ code: RpcCode.UNAVAILABLE, reason: 'OUTAGE', message, cause });
  }
}
