import type { CarriedDraw, OpenedRound } from '@subnetes/policy/interval-draw';
import { isRoundSignature } from '@subnetes/timelock/beacon';
import type { CarriedOver } from '#domain/expected-inputs.ts';
import type { Refusal } from '#domain/refusal.ts';
import type { Seal } from '#domain/seal.ts';

const SIGNATURE_PATTERN = /^[0-9a-f]{96}$/;

/**
 * Why the round by which scoring had judges drawn is not the one that the ledger sealed for the interval whose rows count.
 * Undefined when it is, and where scoring says that it had none: then everybody judged everybody, as without the rule.
 */
export function drawRefusal(opened: OpenedRound | undefined, seal: Seal, carried: CarriedOver): Refusal | undefined {
  if (opened === undefined) return undefined;
  const { revealPeriodEpochs } = seal.policy.hyperparameters;
  const interval = seal.index - revealPeriodEpochs;
  if (seal.policy.countermeasures?.['assignment'] === undefined || opened.interval !== interval) {
    return differs('opened.interval', `scoring took the draw of interval ${opened.interval}, it is ${interval}`);
  }
  const draw = [...carried.states.values()]
    .flatMap((state) => (state as { readonly draws?: readonly CarriedDraw[] }).draws ?? [])
    .find((each) => each.interval === interval);
  if (draw === undefined) return differs('opened', `no draw of interval ${interval} was carried to this epoch`);
  // The seed is made of the text: capitals would be another draw under the same signature.
  const isSigned =
    SIGNATURE_PATTERN.test(opened.signature) &&
    isRoundSignature({ publicKey: draw.publicKey }, draw.round, Buffer.from(opened.signature, 'hex'));
  return isSigned ? undefined : differs('opened.signature', `it is not the beacon's signature of round ${draw.round}`);
}

function differs(field: string, message: string): Refusal {
  return { reason: 'DRAW_DIFFERS', field, message };
}
