import { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { rpcService, type ServedService } from '@subnetes/runtime/grpc-server';
import { epochHandlers, type EpochParts } from './grpc-epochs.ts';
import { outagesAsUnavailable, streamOutagesAsUnavailable } from './grpc-outages.ts';
import { functionHandlers, type FunctionParts } from './grpc-functions.ts';
import { weightHandlers, type WeightParts } from './grpc-weights.ts';
import { witnessHandlers, type WitnessParts } from './grpc-witness.ts';

/** `subnetes.scoring.v1.Scoring`: every method, each only translating between the wire and a use case. */
export function scoringService(parts: EpochParts & WeightParts & FunctionParts & WitnessParts): ServedService {
  const witnesses = witnessHandlers(parts);
  const weights = weightHandlers(parts);
  const epochs = epochHandlers(parts);
  const functions = functionHandlers(parts);
  return rpcService(Scoring, {
    watchMetagraph: (request, call) => streamOutagesAsUnavailable(epochs.watchMetagraph(request, call)),
    commitWeights: (request, call) => outagesAsUnavailable(weights.commitWeights(request, call)),
    revealWeights: (request, call) => outagesAsUnavailable(weights.revealWeights(request, call)),
    setWeights: (request, call) => outagesAsUnavailable(weights.setWeights(request, call)),
    getInterval: (request, call) => outagesAsUnavailable(weights.getInterval(request, call)),
    getMetagraph: (request, call) => outagesAsUnavailable(epochs.getMetagraph(request, call)),
    listEpochs: (request, call) => outagesAsUnavailable(epochs.listEpochs(request, call)),
    getEpoch: (request, call) => outagesAsUnavailable(epochs.getEpoch(request, call)),
    explainNeuron: (request, call) => outagesAsUnavailable(epochs.explainNeuron(request, call)),
    replayEpoch: (request, call) => outagesAsUnavailable(epochs.replayEpoch(request, call)),
    getSignedRows: (request, call) => streamOutagesAsUnavailable(witnesses.getSignedRows(request, call)),
    submitWitness: (request, call) => outagesAsUnavailable(witnesses.submitWitness(request, call)),
    publishIncentiveFunction: (request, call) =>
      outagesAsUnavailable(functions.publishIncentiveFunction(request, call)),
    getIncentiveFunction: (request, call) => outagesAsUnavailable(functions.getIncentiveFunction(request, call)),
  });
}
