import type { Money } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';

/** Rao of a wire's decimal text; a field that was left out is zero, as protobuf has it. */
export function raoOfText(text: string): bigint {
  return text === '' ? 0n : BigInt(text);
}

/** Rao of an amount; an amount that was left out is zero. */
export function raoOf(money: Money | undefined): bigint {
  return raoOfText(money?.amount ?? '');
}
