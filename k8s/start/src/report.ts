import type { Call } from './buyer.ts';
import type { Endpoints } from './endpoints.ts';

/** A miner's row; incentive and CRPS of the last epoch shown, money summed over all of them. */
export interface MinerRow {
  readonly name: string;
  readonly uid: number;
  readonly incentive: number;
  readonly emissionRao: bigint;
  /** Moving average that the validators report; undefined where nothing could be judged. */
  readonly crps: number | undefined;
  readonly why: string;
}

export interface ValidatorRow {
  readonly name: string;
  readonly uid: number;
  readonly stakeRao: bigint;
  readonly trust: number;
  readonly dividends: number;
  readonly emissionRao: bigint;
  readonly why: string;
}

/** Everything that `npm start` has found out in the end. */
export interface Outcome {
  readonly installSeconds: number;
  readonly firstPaidEpochSeconds: number;
  readonly netuid: number;
  readonly subnet: string;
  readonly epochs: { readonly first: bigint; readonly last: bigint; readonly count: number };
  readonly block: bigint;
  /** What the network's token is called at present. */
  readonly token: string;
  readonly mintedRao: bigint;
  readonly paidRao: bigint;
  readonly conservation: { readonly entries: bigint; readonly differenceRao: bigint };
  readonly miners: readonly MinerRow[];
  readonly validators: readonly ValidatorRow[];
  readonly calls: readonly Call[];
  readonly invoice: { readonly id: string; readonly lines: number; readonly totalRao: bigint };
  readonly dashboards: readonly string[];
  readonly endpoints: Endpoints;
  /** Of the local cluster, relative; of a cluster of the user's the context's name. */
  readonly cluster: { readonly kubeconfig: string } | { readonly context: string };
}

const DECIMALS = 9;

/** Rao as tokens with a fixed number of decimals, truncated: tables need columns, exact figures are in the JSON. */
export function fixedTokens(rao: bigint, decimals: number): string {
  const digits = (rao < 0n ? -rao : rao).toString().padStart(DECIMALS + 1, '0');
  const [whole, fraction] = [digits.slice(0, -DECIMALS), digits.slice(-DECIMALS).slice(0, decimals)];
  return `${rao < 0n ? '-' : ''}${whole}${decimals === 0 ? '' : `.${fraction}`}`;
}

/** The object of `npm start -- --json`. */
export function jsonOutcome(outcome: Outcome): Record<string, unknown> {
  const { endpoints } = outcome;
  return {
    installSeconds: outcome.installSeconds,
    firstPaidEpochSeconds: outcome.firstPaidEpochSeconds,
    epochsPaid: outcome.epochs.count,
    conservation: {
      entries: Number(outcome.conservation.entries),
      differenceRao: outcome.conservation.differenceRao.toString(),
    },
    miners: outcome.miners.map(({ name, uid, incentive, emissionRao, crps }) => ({
      name,
      uid,
      incentive,
      emissionRao: emissionRao.toString(),
      crps: crps ?? null,
    })),
    validators: outcome.validators.map(({ name, uid, stakeRao, trust, dividends, emissionRao }) => ({
      name,
      uid,
      stake: fixedTokens(stakeRao, DECIMALS),
      trust,
      dividends,
      emissionRao: emissionRao.toString(),
    })),
    calls: outcome.calls.map(({ protocol, status, servedBy, latencyMs }) => ({
      protocol,
      status,
      servedBy,
      latencyMs: Math.round(latencyMs * 10) / 10,
    })),
    invoice: { lines: outcome.invoice.lines, totalRao: outcome.invoice.totalRao.toString() },
    dashboards: outcome.dashboards,
    urls: {
      console: endpoints.console,
      gateway: endpoints.gateway,
      inference: endpoints.inference,
      prometheus: endpoints.prometheus,
      kubeconfig: 'kubeconfig' in outcome.cluster ? outcome.cluster.kubeconfig : '',
    },
  };
}

/** What a person sees in the end. */
export function textOutcome(outcome: Outcome): string {
  const { epochs, conservation, token } = outcome;
  const calls = outcome.calls.map(
    (call) => `${call.protocol} ${call.status} in ${Math.round(call.latencyMs)} ms from ${call.servedBy}`,
  );
  return [
    '',
    `${outcome.subnet} (netuid ${outcome.netuid})  epochs ${epochs.first} to ${epochs.last}  block ${outcome.block}   ${fixedTokens(outcome.mintedRao, 3)} ${token} due, ${fixedTokens(outcome.paidRao, 3)} ${token} paid, difference ${conservation.differenceRao} rao over ${conservation.entries} journal entries`,
    '',
    ...table(
      ['MINER', 'INCENTIVE', `EARNED/${token}`, 'CRPS', 'WHY'],
      outcome.miners.map((row) => [
        row.name,
        row.incentive.toFixed(3),
        fixedTokens(row.emissionRao, 3),
        row.crps?.toFixed(5) ?? '–',
        row.why,
      ]),
    ),
    '',
    ...table(
      ['VALIDATOR', `STAKE/${token}`, 'TRUST', 'DIVIDENDS', `EARNED/${token}`, 'WHY'],
      outcome.validators.map((row) => [
        row.name,
        fixedTokens(row.stakeRao, 0),
        row.trust.toFixed(3),
        row.dividends.toFixed(3),
        fixedTokens(row.emissionRao, 2),
        row.why,
      ]),
    ),
    '',
    `Asked for tomorrow's S&P 500:  ${calls.join(', ')} · ${outcome.calls.length} requests, invoice ${outcome.invoice.id} has ${outcome.invoice.lines} lines over ${fixedTokens(outcome.invoice.totalRao, 9)} ${token}`,
    '',
    ...nextSteps(outcome),
    '',
  ].join('\n');
}

/** Left-aligned first and last columns, right-aligned numbers between. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    `  ${row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        const isText = column === 0 || column === head.length - 1;
        return isText ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('   ')}`.trimEnd(),
  );
}

/** Where things are and what to try. In a cluster of the user's nothing is forwarded any more once this process has ended. */
function nextSteps({ cluster, endpoints, dashboards, netuid, epochs }: Outcome): string[] {
  const subnetes = [
    'npx subnetes explain miner copycat',
    `npx subnetes epoch replay --netuid ${netuid} --epoch ${epochs.last}`,
  ];
  if ('context' in cluster) {
    const kubectl = `kubectl --context ${cluster.context}`;
    return [
      `Console   ${kubectl} -n subnetes-system port-forward svc/console 8088:8080`,
      `Gateway   ${kubectl} -n subnetes-system port-forward svc/serving-gateway 8080     (key in .local/api-key)`,
      `Try:  ${kubectl} -n finance get sn,mnr,vld`,
      `Remove it:  ${kubectl} delete namespace finance; helm --kube-context ${cluster.context} -n subnetes-system uninstall subnetes`,
    ];
  }
  return [
    `Console     ${endpoints.console}          Gateway  ${endpoints.gateway} (key in .local/api-key)`,
    `Prometheus  ${endpoints.prometheus}          Dashboards  ${dashboards.length} in grafana/dashboards, ConfigMaps in subnetes-system`,
    `Try:  export KUBECONFIG=${cluster.kubeconfig}; kubectl get sn,mnr,vld        # namespace finance is selected`,
    ...subnetes.map((command) => `      ${command}`),
    '      npm stop                                # removes all of it',
  ];
}
