import { invalidField } from '@subnetes/proto/rpc-error';
import type { Hold, PostHold, Reversal, Transfer } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { MoneyOrder } from '#domain/economy/money-order.ts';
import { countField, moneyField, raoField } from './grpc-fields.ts';

/** What an order is for: a word for statements, not a text. */
const CODE_CHARACTERS_MAX = 64;
/** A key is a word, a colon and an id of at most 200 characters. */
const KEY_CHARACTERS_MAX = 256;

type Order<T extends MoneyOrder['type']> = Extract<MoneyOrder, { readonly type: T }>;

export function transferOrder(field: string, transfer: Transfer, asset: string): Order<'Transfer'> {
  const { id, from, to, code, amount, effectiveAtMs } = transfer;
  const effective = countField(`${field}.effective_at_ms`, effectiveAtMs);
  return {
    type: 'Transfer',
    request: {
      id,
      from,
      to,
      code: codeField(`${field}.code`, code),
      amount: moneyField(`${field}.amount`, amount, asset),
      ...(effective === 0 ? {} : { effectiveAtMs: effective }),
    },
  };
}

export function holdOrder(field: string, hold: Hold, asset: string): Order<'Hold'> {
  const { id, account, amount, expiresAtBlock } = hold;
  return {
    type: 'Hold',
    request: {
      id,
      account,
      amount: moneyField(`${field}.amount`, amount, asset),
      expiresAtBlock: countField(`${field}.expires_at_block`, expiresAtBlock),
    },
  };
}

export function postOrder(field: string, post: PostHold): Order<'Post'> {
  const { id, holdId, close } = post;
  const parts = post.parts.map(({ to, code, amountRao, netuid }, part) => ({
    to,
    code: codeField(`${field}.parts[${part}].code`, code),
    amount: raoField(`${field}.parts[${part}].amount_rao`, amountRao),
    ...(netuid === 0 ? {} : { netuid }),
  }));
  return { type: 'Post', request: { id, holdId, close, parts } };
}

export function reversalOrder(field: string, { id, reverses, code }: Reversal): Order<'Reverse'> {
  if (reverses === '' || reverses.length > KEY_CHARACTERS_MAX) {
    throw invalidField(`${field}.reverses`, 'must be transfer:<id> or post:<id>');
  }
  return {
    type: 'Reverse',
    request: { id, reverses, code: codeField(`${field}.code`, code) },
    original: undefined,
  };
}

function codeField(field: string, code: string): string {
  if (code.length > CODE_CHARACTERS_MAX) throw invalidField(field, `has at most ${CODE_CHARACTERS_MAX} characters`);
  return code;
}
