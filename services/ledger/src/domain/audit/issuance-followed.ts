import type { AuditedEntry } from './audited-entry.ts';
import { MINT } from '../book/account.ts';

/** What a block may mint of the network's token. Rao. */
interface Rules {
  readonly asset: string;
  readonly cap: bigint;
  readonly reward: bigint;
  readonly halves: boolean;
}

/**
 * Follows what blocks may mint, from genesis on and through each proposal that changed it. A block that changes the reward was
 * minted by the one before: its entry comes first. Shares no code with the ledger that mints.
 */
export class IssuanceFollowed {
  #rules: Rules | undefined;

  get cap(): Pick<Rules, 'asset' | 'cap'> | undefined {
    return this.#rules;
  }

  /** `issuedOf`: with what the entry minted. Answers what it minted above the reward; undefined where it did not. */
  take({ kind, payloadText, postings }: AuditedEntry, issuedOf: (asset: string) => bigint): string | undefined {
    if (kind === 'Genesis') this.#rules = rulesOf(payloadText);
    if (kind === 'ProposalExecuted' && this.#rules !== undefined) this.#rules = changed(this.#rules, payloadText);
    const rules = this.#rules;
    if (rules === undefined || kind === 'Genesis') return undefined;
    let minted = 0n;
    for (const { account, asset, delta } of postings) {
      if (account === MINT && asset === rules.asset) minted -= delta;
    }
    if (minted <= 0n) return undefined;
    const most = kind === 'Block' ? rewardAfter(rules, issuedOf(rules.asset) - minted) : 0n;
    return minted <= most ? undefined : `${kind} minted ${minted} rao, and the reward is ${most}`;
  }
}

/** Halved once for each half of what was left that is issued. */
function rewardAfter({ cap, reward, halves }: Rules, issued: bigint): bigint {
  let most = reward;
  if (halves) for (let left = (cap - issued) * 2n; left > 0n && left <= cap; left *= 2n) most /= 2n;
  return most;
}

/** Undefined where the text is none of a genesis; its hash tells of that. */
function rulesOf(payloadText: string): Rules | undefined {
  try {
    const { values } = JSON.parse(payloadText) as {
      readonly values: Readonly<Record<'symbol' | 'cap' | 'blockReward' | 'halving', string>>;
    };
    const { symbol, cap, blockReward, halving } = values;
    return { asset: symbol, cap: BigInt(cap), reward: BigInt(blockReward), halves: halving !== 'None' };
  } catch {
    return undefined;
  }
}

function changed(rules: Rules, payloadText: string): Rules {
  try {
    const { action } = JSON.parse(payloadText) as {
      readonly action?: {
        readonly type: string;
        readonly changes?: { readonly blockReward?: string; readonly halving?: string };
      };
    };
    if (action?.type !== 'Network') return rules;
    const { blockReward, halving } = action.changes ?? {};
    return {
      ...rules,
      ...(blockReward === undefined ? {} : { reward: BigInt(blockReward) }),
      ...(halving === undefined ? {} : { halves: halving !== 'None' }),
    };
  } catch {
    return rules;
  }
}
