import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Genesis } from '../economy/genesis.ts';
import type { Ledger } from '../economy/ledger.ts';
import { slashingBoundsFinding, slashingFinding, UNBONDING_BLOCKS_MAX } from '../slashing/slashing-terms.ts';
import { ROOT_WEIGHT_MAX_PPM } from '../root/root-stake.ts';
import type { NetworkChanges } from './proposal.ts';
import { checkTerms } from './terms.ts';

const U16_MAX = 65_535;

/** What a genesis may say of these. */
export const BLOCK_TIME_MS = { min: 100, max: 600_000 } as const;
/** At once a block time becomes so many times longer or shorter at most: what was reserved by it must outlive what it is for. */
export const BLOCK_TIME_FACTOR_MAX = 4;
export const SYMBOL = /^[A-Z]{2,10}$/;

/** Whether the network's rules can be changed so. Each change has the bounds that genesis has. */
export function checkNetwork(ledger: Ledger, changes: NetworkChanges): Decision<undefined> {
  if (Object.values(changes).every((change) => change === undefined)) {
    return refuse('PROPOSAL_INVALID', 'the proposal changes nothing');
  }
  const { genesis } = ledger.network;
  const finding =
    moneyFinding(ledger, changes) ??
    boundsFinding(changes) ??
    issuanceFinding(genesis, changes) ??
    stakeFinding(genesis, changes);
  if (finding !== undefined) return refuse('PROPOSAL_INVALID', finding);
  const { governance } = genesis;
  return governance === undefined ? accept(undefined) : checkTerms({ ...governance, ...changes.governance });
}

/** Puts changed rules in force. The block of the change was made by the old ones; the next one is by these. */
export function changeNetwork(
  ledger: Ledger,
  { governance: terms, symbol, ...rules }: NetworkChanges,
): Decision<undefined> {
  const { network } = ledger;
  const { genesis } = network;
  const governance = genesis.governance === undefined ? undefined : { ...genesis.governance, ...terms };
  const from = answersFrom(ledger, rules);
  ledger.network = {
    ...network,
    ...(from === 0 ? {} : { answersFromBlock: from }),
    genesis: {
      ...genesis,
      ...rules,
      ...(symbol === undefined ? {} : { displaySymbol: symbol }),
      ...(governance === undefined ? {} : { governance }),
    },
  };
  return accept(undefined);
}

/**
 * The first block for which stake answers after a change. What was too old to be reported stays so when stake takes longer to
 * leave, and where nothing was slashed nothing that was done before is.
 */
function answersFrom({ network }: Ledger, { unbondingBlocks, slashing }: NetworkChanges): number {
  const { genesis, block, answersFromBlock = 0 } = network;
  if (slashing !== undefined && genesis.slashing === undefined) return block;
  if (unbondingBlocks === undefined) return answersFromBlock;
  return Math.max(answersFromBlock, block - (genesis.unbondingBlocks ?? 0));
}

function moneyFinding({ creditGranted }: Ledger, { creditMax, burnBounds }: NetworkChanges): string | undefined {
  if (creditMax !== undefined && creditMax < creditGranted) {
    return `creditMax must be at least ${creditGranted}, which is granted, not ${creditMax}`;
  }
  return burnBounds !== undefined && (burnBounds.minBelow < 1n || burnBounds.maxAbove < 0n)
    ? 'burnBounds must not be negative, and minBelow at least 1 rao'
    : undefined;
}

function boundsFinding({ takeBounds }: NetworkChanges): string | undefined {
  if (takeBounds === undefined) return undefined;
  const { minU16, maxU16 } = takeBounds;
  return isWhole(maxU16, 0, U16_MAX) && isWhole(minU16, 0, maxU16)
    ? undefined
    : `takeBounds must be 0 to ${U16_MAX}, the least first`;
}

/** The cap is no proposal's: with any reward blocks mint what is left under it and no more. */
function issuanceFinding(
  { cap, blockTimeMs: holds }: Genesis,
  { blockReward, blockTimeMs, halving, symbol }: NetworkChanges,
): string | undefined {
  if (blockReward !== undefined && (blockReward < 0n || blockReward > cap)) {
    return `blockReward must be 0 to ${cap}, the cap, not ${blockReward}`;
  }
  const low = Math.max(BLOCK_TIME_MS.min, Math.ceil(holds / BLOCK_TIME_FACTOR_MAX));
  const high = Math.min(BLOCK_TIME_MS.max, holds * BLOCK_TIME_FACTOR_MAX);
  if (blockTimeMs !== undefined && !isWhole(blockTimeMs, low, high)) {
    return `blockTimeMs must be ${low} to ${high} after ${holds}, not ${blockTimeMs}`;
  }
  if (halving !== undefined && halving !== 'ByIssuance' && halving !== 'None') {
    return 'halving must be ByIssuance or None';
  }
  return symbol === undefined || SYMBOL.test(symbol) ? undefined : 'symbol must be 2 to 10 letters from A to Z';
}

/** Both together, since one may need the other. */
function stakeFinding(genesis: Genesis, changes: NetworkChanges): string | undefined {
  const { unbondingBlocks, rootStakeWeightPpm } = changes;
  if (rootStakeWeightPpm !== undefined && !isWhole(rootStakeWeightPpm, 0, ROOT_WEIGHT_MAX_PPM)) {
    return `rootStakeWeightPpm must be 0 to ${ROOT_WEIGHT_MAX_PPM}, not ${rootStakeWeightPpm}`;
  }
  if (unbondingBlocks !== undefined && !isWhole(unbondingBlocks, 0, UNBONDING_BLOCKS_MAX)) {
    return `unbondingBlocks must be 0 to ${UNBONDING_BLOCKS_MAX}, not ${unbondingBlocks}`;
  }
  const slashing = changes.slashing ?? genesis.slashing;
  if (slashing === undefined) return undefined;
  const own = changes.slashing === undefined ? undefined : slashingBoundsFinding(changes.slashing);
  return own ?? slashingFinding(slashing, unbondingBlocks ?? genesis.unbondingBlocks ?? 0);
}

function isWhole(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}
