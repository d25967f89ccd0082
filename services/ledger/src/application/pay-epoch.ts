import { countWitnesses, type WitnessSignature } from '@subnetes/keys/witness';
import { type Decision, type Refusal, refuse } from '#domain/book/refusal.ts';
import { epochKey, payEpoch, type Payout, type ScoredEpoch } from '#domain/economy/payout.ts';
import { reportDeviation, type ToldDeviation } from '#domain/slashing/deviation.ts';
import type { Sequencer } from './sequencer.ts';
import type { UnwitnessedEpochs } from './unwitnessed-epochs.ts';

/** Outputs as scoring tells them, with the signatures that came along, not verified. */
export interface ToldEpoch extends ScoredEpoch {
  readonly witnesses: readonly WitnessSignature[];
  /** Of validators far from the consensus; absent: none. Witnesses do not sign it: whoever is accused may dispute it. */
  readonly evidence?: readonly ToldDeviation[];
}

/** Who has to sign an epoch beside scoring. */
export interface WitnessRule {
  /** So many different keys of `keys`; 0: scoring's word is enough. */
  readonly required: number;
  /** ed25519, hex. */
  readonly keys: readonly string[];
}

/**
 * Pays what scoring says, once, as soon as enough witnesses have signed it; while money does not add up nothing is paid.
 * Signatures are verified before the command, so that no other command waits for it.
 */
export function makePayEpoch(ports: {
  readonly sequencer: Sequencer;
  readonly isConserved: () => boolean;
  readonly rule: WitnessRule;
  readonly networkId: Uint8Array;
  readonly unwitnessed: UnwitnessedEpochs;
  /** Told of evidence that is not taken. */
  readonly onEvidenceRefused?: (told: ToldDeviation, refusal: Refusal) => void;
}) {
  const { rule, networkId, unwitnessed } = ports;
  return async ({ witnesses, evidence = [], ...scored }: ToldEpoch): Promise<Decision<Payout>> => {
    if (!ports.isConserved()) {
      return refuse('PAYOUTS_STOPPED', 'the books are in doubt: payouts wait until every audit is clean');
    }
    const by = countWitnesses({ ...scored, networkId }, witnesses, rule.keys);
    let block = 0;
    const paid = await ports.sequencer.submit({
      keys: [epochKey(scored.netuid, scored.index)],
      run: (ledger) => {
        block = ledger.block;
        return payEpoch(ledger, scored, { required: rule.required, by });
      },
    });
    if (paid.ok) {
      unwitnessed.paid(scored);
      // Again with each repeat: what was reported before is known.
      for (const told of evidence) {
        const reported = await ports.sequencer.submit({ run: (ledger) => reportDeviation(ledger, told) });
        if (!reported.ok) ports.onEvidenceRefused?.(told, reported);
      }
    } else if (paid.code === 'EPOCH_UNWITNESSED') unwitnessed.note({ ...scored, signed: by.length }, block);
    return paid;
  };
}
