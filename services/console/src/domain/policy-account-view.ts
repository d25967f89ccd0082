import type { AccountRecord } from './account.ts';
import { changeText, plainRow, shareText, wholeText } from './account-text.ts';
import type { AccountTable } from './views.ts';

/** From what the consensus alone would have paid to what was paid, a line a rule; nothing where the policy has none. */
export function policyTables(account: AccountRecord, kind: 'Incentive' | 'Dividends'): AccountTable[] {
  if (account.policy.length === 0) return [];
  const isMiner = kind === 'Incentive';
  const start = isMiner
    ? { share: account.miner.incentive, rao: account.miner.rao }
    : { share: account.validator?.dividends ?? 0n, rao: account.validator?.rao ?? 0n };
  const lines = account.policy.map((line) => ({
    step: line.step,
    share: isMiner ? line.incentive : line.dividends,
    rao: isMiner ? line.incentiveRao : line.dividendRao,
  }));
  const paid = lines.reduce((sum, { share, rao }) => ({ share: sum.share + share, rao: sum.rao + rao }), start);
  return [
    {
      title: 'What stands around the consensus',
      caption: 'Each rule of the subnet’s policy in the order in which it acted; a dash where it changed nothing.',
      head: 'Rule',
      columns: [kind, 'Paid / rao'],
      rows: [
        plainRow('consensus alone', [shareText(start.share), wholeText(start.rao)]),
        ...lines.map(({ step, share, rao }) =>
          plainRow(step, [share === 0n ? '–' : signedShare(share), rao === 0n ? '–' : changeText(rao)]),
        ),
      ],
      sums: [plainRow('Paid', [shareText(paid.share), wholeText(paid.rao)])],
    },
  ];
}

function signedShare(share: bigint): string {
  return share < 0n ? `−${shareText(-share)}` : `+${shareText(share)}`;
}
