import { raoFromTokenText, tokenTextFromRao } from '@subnetes/money/amount';
import type { NoticeAnswer } from '#domain/life.ts';
import type { NetworkView, NeuronView, SubnetView } from '#domain/market.ts';
import type { MandateFact } from '#domain/neuron/facts.ts';
import type { Neuron } from '#domain/neuron/neuron.ts';
import { type LedgerRefusal, meaningOf, refusalMessage } from '#domain/neuron/refusal.ts';
import type { Subnet } from '#domain/subnet/subnet.ts';
import type { Cause, MandatedOrder, Ports, Reported } from './ports.ts';

/** What nothing but time or another mandate changes: the ledger's own words say enough. */
const FALLBACK = { condition: 'Registered', reason: 'RegistrationRefused', advice: '' } as const;

/** A newcomer has paid for the place of a neuron: pays the same, where the spec says so and it costs no more than that allows. */
export async function answerNotice(
  ports: Ports,
  asked: {
    readonly neuron: Neuron;
    readonly netuid: number;
    readonly current: NeuronView | undefined;
    readonly mandate: MandateFact;
    readonly network: NetworkView;
    readonly cause: Cause;
  },
  signal: AbortSignal,
): Promise<NoticeAnswer | undefined> {
  const { neuron, netuid, current, network } = asked;
  const { onNotice } = neuron.spec.registration ?? {};
  const eviction = current?.eviction;
  if (current === undefined || eviction === undefined || onNotice?.type !== 'Match') return undefined;
  const { hotkey, uid } = current;
  const maxCostRao = rao(onNotice.match?.maxCost);
  return await stay(
    ports,
    {
      ...asked,
      object: neuron,
      id: `match/${netuid}/${hotkey}/${eviction.announcedAtBlock}`,
      order: { type: 'MatchEviction', netuid, hotkey, maxCostRao },
      costRao: rao(eviction.priceText),
      maxCostRao,
      field: 'spec.registration.onNotice.match.maxCost',
      told: {
        reason: 'EvictionMatched',
        message: `matched the notice of block ${eviction.announcedAtBlock} for ${eviction.priceText} ${network.displaySymbol}: uid ${uid} stays`,
      },
    },
    signal,
  );
}

/** A newcomer waits for the place of a subnet: locks the same. What its owner has announced is left alone. */
export async function answerEnd(
  ports: Ports,
  asked: {
    readonly subnet: Subnet;
    readonly market: SubnetView | undefined;
    readonly mandate: MandateFact;
    readonly network: NetworkView;
    readonly cause: Cause;
  },
  signal: AbortSignal,
): Promise<NoticeAnswer | undefined> {
  const { subnet, market, network } = asked;
  const { onNotice } = subnet.spec;
  const end = market?.dissolution;
  if (market === undefined || end?.phase !== 'Announced' || end.newcomer === undefined || onNotice?.type !== 'Keep') {
    return undefined;
  }
  const { netuid } = market;
  const maxCostRao = rao(onNotice.keep?.maxCost);
  return await stay(
    ports,
    {
      ...asked,
      object: subnet,
      id: `keep/${netuid}/${end.announcedAtBlock}`,
      order: { type: 'KeepSubnet', netuid, maxCostRao },
      costRao: rao(end.newcomer.lockText),
      maxCostRao,
      field: 'spec.onNotice.keep.maxCost',
      told: {
        reason: 'SubnetKept',
        message: `answered the notice of block ${end.announcedAtBlock} by locking ${end.newcomer.lockText} ${network.displaySymbol} more: netuid ${netuid} stays`,
      },
    },
    signal,
  );
}

interface Staying {
  readonly object: Reported;
  readonly mandate: MandateFact;
  readonly network: NetworkView;
  readonly cause: Cause;
  /** One a notice: however many passes see it, it is paid once. */
  readonly id: string;
  readonly order: MandatedOrder;
  readonly costRao: bigint;
  readonly maxCostRao: bigint;
  /** Where the spec says how much. */
  readonly field: string;
  readonly told: { readonly reason: 'EvictionMatched' | 'SubnetKept'; readonly message: string };
}

async function stay(ports: Ports, wanted: Staying, signal: AbortSignal): Promise<NoticeAnswer> {
  const { object, mandate, network, cause, id, order, costRao, maxCostRao, field, told } = wanted;
  if (mandate.kind === 'missing') return refused(mandate.message);
  if (costRao > maxCostRao) {
    const [cost, most] = [costRao, maxCostRao].map(tokenTextFromRao);
    return refused(`staying costs ${cost} ${network.displaySymbol}, ${field} is ${most}`);
  }
  const result = await ports.ledger.orderByMandate({ id, order, mandate: mandate.envelope, cause }, signal);
  if (result.kind === 'refused') return refused(wordsOf(result));
  if (!result.repeated) ports.cluster.record(object, { type: 'Normal', reason: told.reason, note: told.message });
  return { kind: 'stayed', message: told.message };
}

/** The ledger's words and what to do; of a price alone the words, since what is known of it is about registrations. */
function wordsOf(refusal: LedgerRefusal): string {
  if (refusal.code === 'COST_ABOVE_MAX') return refusal.message;
  return refusalMessage(refusal, meaningOf(refusal, FALLBACK)).replace(/\.$/, '');
}

function refused(message: string): NoticeAnswer {
  return { kind: 'refused', message };
}

/** The schema takes no other text. */
function rao(text: string | undefined): bigint {
  const parsed = raoFromTokenText(text ?? '0');
  return parsed.ok ? parsed.value : 0n;
}
