import { fails, type Judgement } from '#domain/judgement.ts';
import type { NeuronView } from '#domain/market.ts';
import type { MandateFact } from '#domain/neuron/facts.ts';
import type { Neuron, NeuronWishes } from '#domain/neuron/neuron.ts';
import { meaningOf, refusalMessage } from '#domain/neuron/refusal.ts';
import { isSameWish, WISHES_BEFORE, wishesOf } from '#domain/neuron/wishes.ts';
import type { Cause, MandatedOrder, Ports } from './ports.ts';

/** What the status is to say of them, and what stands against the spec. */
export interface KeptWishes {
  readonly fields: NeuronWishes;
  readonly refused?: Judgement;
}

interface Asked {
  readonly neuron: Neuron;
  readonly netuid: number;
  readonly current: NeuronView | undefined;
  readonly mandate: MandateFact;
  readonly cause: Cause;
}

type Order = (place: { readonly netuid: number; readonly hotkey: string }) => MandatedOrder;

/**
 * Has the ledger do what spec.stake wants for good: stake earnings, give stake to children, keep a part of what parents earn. Each
 * once a registration, and again when the spec changes. What the wallet itself orders after that stays.
 */
export async function keepWishes(ports: Ports, asked: Asked, signal: AbortSignal): Promise<KeptWishes> {
  const { neuron, current, mandate } = asked;
  let kept: KeptWishes = { fields: {} };
  if (current === undefined) return kept;
  for (const wish of wishesOf(neuron.spec)) {
    const before = lastSet(neuron, current, wish.field);
    if (isSameWish(before, wish.wanted)) kept = withField(kept, wish.field, wish.wanted);
    else if (mandate.kind === 'missing') kept = withField(kept, wish.field, before);
    else {
      const refused = await order(ports, { ...asked, current, mandate, wish }, signal);
      kept = withField(kept, wish.field, refused === undefined ? wish.wanted : before);
      if (refused !== undefined) kept = { refused, ...kept };
    }
  }
  return kept;
}

/** A new registration begins with its earnings in the wallet, and all of its stake its own. */
function lastSet<Field extends keyof NeuronWishes>(neuron: Neuron, current: NeuronView, field: Field) {
  const { status } = neuron;
  return (status.registrationId === current.registrationId ? status[field] : undefined) ?? WISHES_BEFORE[field];
}

function withField(kept: KeptWishes, field: keyof NeuronWishes, value: NeuronWishes[typeof field]): KeptWishes {
  return { ...kept, fields: { ...kept.fields, [field]: value } };
}

/** Under an id made of the wish, so that however many passes see it, it is ordered once. Answers a refusal. */
async function order(
  ports: Ports,
  asked: Asked & {
    readonly current: NeuronView;
    readonly mandate: Extract<MandateFact, { readonly envelope: Uint8Array }>;
    readonly wish: { readonly id: string; readonly order: Order };
  },
  signal: AbortSignal,
): Promise<Judgement | undefined> {
  const { neuron, netuid, current, mandate, cause, wish } = asked;
  const { hotkey, registrationId } = current;
  const result = await ports.ledger.orderByMandate(
    {
      id: `${wish.id}/${registrationId}/${neuron.metadata.uid}/${neuron.metadata.generation}`,
      order: wish.order({ netuid, hotkey }),
      mandate: mandate.envelope,
      cause,
    },
    signal,
  );
  if (result.kind === 'ordered') return undefined;
  const meaning = meaningOf(result, { condition: 'Accepted', reason: 'StakeRefused', advice: '' });
  return fails('Accepted', meaning.reason, refusalMessage(result, meaning));
}
