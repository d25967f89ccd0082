import type { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { type ModuleRunner, moduleRunner } from '@subnetes/replay/module-runner';
import { type EpochInputsDocument, moduleOf } from '@subnetes/replay/recompute-epoch';
import { EXIT, Failure } from './failure.ts';

/** What runs the incentive functions of some epochs here: the modules that they name, as scoring keeps them, by their hash. */
export async function functionsOf(
  scoring: Pick<RpcClient<typeof Scoring>, 'getIncentiveFunction'>,
  document: EpochInputsDocument,
): Promise<ModuleRunner> {
  const runner = moduleRunner();
  const sha256 = moduleOf(document);
  if (sha256 !== undefined && runner.take(await moduleFrom(scoring, sha256)) !== sha256) {
    throw new Failure({
      code: 'DIGEST_DIFFERS',
      message: `scoring gave other bytes than the incentive function ${sha256}`,
      exitCode: EXIT.refused,
    });
  }
  return runner;
}

async function moduleFrom(
  scoring: Pick<RpcClient<typeof Scoring>, 'getIncentiveFunction'>,
  sha256: string,
): Promise<Uint8Array> {
  try {
    return (await scoring.getIncentiveFunction({ sha256: Buffer.from(sha256, 'hex') })).module;
  } catch (cause) {
    if (!(cause instanceof RpcError) || cause.code !== RpcCode.NOT_FOUND) throw cause;
    throw new Failure({
      code: cause.reason,
      message: cause.message,
      exitCode: EXIT.refused,
      remedy: 'whoever has the module may publish it again: subnetes function publish',
      cause,
    });
  }
}
