import type { MessageInitShape } from '@bufbuild/protobuf';
import { OVERRIDES_MAX } from '@subnetes/consensus/overrides';
import { invalidField } from '@subnetes/proto/rpc-error';
import type {
  CounterfactualSchema,
  ReplayEpochRequest,
  ReplaySchema,
} from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { CounterfactualResult, ReplayResult } from '#application/replay-epoch.ts';
import type { WhatIf } from '#domain/what-if.ts';
import { fromHex } from './messages.ts';

const WITHOUT_MAX = 64;
/** Of a name or value; the longest that means anything has thirty. */
const TEXT_MAX = 64;

/** What is to be different. @throws RpcError that names the field which is over a limit. */
export function whatIfOf({ set, withoutValidators }: Pick<ReplayEpochRequest, 'set' | 'withoutValidators'>): WhatIf {
  if (set.length > OVERRIDES_MAX) throw invalidField('set', `at most ${OVERRIDES_MAX} parameters`);
  if (withoutValidators.length > WITHOUT_MAX) throw invalidField('without_validators', `at most ${WITHOUT_MAX} uids`);
  for (const [at, { name, value }] of set.entries()) {
    if (name.length > TEXT_MAX) throw invalidField(`set[${at}].name`, `at most ${TEXT_MAX} characters`);
    if (value.length > TEXT_MAX) throw invalidField(`set[${at}].value`, `at most ${TEXT_MAX} characters`);
  }
  const overrides = set.map(({ name, value }) => ({ name, value }));
  return { overrides, withoutValidators: [...new Set(withoutValidators)] };
}

export function replayMessage(replay: ReplayResult): MessageInitShape<typeof ReplaySchema> {
  const { counterfactual } = replay;
  return {
    index: BigInt(replay.index),
    storedOutputsSha256: fromHex(replay.storedOutputsSha256),
    recomputedOutputsSha256: fromHex(replay.recomputedOutputsSha256),
    equal: replay.equal,
    kernelAgrees: replay.kernelAgrees,
    inputsIntact: replay.inputsIntact,
    differences: replay.differences.map(({ field, uid, place, stored, recomputed }) => ({
      field,
      hasUid: uid !== undefined,
      uid: uid ?? 0,
      place,
      stored: stored ?? '',
      recomputed: recomputed ?? '',
    })),
    ...(counterfactual === undefined ? {} : { counterfactual: counterfactualMessage(counterfactual) }),
    evidence: replay.evidence.map(({ storedSha256, recomputedSha256 }) => ({
      storedSha256: fromHex(storedSha256),
      recomputedSha256: fromHex(recomputedSha256),
      equal: storedSha256 === recomputedSha256,
    })),
  };
}

function counterfactualMessage(result: CounterfactualResult): MessageInitShape<typeof CounterfactualSchema> {
  return {
    changes: result.changes.map(({ parameter, asked, before, after, floored }) => ({
      parameter,
      askedName: asked.name,
      askedValue: asked.value,
      before,
      after,
      floored,
    })),
    withoutValidators: [...result.withoutValidators],
    neurons: result.neurons.map((neuron) => ({
      uid: neuron.uid,
      incentiveBeforeU16: neuron.incentiveBefore,
      incentiveAfterU16: neuron.incentiveAfter,
      dividendsBeforeU16: neuron.dividendsBefore,
      dividendsAfterU16: neuron.dividendsAfter,
      paidBeforeRao: neuron.paidBefore.toString(),
      paidAfterRao: neuron.paidAfter.toString(),
      differenceRao: neuron.difference.toString(),
    })),
    potRao: result.pot.toString(),
    unattributedBeforeRao: result.unattributedBefore.toString(),
    unattributedAfterRao: result.unattributedAfter.toString(),
    kernelAgrees: result.kernelAgrees,
  };
}
