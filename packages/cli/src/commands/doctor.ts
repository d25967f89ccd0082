import type { Endpoint } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { CommandContext } from '../command-context.ts';
import { checkFailed, print } from '../command-context.ts';
import { Failure } from '../failure.ts';
import { failureOf } from '../market.ts';
import { listSubnets, listNeurons } from '../neuron-finder.ts';
import { hexOf, raoOf } from '../number-text.ts';
import { readServedCertificate } from '../tls-probe.ts';

/** One thing that was looked at, and what to do when it is not well. */
export interface Finding {
  readonly ok: boolean;
  readonly what: string;
  readonly remedy: string | undefined;
}

const CLOCK_SKEW_MAX_MS = 2000;
const DAY_MS = 86_400_000;

/** `subnetes doctor`: looks at everything that a user's work rests on; exit code 1 when something is not well. */
export async function doctor(context: CommandContext, options: { hotkey: string | undefined }): Promise<void> {
  const checks: (() => Promise<Finding>)[] = [
    () => checkNode(),
    () => checkLedger(context),
    () => checkBlocks(context),
    () => checkConservation(context),
    () => checkScoring(context),
    () => checkClock(context),
  ];
  const { hotkey } = options;
  if (hotkey !== undefined) checks.push(() => checkHotkey(context, hotkey));
  const findings: Finding[] = [];
  for (const check of checks) {
    const finding = await check().catch((error: unknown) => unreachable(failureOf(error, context.market.source)));
    findings.push(finding);
    if (context.options.json !== true) context.io.out(findingLine(finding));
  }
  if (context.options.json === true)
    print(context, { value: { ok: findings.every(({ ok }) => ok), findings }, lines: [] });
  const ill = findings.filter(({ ok }) => !ok).length;
  if (ill > 0) throw checkFailed('NOT_WELL', `${ill} of ${findings.length} checks found something`);
}

/** ` ✘ what → what to do`. */
export function findingLine(finding: Finding): string {
  return finding.ok || finding.remedy === undefined
    ? ` ${finding.ok ? '✔' : '✘'} ${finding.what}`
    : ` ✘ ${finding.what} → ${finding.remedy}`;
}

function well(what: string): Finding {
  return { ok: true, what, remedy: undefined };
}

function ill(what: string, remedy: string): Finding {
  return { ok: false, what, remedy };
}

function unreachable(error: unknown): Finding {
  if (error instanceof Failure) return ill(error.message, error.remedy ?? 'see the message');
  throw error;
}

async function checkNode(): Promise<Finding> {
  return well(`Node ${process.versions.node}`);
}

async function checkLedger(context: CommandContext): Promise<Finding> {
  const network = await (await context.market.ledger()).getNetwork({});
  return well(
    `ledger answers: network ${hexOf(network.networkId).slice(0, 8)}, block ${network.block} (addresses from ${context.market.source})`,
  );
}

/** A ledger that does something else for a second is not one whose blocks have stopped, however short they are. */
const BLOCKS_MS_MIN = 10_000;

async function checkBlocks(context: CommandContext): Promise<Finding> {
  const ledger = await context.market.ledger();
  const before = await ledger.getNetwork({});
  const waitMs = Math.min(Math.max(3 * before.blockTimeMs, BLOCKS_MS_MIN), 40_000);
  const deadline = context.now() + waitMs;
  while (context.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(before.blockTimeMs, 500)));
    if ((await ledger.getNetwork({})).block > before.block)
      return well(`blocks come (one each ${before.blockTimeMs / 1000} s)`);
  }
  return ill(`no block after ${before.block} within ${waitMs / 1000} s`, 'see docs/runbooks/blocks-stopped.md');
}

async function checkConservation(context: CommandContext): Promise<Finding> {
  const audit = await (await context.market.ledger()).audit({ verifyChain: false });
  if (raoOf(audit.differenceRao) === 0n && audit.findings.length === 0)
    return well(`ledger difference 0 rao over ${audit.entries} journal entries`);
  return ill(
    `ledger difference ${audit.differenceRao} rao ${audit.findings.join('; ')}`,
    'see docs/runbooks/conservation-broken.md',
  );
}

async function checkScoring(context: CommandContext): Promise<Finding> {
  const scoring = await context.market.scoring();
  const subnets = await listSubnets(context.market);
  if (subnets.length === 0) return well('no subnet to score yet');
  const late: string[] = [];
  for (const subnet of subnets) {
    await scoring.getInterval({ netuid: subnet.netuid });
    if (subnet.lastPaidIndex < subnet.epochIndex - 1n)
      late.push(`${subnet.handle}: epoch ${subnet.epochIndex} sealed, ${subnet.lastPaidIndex} paid`);
  }
  return late.length === 0
    ? well(`scoring answers, epochs of ${subnets.length} subnet${subnets.length === 1 ? '' : 's'} are paid`)
    : ill(late.join('; '), 'see docs/runbooks/epoch-overdue.md');
}

async function checkClock(context: CommandContext): Promise<Finding> {
  const url = context.market.gatewayUrl;
  if (url === undefined) return well('clock not compared: no gateway address is known (--gateway URL)');
  const sentAt = context.now();
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
  if (response === undefined)
    return ill(`gateway ${url} does not answer`, 'look at its pod: kubectl -n subnetes-system get pods');
  const date = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(date)) return well('clock not compared: the gateway sends no date');
  const skew = Math.abs(date + 500 - (sentAt + context.now()) / 2); // the header is truncated to a second
  return skew <= CLOCK_SKEW_MAX_MS
    ? well("clock agrees with the gateway's within 2 s")
    : ill(
        `clock differs from the gateway's by ${Math.round(skew / 1000)} s`,
        'set it by NTP: signatures from a wrong clock are refused',
      );
}

async function checkHotkey(context: CommandContext, hotkey: string): Promise<Finding> {
  for (const subnet of await listSubnets(context.market)) {
    const neuron = (await listNeurons(context.market, subnet.netuid)).find((candidate) => candidate.hotkey === hotkey);
    if (neuron === undefined) continue;
    const registered = `hotkey registered on ${subnet.handle} (uid ${neuron.uid})`;
    if (neuron.endpoint === undefined)
      return ill(
        `${registered}, but it has announced no endpoint`,
        'start the miner with this hotkey; it announces by itself',
      );
    return checkEndpoint(context, registered, neuron.endpoint);
  }
  return ill(
    `hotkey ${hotkey} is registered nowhere`,
    'register it: subnetes miner register --subnet HANDLE --wallet NAME',
  );
}

async function checkEndpoint(context: CommandContext, registered: string, endpoint: Endpoint): Promise<Finding> {
  const url = endpoint.urls[0] ?? '';
  const served = await readServedCertificate(url).catch((cause: unknown) =>
    cause instanceof Error ? cause.message : String(cause),
  );
  if (typeof served === 'string')
    return ill(
      `${registered}; endpoint ${url} cannot be reached from here (${served})`,
      'open its port to the outside, or run doctor where the gateway runs',
    );
  const leftDays = Math.floor((served.notAfterMs - context.now()) / DAY_MS);
  if (leftDays < 0)
    return ill(
      `${registered}; endpoint: TLS certificate expired ${-leftDays} days ago`,
      'renew it, nothing else to do',
    );
  if (hexOf(served.spkiSha256) !== hexOf(endpoint.spkiSha256))
    return ill(
      `${registered}; endpoint serves another certificate key than it announced`,
      'restart the miner: it announces the key that it serves',
    );
  return well(`${registered}; endpoint ${url} answers, certificate good for ${leftDays} days`);
}
