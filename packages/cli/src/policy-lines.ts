import { fixedText } from '@subnetes/consensus/explain';
import { money, type Telling } from './account-lines.ts';
import type { MechanismAccount } from './account-reader.ts';
import { signedRao } from './number-text.ts';
import { tableLines } from './table.ts';

const right = (head: string) => ({ head, align: 'right' as const });

/**
 * What stands around the consensus, a line a rule, from what the consensus alone would have paid to what was paid; and by
 * which figures a validator's weights were not counted. Nothing where the policy has no countermeasures.
 */
export function policyLines(account: MechanismAccount, kind: 'Miner' | 'Validator', telling: Telling): string[] {
  const { abstention, policy } = account;
  const because =
    abstention === undefined ? [] : [`Abstains: ${abstention.reason} (${figuresText(abstention.figures)}).`];
  return policy.length === 0 ? because : ['', ...because, ...tableOf(account, kind, telling)];
}

function tableOf(
  { miner, validator, policy }: MechanismAccount,
  kind: 'Miner' | 'Validator',
  telling: Telling,
): string[] {
  const isMiner = kind === 'Miner';
  const start = isMiner
    ? { share: miner.incentive, rao: miner.rao }
    : { share: validator?.account.dividends ?? 0n, rao: validator?.account.rao ?? 0n };
  const changes = policy.map((line) => ({
    step: line.step,
    share: isMiner ? line.incentive : line.dividends,
    rao: isMiner ? line.incentivePaid : line.dividendsPaid,
  }));
  const sum = (of: (change: (typeof changes)[number]) => bigint, first: bigint): bigint =>
    changes.reduce((total, change) => total + of(change), first);
  const share = sum((change) => change.share, start.share);
  const rao = sum((change) => change.rao, start.rao);
  const rows = [
    ['consensus alone', fixedText(start.share), String(start.rao)],
    ...changes.map((change) => [
      change.step,
      change.share === 0n ? '–' : signed(change.share),
      change.rao === 0n ? '–' : signedRao(change.rao),
    ]),
    ['paid', fixedText(share), String(rao)],
  ];
  const columns = [{ head: 'POLICY' }, right(isMiner ? 'INCENTIVE' : 'DIVIDENDS'), right('RAO')];
  return [
    ...tableLines(columns, rows).map((line) => `  ${line}`),
    `  under the subnet's policy that is ${money(rao, telling)}; what would lift it is searched in the consensus alone`,
  ];
}

function signed(share: bigint): string {
  return share < 0n ? fixedText(share) : `+${fixedText(share)}`;
}

function figuresText(figures: Readonly<Record<string, number>>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
