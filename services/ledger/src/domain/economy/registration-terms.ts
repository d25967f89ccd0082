import { canonicalJson } from '../book/canonical-json.ts';
import type { Invitation } from '../mandates/admission.ts';
import type { Ledger } from './ledger.ts';
import type { Cause, Mandate } from './mandate.ts';

/** Under which conditions somebody wants a hotkey registered. */
export interface RegistrationTerms {
  readonly netuid: number;
  readonly hotkey: string;
  /** Owner, bound by the hotkey's own signature. */
  readonly coldkey: string;
  readonly payer: string;
  /** Rao. */
  readonly maxCost: bigint;
  /** Rao of stake that is put on the hotkey with the registration. */
  readonly initialStake: bigint;
  /** Registrations of the hotkey in this subnet that have ended, plus one. */
  readonly attempt: number;
  /** null: by the payer's own order. */
  readonly mandate: Mandate | null;
  readonly cause: Cause | null;
  /** What lets it into a subnet whose owner approves who registers. */
  readonly invitation?: Invitation;
}

/** A registration is repeated safely when all of this is the same. */
export function termsSha256(ledger: Ledger, terms: RegistrationTerms): string {
  return ledger.hashes.text(
    canonicalJson({
      netuid: terms.netuid,
      hotkey: terms.hotkey,
      coldkey: terms.coldkey,
      payer: terms.payer,
      maxCost: terms.maxCost.toString(),
      initialStake: terms.initialStake.toString(),
      attempt: terms.attempt,
      mandate: terms.mandate?.sha256 ?? '',
    }),
  );
}
