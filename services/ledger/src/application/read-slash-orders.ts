import { hash } from 'node:crypto';
import { verifyEnvelope } from '@subnetes/keys/envelope';
import { EnvelopeType, type SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { WalletOrder as WireOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { ReportDoubleSigningOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { unitsFromText } from '@subnetes/money/amount';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import type { WalletOrder } from '#domain/economy/wallet-order.ts';
import type { DoubleSigning } from '#domain/slashing/report.ts';
import type { SignedContext } from './read-signed.ts';

/**
 * What a hotkey signs itself, once a sequence. What session keys sign is left out: two pods of one neuron have two of them,
 * and their clocks may give the same number without anybody's fault.
 */
const SIGNED_ONCE: ReadonlyMap<EnvelopeType, string> = new Map([
  [EnvelopeType.COMMIT, 'Commit'],
  [EnvelopeType.REVEAL, 'Reveal'],
  [EnvelopeType.SET_WEIGHTS, 'SetWeights'],
]);

export type SlashCase = Extract<
  WireOrder['order'],
  { readonly case: 'rebond' | 'setAutoStake' | 'reportDoubleSigning' | 'disputeSlash' | 'voteSlash' }
>;

/** Orders about stake that leaves and about slashes; the signatures in a report are verified here. */
export function readSlashOrder(order: SlashCase, context: SignedContext): Decision<WalletOrder> {
  switch (order.case) {
    case 'rebond': {
      const unbondingId = Number(order.value.unbondingId);
      if (!Number.isSafeInteger(unbondingId)) return refuse('INVALID_ARGUMENT', 'unbonding_id must be below 2^53');
      if (order.value.amountRao === '') return accept({ type: 'Rebond', unbondingId, amount: undefined });
      const units = unitsFromText(order.value.amountRao);
      if (!units.ok) return refuse('INVALID_ARGUMENT', units.message);
      if (units.value <= 0n) return refuse('INVALID_ARGUMENT', 'the amount must be at least 1');
      return accept({ type: 'Rebond', unbondingId, amount: units.value });
    }
    case 'setAutoStake': {
      const { netuid, hotkey, enabled } = order.value;
      return accept({ type: 'SetAutoStake', netuid, hotkey, isOn: enabled });
    }
    case 'reportDoubleSigning': {
      const pair = readDoubleSigning(order.value, context);
      return pair.ok ? accept({ type: 'ReportDoubleSigning', ...pair.value }) : pair;
    }
    case 'disputeSlash': {
      const slashId = readSlashId(order.value.slashId);
      if (!slashId.ok) return slashId;
      return accept({ type: 'DisputeSlash', slashId: slashId.value, statement: order.value.statement });
    }
    case 'voteSlash': {
      const slashId = readSlashId(order.value.slashId);
      if (!slashId.ok) return slashId;
      return accept({ type: 'VoteSlash', slashId: slashId.value, upholds: order.value.upholds });
    }
  }
}

/** Two envelopes that should not both exist. They may be over: that they were signed is what counts. */
function readDoubleSigning(
  { netuid, first, second }: ReportDoubleSigningOrder,
  { networkId }: SignedContext,
): Decision<DoubleSigning> {
  if (first === undefined || second === undefined) return refuse('ENVELOPE_MISSING', 'first and second are needed');
  const { type, signer, registrationId, sequence } = first;
  const name = SIGNED_ONCE.get(type);
  if (name === undefined) return noDoubleSigning(`envelopes of type ${type} may share a sequence`);
  if (registrationId.length !== 32) return noDoubleSigning('they are bound to no registration');
  if (second.sequence !== sequence) return noDoubleSigning('their sequences differ');
  if (Buffer.from(first.payload).equals(second.payload)) return noDoubleSigning('both say the same');
  const demand = { networkId, type, block: 0n, registrationId, signer, isDirect: true };
  for (const [field, envelope] of [
    ['first', first],
    ['second', second],
  ] as const) {
    const verified = verifyEnvelope(envelope, demand);
    if (!verified.ok) return refuse(verified.reason, `${field}: ${verified.message}`);
  }
  const expires = first.expiresAtBlock < second.expiresAtBlock ? first.expiresAtBlock : second.expiresAtBlock;
  return accept({
    netuid,
    hotkey: signer,
    registrationId: Buffer.from(registrationId).toString('hex'),
    envelopeType: name,
    sequence: sequence.toString(),
    expiresAtBlock: Number(expires),
    evidenceSha256: evidenceSha256(first, second),
  });
}

/** Of both payloads and signatures, whichever is named first. */
function evidenceSha256(first: SignedEnvelope, second: SignedEnvelope): string {
  const texts = [first, second].map(({ payload, signature }) => Buffer.concat([payload, signature]).toString('hex'));
  return hash('sha256', texts.toSorted().join(':'));
}

function readSlashId(bytes: Uint8Array): Decision<string> {
  return bytes.length === 32
    ? accept(Buffer.from(bytes).toString('hex'))
    : refuse('INVALID_ARGUMENT', 'slash_id must be 32 bytes');
}

function noDoubleSigning(why: string): Decision<never> {
  return refuse('NO_DOUBLE_SIGNING', `the envelopes prove nothing: ${why}`);
}
