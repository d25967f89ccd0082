import { fails, type Judgement } from '#domain/judgement.ts';
import type { NeuronView } from '#domain/market.ts';
import type { MandateFact } from '#domain/neuron/facts.ts';
import type { Neuron } from '#domain/neuron/neuron.ts';
import { meaningOf, refusalMessage } from '#domain/neuron/refusal.ts';
import type { Cause, Ports } from './ports.ts';

/** What the status is to say of it, and what stands against the spec. */
export interface AutoStake {
  readonly autoStake?: boolean;
  readonly refused?: Judgement;
}

/**
 * Has the ledger stake what the neuron earns, or no longer, as spec.stake.auto says: once a registration, and again when the spec
 * changes. What the wallet itself orders after that stays.
 */
export async function keepAutoStake(
  ports: Ports,
  asked: {
    readonly neuron: Neuron;
    readonly netuid: number;
    readonly current: NeuronView | undefined;
    readonly mandate: MandateFact;
    readonly cause: Cause;
  },
  signal: AbortSignal,
): Promise<AutoStake> {
  const { neuron, netuid, current, mandate, cause } = asked;
  const isOn = neuron.spec.stake?.auto;
  if (isOn === undefined || current === undefined) return {};
  const { hotkey, registrationId } = current;
  // A new registration begins with its earnings in the wallet.
  const before = neuron.status.registrationId === registrationId && neuron.status.autoStake === true;
  if (before === isOn) return { autoStake: isOn };
  if (mandate.kind === 'missing') return { autoStake: before };
  const result = await ports.ledger.orderByMandate(
    {
      id: `auto-stake/${registrationId}/${neuron.metadata.uid}/${neuron.metadata.generation}`,
      order: { type: 'SetAutoStake', netuid, hotkey, isOn },
      mandate: mandate.envelope,
      cause,
    },
    signal,
  );
  if (result.kind === 'ordered') return { autoStake: isOn };
  const meaning = meaningOf(result, { condition: 'Accepted', reason: 'StakeRefused', advice: '' });
  return { autoStake: before, refused: fails('Accepted', meaning.reason, refusalMessage(result, meaning)) };
}
