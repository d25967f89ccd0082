import { MANDATE_OPERATIONS } from '@subnetes/keys/mandate';
import type { Command } from 'commander';
import type { GlobalOptions, Run } from './command-context.ts';
import { createMandate, type MandateOptions } from './commands/mandate.ts';
import { revokeMandate, showMandate } from './commands/mandate-show.ts';
import { collected } from './option-values.ts';

type Given = Partial<MandateOptions> &
  Pick<MandateOptions, 'wallet' | 'grant' | 'max' | 'operations' | 'blocks' | 'limit' | 'transferTo'>;

/** `subnetes mandate …`. */
export function addMandates(program: Command, run: Run): void {
  const mandate = program.command('mandate').description('what a namespace of a cluster may do with a wallet');
  mandate
    .command('create')
    .description('prints a ConfigMap with a signed mandate; the coldkey never leaves this machine')
    .requiredOption('--wallet <name>', 'who pays')
    .requiredOption('--grant <namespace>', 'namespace that may spend')
    .requiredOption('--max <tokens>', 'most that it may spend in all')
    .option('--operations <list>', `what for: ${MANDATE_OPERATIONS.join(', ')}`, 'Register,Stake')
    .option('--netuids <list>', 'on these subnets only')
    .option('--max-per-operation <tokens>', 'most that one operation may cost')
    .option(
      '--limit <operation=each/all>',
      'tokens that this operation may move each time and in all (may be repeated)',
      collected,
      [],
    )
    .option('--transfer-to <account>', 'whom Transfer may pay (may be repeated)', collected, [])
    .option('--owner <address>', 'sponsors: what is registered and staked belongs to this coldkey')
    .option('--blocks <n>', 'good for this many blocks from now', '200000')
    .option('--not-after-block <n>', 'good until this block')
    .option('--cluster <uid>', 'uid of the cluster’s namespace kube-system; asked of kubectl if not given')
    .option('--network-id <hex>', 'with --not-after-block and --cluster: asks no server')
    .option('--name <name>', 'name of the ConfigMap; the wallet’s if not given')
    .action((options: GlobalOptions & Given) =>
      run(options, (context) => createMandate(context, mandateOptions(options))),
    );
  mandate
    .command('show')
    .description('what a mandate allows, and how much of it is left')
    .argument('<file>', 'what create printed')
    .action((path: string, options: GlobalOptions) => run(options, (context) => showMandate(context, path)));
  mandate
    .command('revoke')
    .description('ends a mandate, used or not')
    .argument('<file>', 'what create printed')
    .requiredOption('--wallet <name>', 'who signed it')
    .option('--dry-run', 'shows the exact effect and changes nothing', false)
    .option('--yes', 'does not ask', false)
    .action((path: string, options: GlobalOptions & { wallet: string; dryRun: boolean; yes: boolean }) =>
      run(options, (context) => revokeMandate(context, { ...options, path })),
    );
}

function mandateOptions(options: Given): MandateOptions {
  const { netuids, maxPerOperation, cluster, networkId, notAfterBlock, name, owner } = options;
  return { ...options, netuids, maxPerOperation, cluster, networkId, notAfterBlock, name, owner };
}
