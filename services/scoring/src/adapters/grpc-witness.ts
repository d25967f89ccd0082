import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { invalidField, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { SubmitWitness, WitnessRefusal } from '#application/submit-witness.ts';
import { turnstile } from '#application/turnstile.ts';

/** Each reads an epoch's amounts, a hundred kilobytes where a subnet is full. */
const SUBMISSIONS_AT_ONCE = 16;

const REFUSALS: { readonly [Reason in WitnessRefusal]: { readonly code: RpcCode; readonly message: string } } = {
  UNKNOWN_WITNESS: { code: RpcCode.PERMISSION_DENIED, message: 'the key is none of the witnesses of this network' },
  UNKNOWN_EPOCH: { code: RpcCode.NOT_FOUND, message: 'the subnet has no such epoch yet' },
  BAD_SIGNATURE: {
    code: RpcCode.FAILED_PRECONDITION,
    message: 'the signature is not of what scoring published: it was computed otherwise, or for another network',
  },
};

/** `SubmitWitness`: who may is known by the signature alone. */
export function witnessHandlers(parts: {
  readonly submitWitness: SubmitWitness;
}): Pick<RpcHandlers<typeof Scoring>, 'submitWitness'> {
  const submissions = turnstile(SUBMISSIONS_AT_ONCE);
  return {
    submitWitness: async ({ netuid, index, witness }) => {
      if (witness === undefined) throw invalidField('witness', 'the signature is missing');
      if (index === 0n || index > BigInt(Number.MAX_SAFE_INTEGER)) throw invalidField('index', 'no epoch has it');
      const outcome = await submissions.pass(() => parts.submitWitness(netuid, Number(index), witness));
      if (outcome === undefined) throw tooMany();
      if (outcome.kind === 'refused') throw new RpcError({ reason: outcome.reason, ...REFUSALS[outcome.reason] });
      return { repeatedCall: outcome.repeated, witnesses: outcome.witnesses };
    },
  };
}

function tooMany(): RpcError {
  const message = 'too many of these are under way: ask again in a second';
  return new RpcError({ code: RpcCode.RESOURCE_EXHAUSTED, reason: 'TOO_MANY_WITNESSES', message });
}
