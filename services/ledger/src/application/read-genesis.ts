import { raoFromTokenText } from '@subnetes/money/amount';
import { networkIdOf } from '@subnetes/keys/canonical-hash';
import { publicKeyOf } from '@subnetes/keys/ss58';
import { z } from 'zod';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import type { EmissionPolicy, Genesis } from '#domain/economy/genesis.ts';
import { isCreditable } from '#domain/economy/money-orders.ts';
import { FEE_MAX_U16, type SubnetTokens, TOKEN_DEFAULTS } from '#domain/pools/token-terms.ts';
import { BLOCK_TIME_MS, SYMBOL } from '#domain/governance/network-change.ts';
import { checkTerms, COUNCIL_MAX, GOVERNANCE_DEFAULTS, type GovernanceTerms } from '#domain/governance/terms.ts';
import { COMMIT_REVEAL_TYPES } from '#domain/economy/weights-terms.ts';
import { ROOT_WEIGHT_MAX_PPM } from '#domain/root/root-stake.ts';
import { slashingFinding, UNBONDING_BLOCKS_MAX } from '#domain/slashing/slashing-terms.ts';
import { slashingOf, slashingSchema } from './read-slashing.ts';

const wholeTokens = z.string().regex(/^(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?$/);

/** Below half of the stake a minority could agree with itself, so kappa stays at the chain's half or above. */
const KAPPA_MIN_U16 = 32_767;

const rootWeights = z
  .strictObject({
    name: z.literal('RootWeights'),
    version: z.literal(1),
    tempo: z.int().min(10).max(50_400),
    kappaU16: z.int().min(KAPPA_MIN_U16).max(65_535).optional(),
    activityCutoffBlocks: z.int().min(1).max(65_535).optional(),
    commitReveal: z.enum(COMMIT_REVEAL_TYPES).optional(),
    weightsRateLimitBlocks: z.int().min(0).max(1_000_000).optional(),
  })
  .refine(({ tempo, activityCutoffBlocks }) => activityCutoffBlocks === undefined || activityCutoffBlocks > tempo, {
    path: ['activityCutoffBlocks'],
    message: 'must be greater than tempo: weights would be too old before they count',
  });

const utility = z.strictObject({
  name: z.literal('Utility'),
  version: z.literal(1),
  smoothingBlocks: z.int().min(1).max(1_000_000).optional(),
  fromBlock: z.int().min(1).max(1_000_000_000).optional(),
});

const fromBlock = z.int().min(1).max(1_000_000_000).optional();
const movingPrice = z.strictObject({ name: z.literal('MovingPrice'), version: z.literal(1), fromBlock });
const flow = z.strictObject({
  name: z.literal('Flow'),
  version: z.literal(1),
  exponentPpm: z.int().min(1_000_000).max(2_000_000).optional(),
  net: z.boolean().optional(),
  fromBlock,
});

/** Less than a whole token of the network would be moved by any swap. */
const INITIAL_LIQUIDITY_MIN = 1_000_000_000n;

const tokensOfSubnets = z.strictObject({
  type: z.enum(['Balancer', 'Product']),
  initialLiquidity: wholeTokens,
  feeU16: z.int().min(0).max(FEE_MAX_U16).optional(),
  feeTo: z.enum(['Burned', 'Pool']).optional(),
  poolPpm: z.int().min(0).max(1_000_000).optional(),
  taoWeightPpm: z.int().min(0).max(1_000_000).optional(),
  movingPpm: z.int().min(1).max(1_000_000).optional(),
  movingHalvingBlocks: z.int().min(1).max(1_000_000_000).optional(),
});
const subnetTokens = z.discriminatedUnion('type', [tokensOfSubnets, z.strictObject({ type: z.literal('None') })]);

const emissionPolicy = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('Equal'), version: z.literal(1) }),
  rootWeights,
  utility,
  movingPrice,
  flow,
]);

const governance = z.strictObject({
  deposit: wholeTokens.optional(),
  votingBlocks: z.int().min(1).optional(),
  timelockBlocks: z.int().min(1).optional(),
  quorumPpm: z.int().min(0).max(1_000_000).optional(),
  thresholdPpm: z.int().min(0).max(1_000_000).optional(),
  treasuryPpm: z.int().min(0).max(1_000_000).optional(),
  council: z
    .strictObject({ members: z.array(z.string().max(80)).max(COUNCIL_MAX), required: z.int().min(1).max(COUNCIL_MAX) })
    .optional(),
});

const subnetCreation = z.strictObject({
  minLock: wholeTokens,
  reductionIntervalBlocks: z.int().min(1).max(100_000_000),
  rateLimitBlocks: z.int().min(0).max(10_000_000),
  immunityBlocks: z.int().min(0).max(100_000_000),
  limit: z.int().min(1).max(1024),
});

