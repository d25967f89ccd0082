import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { PublishIncentiveFunctionRequest, Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import { invalidField, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { FunctionStore } from '#application/incentive-functions.ts';
import {
  type FunctionAuthority,
  FUNCTION_QUOTA,
  type PublishFunction,
  type PublishRefusal,
} from '#application/publish-function.ts';
import { turnstile } from '#application/turnstile.ts';
import { fromHex, toHex } from './messages.ts';

/** The largest module takes half a second to check, beside this thread. */
const PUBLICATIONS_AT_ONCE = 4;
/** Each reads a quarter of a megabyte at most. */
const READS_AT_ONCE = 16;
const SHA256_BYTES = 32;
/** As what a refusal goes out; every other code as FAILED_PRECONDITION. */
const STATUS_OF: { readonly [Code in PublishRefusal['code']]?: RpcCode } = {
  UNKNOWN_SUBNET: RpcCode.NOT_FOUND,
  NOT_OWNER: RpcCode.PERMISSION_DENIED,
  MANDATE_NOT_GRANTED: RpcCode.PERMISSION_DENIED,
  AUTHORITY_MISSING: RpcCode.PERMISSION_DENIED,
};

export interface FunctionParts {
  readonly functions: Pick<FunctionStore, 'module'>;
  readonly publishFunction: PublishFunction;
}

type FunctionHandlers = Pick<RpcHandlers<typeof Scoring>, 'publishIncentiveFunction' | 'getIncentiveFunction'>;

/** Modules in, for whom the owner signed, and out to everybody: what they decide can be computed by anybody. */
export function functionHandlers(parts: FunctionParts): FunctionHandlers {
  const publications = turnstile(PUBLICATIONS_AT_ONCE);
  const reads = turnstile(READS_AT_ONCE);
  return {
    publishIncentiveFunction: async (request) => {
      const { netuid, module } = request;
      const asked = { netuid, module, authority: authorityOf(request) };
      const outcome = await (publications.pass(() => parts.publishFunction(asked)) ?? tooMany());
      if (outcome.kind === 'refused') throw refused(outcome);
      return {
        sha256: fromHex(outcome.sha256),
        repeatedCall: outcome.repeated,
        bytesPublished: BigInt(outcome.bytesPublished),
        bytesMax: BigInt(FUNCTION_QUOTA.bytes),
      };
    },
    getIncentiveFunction: async ({ sha256, withoutModule }) => {
      if (sha256.length !== SHA256_BYTES) throw invalidField('sha256', `${SHA256_BYTES} bytes`);
      const module = await (reads.pass(() => parts.functions.module(toHex(sha256))) ?? tooMany());
      if (module === undefined) {
        const message = `no incentive function ${toHex(sha256)} was published here`;
        throw new RpcError({ code: RpcCode.NOT_FOUND, reason: 'UNKNOWN_FUNCTION', message });
      }
      return withoutModule ? { sha256 } : { sha256, module };
    },
  };
}

function authorityOf({ authority }: PublishIncentiveFunctionRequest): FunctionAuthority | undefined {
  switch (authority.case) {
    case 'order':
    case 'mandate':
      return { kind: authority.case, envelope: authority.value };
    case undefined:
      return undefined;
  }
}

function refused({ code: reason, message }: PublishRefusal): RpcError {
  return new RpcError({ code: STATUS_OF[reason] ?? RpcCode.FAILED_PRECONDITION, reason, message });
}

function tooMany(): Promise<never> {
  const message = 'too many of these are under way: ask again in a second';
  return Promise.reject(new RpcError({ code: RpcCode.RESOURCE_EXHAUSTED, reason: 'TOO_MANY_FUNCTIONS', message }));
}
