import { fromBinary } from '@bufbuild/protobuf';
import { SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { isOutage, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { type ScoringPort, ScoringUnavailableError } from '#application/ports.ts';

/** Scoring over gRPC. Outages become ScoringUnavailableError, refusals values, everything else is a bug. */
export function scoringClient(client: RpcClient<typeof Scoring>): ScoringPort {
  return {
    async hasFunction(sha256, signal) {
      const request = { sha256: Buffer.from(sha256, 'hex'), withoutModule: true };
      try {
        await client.getIncentiveFunction(request, { signal });
        return true;
      } catch (error) {
        if (error instanceof RpcError && error.code === RpcCode.NOT_FOUND) return false;
        throw translated(error);
      }
    },
    async publishFunction({ netuid, module, mandate }, signal) {
      const authority = { case: 'mandate' as const, value: fromBinary(SignedEnvelopeSchema, mandate) };
      try {
        await client.publishIncentiveFunction({ netuid, module, authority }, { signal });
        return { kind: 'published' };
      } catch (error) {
        const known = translated(error);
        if (known instanceof RpcError && known.reason !== '' && known.code !== RpcCode.INTERNAL) {
          return { kind: 'refused', code: known.reason, message: known.message };
        }
        throw known;
      }
    },
  };
}

/** That it has too much to do at present is as good as no answer. */
function translated(error: unknown): unknown {
  const isBusy = error instanceof RpcError && error.code === RpcCode.RESOURCE_EXHAUSTED;
  return isBusy || isOutage(error) ? new ScoringUnavailableError('scoring does not answer', { cause: error }) : error;
}