const genesisSchema = z.strictObject({
  token: z.strictObject({ symbol: z.string().regex(SYMBOL), decimals: z.literal(9), cap: wholeTokens }),
  blockTimeMs: z.int().min(BLOCK_TIME_MS.min).max(BLOCK_TIME_MS.max),
  blockReward: wholeTokens,
  halving: z.enum(['ByIssuance', 'None']).optional(),
  emissionPolicy,
  creditMax: wholeTokens.optional(),
  subnetTokens: subnetTokens.optional(),
  governance: governance.optional(),
  rootStakeWeightPpm: z.int().min(0).max(ROOT_WEIGHT_MAX_PPM).optional(),
  unbondingBlocks: z.int().min(0).max(UNBONDING_BLOCKS_MAX).optional(),
  slashing: slashingSchema.optional(),
  subnetCreation: subnetCreation.optional(),
  subnetRemoval: z.strictObject({ noticeBlocks: z.int().min(1).max(1_000_000) }).optional(),
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
  const tokens = readTokens(values.subnetTokens);
  if (!tokens.ok) return tokens;
  const { name } = values.emissionPolicy;
  if (tokens.value === undefined && (name === 'MovingPrice' || name === 'Flow')) {
    return refuse('INVALID_ARGUMENT', `genesis emissionPolicy: ${name} goes by pools: subnetTokens says of which type`);
  }
  const terms = values.governance === undefined ? undefined : termsOf(values.governance);
  if (terms?.ok === false) return refuse('INVALID_ARGUMENT', `genesis ${terms.message}`);
  const { unbondingBlocks = 0, rootStakeWeightPpm = 0 } = values;
  const slashing = values.slashing === undefined ? undefined : slashingOf(values.slashing);
  const finding = slashing === undefined ? undefined : slashingFinding(slashing, unbondingBlocks);
  if (finding !== undefined) return refuse('INVALID_ARGUMENT', `genesis ${finding}`);
  return accept({
    networkId: Buffer.from(networkIdOf(json)).toString('hex'),
    symbol: token.symbol,
    decimals: token.decimals,
    cap: rao(token.cap),
    blockTimeMs: values.blockTimeMs,
    blockReward: rao(values.blockReward),
    halving: values.halving ?? 'ByIssuance',
    emissionPolicy: withoutGaps(values.emissionPolicy),
    ...(values.creditMax === undefined ? {} : { creditMax: rao(values.creditMax) }),
    ...(tokens.value === undefined ? {} : { subnetTokens: tokens.value }),
    ...(terms === undefined ? {} : { governance: terms.value }),
    ...(rootStakeWeightPpm === 0 ? {} : { rootStakeWeightPpm }),
    ...(unbondingBlocks === 0 ? {} : { unbondingBlocks }),
    ...(slashing === undefined ? {} : { slashing }),
    ...(values.subnetCreation === undefined
      ? {}
      : { subnetCreation: { ...values.subnetCreation, minLock: rao(values.subnetCreation.minLock) } }),
    ...(values.subnetRemoval === undefined ? {} : { subnetRemoval: values.subnetRemoval }),
    accounts: accounts
      .map(({ address, amount }) => ({ account: address, amount: rao(amount) }))
      .filter(({ amount }) => amount > 0n),
  });
}

/** Undefined where subnets have no tokens; what was left out is decided here. */
function readTokens(given: z.infer<typeof subnetTokens> | undefined): Decision<SubnetTokens | undefined> {
  if (given === undefined || given.type === 'None') return accept(undefined);
  const { initialLiquidity, ...terms } = given;
  const liquidity = rao(initialLiquidity);
  if (liquidity < INITIAL_LIQUIDITY_MIN) {
    return refuse('INVALID_ARGUMENT', 'genesis subnetTokens.initialLiquidity: must be at least one whole token');
  }
  const written = Object.fromEntries(Object.entries(terms).filter(([, value]) => value !== undefined));
  return accept({ ...TOKEN_DEFAULTS, ...(written as Pick<SubnetTokens, 'type'>), initialLiquidity: liquidity });
}

/** What was not written is the default; who is on the council has to be a coldkey. */
function termsOf({ deposit, ...written }: z.infer<typeof governance>): Decision<GovernanceTerms> {
  const given = Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined));
  const terms: GovernanceTerms = {
    ...GOVERNANCE_DEFAULTS,
    ...given,
    ...(deposit === undefined ? {} : { deposit: rao(deposit) }),
  };
  const stranger = terms.council.members.find((member) => publicKeyOf(member) === undefined);
  if (stranger !== undefined) {
    return refuse('INVALID_ARGUMENT', `governance.council.members: ${stranger} is no SS58 address with prefix 42`);
  }
  const checked = checkTerms(terms);
  return checked.ok ? accept(terms) : checked;
}

/** Leaves out what was not written: the journal tells genesis as it was given. */
function withoutGaps(policy: z.infer<typeof emissionPolicy>): EmissionPolicy {
  return Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== undefined)) as EmissionPolicy;
}

function rao(tokens: string): bigint {
  const parsed = raoFromTokenText(tokens);
  if (!parsed.ok) throw new RangeError(parsed.message);
  return parsed.value;
}
