import { tokenTextFromRao } from '@subnetes/money/amount';
import { fails, type Judgement } from '#domain/judgement.ts';
import type { MandateFact } from '#domain/neuron/facts.ts';
import type { StoredCondition } from '#domain/neuron/neuron.ts';
import type { MandateUse } from './ports.ts';

/** Accepted=False with the command that puts it right. */
export function missingMandate(mandate: Extract<MandateFact, { kind: 'missing' }>): Judgement {
  const command = `subnetes mandate create … > ${mandate.name}.yaml`;
  return fails('Accepted', 'NoMandate', `${mandate.message}. Make one with \`${command}\` and apply it.`);
}

/**
 * `mandate quant-a: 2 of 100 TAO used, until block 210000`. The use is known just after a call; in
 * between the words of the last one stay, so that a restart changes no status.
 */
export function mandateMessage(
  name: string,
  known: { use: MandateUse | undefined; asset: string; before: StoredCondition | undefined },
): string {
  const { use, asset, before } = known;
  const prefix = `mandate ${name}`;
  if (use !== undefined) {
    const used = `${tokenTextFromRao(use.usedRao)} of ${tokenTextFromRao(use.maxRao)} ${asset} used`;
    return `${prefix}: ${used}, until block ${use.notAfterBlock}`;
  }
  return before?.status === 'True' && before.message.startsWith(`${prefix}:`) ? before.message : `${prefix} holds`;
}
