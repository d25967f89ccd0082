import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { OutageError } from '@subnetes/runtime/errors';

/** An answer of a peer; that it is away, or has too much to do, is told as an OutageError. */
export async function answered<T>(system: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RpcError && (error.isOutage || error.code === RpcCode.RESOURCE_EXHAUSTED)) {
      throw new OutageError(system, `${system} does not answer: ${error.message}`, error);
    }
    throw error;
  }
}
