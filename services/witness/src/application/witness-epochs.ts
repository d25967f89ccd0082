import type { EpochPayment } from '@subnetes/consensus/payment-text';
import { signStatement } from '@subnetes/keys/witness';
import type { SessionKey } from '@subnetes/keys/session-key';
import type { Clock } from '@subnetes/runtime/clock';
import { OutageError } from '@subnetes/runtime/errors';
import type { Refusal } from '#domain/refusal.ts';
import type { JudgeEpoch } from './judge-epoch.ts';
import type { EpochName, LedgerJournal, ScoringEpochs } from './ports.ts';

/** Between two looks at what the ledger sealed: as much later than scoring's an epoch may be paid. */
const LOOK_MS = 500;
/** Until what was refused is judged again: a key may have been made known, or a database put back. */
const REFUSED_AGAIN_MS = 60_000;

/** What the work tells of itself. */
export interface WitnessNews {
  signed(name: EpochName, seconds: number): void;
  /** `again`: for the same reason as when it was judged before. */
  refused(name: EpochName, refusal: Refusal, again: boolean): void;
  /** Ledger or scoring is away: it is tried again. */
  outage(error: OutageError): void;
  /** Both answered, and all that could be judged was. */
  lookedAround(): void;
}

export interface WitnessPorts {
  readonly ledger: LedgerJournal;
  readonly scoring: ScoringEpochs;
  readonly judgeEpoch: JudgeEpoch;
  readonly networkId: Uint8Array;
  readonly key: SessionKey;
  readonly clock: Clock;
  readonly news: WitnessNews;
}

/** What became of the newest epoch of a subnet. */
interface Judged {
  readonly index: number;
  /** Undefined: it is signed. */
  readonly refused: { readonly reason: Refusal['reason']; readonly againAtMs: number } | undefined;
}

/**
 * Judges and signs the newest epoch of every subnet until the signal ends it. It asks the ledger what was sealed, so
 * nothing is missed that scoring does not tell; it keeps nothing, since a signature given twice counts once.
 */
export async function witnessEpochs(ports: WitnessPorts, signal: AbortSignal): Promise<void> {
  const judged = new Map<number, Judged>();
  while (!signal.aborted) {
    const outages: OutageError[] = [];
    const tried = (work: () => Promise<void>): Promise<void> => outageInto(outages, work, signal);
    await tried(async () => {
      for (const name of await ports.ledger.newestEpochs(signal)) {
        const isNew = isDue(judged.get(name.netuid), name.index, ports.clock.monotonicMs());
        // Each by itself: an epoch that scoring cannot give holds up no other subnet.
        if (isNew) await tried(() => judge({ ...ports, judged }, name, signal));
      }
    });
    if (signal.aborted) return;
    const [outage] = outages;
    if (outage === undefined) ports.news.lookedAround();
    else ports.news.outage(outage);
    await ports.clock.sleep(LOOK_MS, signal).catch(() => {}); // aborted: the loop looks at the signal
  }
}

async function outageInto(outages: OutageError[], work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof OutageError)) throw error;
    outages.push(error);
  }
}

function isDue(before: Judged | undefined, index: number, nowMs: number): boolean {
  if (before?.index !== index) return true;
  return before.refused !== undefined && before.refused.againAtMs <= nowMs;
}

async function judge(
  { judged, ...ports }: WitnessPorts & { readonly judged: Map<number, Judged> },
  name: EpochName,
  signal: AbortSignal,
): Promise<void> {
  const startedMs = ports.clock.monotonicMs();
  const judgement = await ports.judgeEpoch(name, signal);
  if (judgement.kind === 'unscored') return;
  const refusal =
    judgement.kind === 'wrong' ? judgement.refusal : await sign(ports, { ...name, ...judgement.payment }, signal);
  const before = judged.get(name.netuid);
  const nowMs = ports.clock.monotonicMs();
  if (refusal === undefined) {
    judged.set(name.netuid, { index: name.index, refused: undefined });
    ports.news.signed(name, (nowMs - startedMs) / 1000);
    return;
  }
  const { reason } = refusal;
  judged.set(name.netuid, { index: name.index, refused: { reason, againAtMs: nowMs + REFUSED_AGAIN_MS } });
  ports.news.refused(name, refusal, before?.index === name.index && before.refused?.reason === reason);
}

function sign(
  { scoring, networkId, key }: WitnessPorts,
  epoch: EpochName & EpochPayment,
  signal: AbortSignal,
): Promise<Refusal | undefined> {
  return scoring.submit(epoch, signStatement({ ...epoch, networkId }, key), signal);
}
