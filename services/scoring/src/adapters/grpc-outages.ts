import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { OutageError } from '@subnetes/runtime/errors';

export async function outagesAsUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw asUnavailable(error);
  }
}

export async function* streamOutagesAsUnavailable<T>(answers: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* answers;
  } catch (error) {
    throw asUnavailable(error);
  }
}

/** An outage of ours is one that the caller may wait out; anything else that is thrown stays a bug. */
function asUnavailable(thrown: unknown): unknown {
  if (!(thrown instanceof OutageError)) return thrown;
  const message = `scoring cannot reach its ${thrown.system} at present: try again`;
  return new RpcError({ code: RpcCode.UNAVAILABLE, reason: 'OUTAGE', message, cause: thrown });
}
