import { raoFromTokenText } from '@subnetes/money/amount';
import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { publicKeyOf } from '@subnetes/keys/ss58';
import { z } from 'zod';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import type { Genesis } from '#domain/economy/genesis.ts';
import { isCreditable } from '#domain/economy/money-orders.ts';

const wholeTokens = z.string().regex(/^(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?$/);

const genesisSchema = z.strictObject({
  token: z.strictObject({ symbol: z.string().regex(/^[A-Z]{2,10}$/), decimals: z.literal(9), cap: wholeTokens }),
  blockTimeMs: z.int().min(100).max(600_000),
  blockReward: wholeTokens,
  halving: z.enum(['ByIssuance', 'None']).optional(),
  emissionPolicy: z.strictObject({ name: z.enum(['Equal']), version: z.literal(1) }),
  accounts: z.array(z.strictObject({ address: z.string().max(80), amount: wholeTokens })).max(10_000),
});

/** Reads the text of a genesis file. Its hash, over RFC 8785 JSON, is the network id. */
export function readGenesis(text: string): Decision<Genesis> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse('INVALID_ARGUMENT', 'the genesis file is not JSON');
  }
  const parsed = genesisSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return refuse('INVALID_ARGUMENT', `genesis ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}`);
  }
  const { token, accounts, ...values } = parsed.data;
  const isWallet = (account: string): boolean => publicKeyOf(account) !== undefined;
  const stranger = accounts.find(({ address }) => !isCreditable(address, isWallet));
  if (stranger !== undefined) {
    return refuse('INVALID_ARGUMENT', `genesis accounts: ${stranger.address} is no SS58 address with prefix 42`);
  }
  return accept({
    networkId: Buffer.from(networkIdOf(json)).toString('hex'),
    symbol: token.symbol,
    decimals: token.decimals,
    cap: rao(token.cap),
    blockTimeMs: values.blockTimeMs,
    blockReward: rao(values.blockReward),
    halving: values.halving ?? 'ByIssuance',
    emissionPolicy: values.emissionPolicy,
    accounts: accounts
      .map(({ address, amount }) => ({ account: address, amount: rao(amount) }))
      .filter(({ amount }) => amount > 0n),
  });
}

function rao(tokens: string): bigint {
  const parsed = raoFromTokenText(tokens);
  if (!parsed.ok) throw new RangeError(parsed.message);
  return parsed.value;
}
