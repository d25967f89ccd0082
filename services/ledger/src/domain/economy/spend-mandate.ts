import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from './ledger.ts';
import {
  type Cause,
  type Mandate,
  mandateKey,
  type MandateRecord,
  type MandateUse,
  type Operation,
  useOf,
} from './mandate.ts';

/** Whether the mandate allows the operation at this block by whoever asks; says what to do when it does not. */
export function checkMandate(
  ledger: Ledger,
  mandate: Mandate,
  request: { readonly operation: Operation; readonly netuid: number | undefined; readonly cause: Cause },
): Decision<MandateRecord> {
  const { operation, netuid, cause } = request;
  const record = ledger.mandates.get(mandateKey(mandate.payer, mandate.sha256)) ?? {
    payer: mandate.payer,
    used: 0n,
    revoked: false,
  };
  if (record.revoked) return refuse('MANDATE_REVOKED', `${mandate.payer} revoked this mandate: ask for a new one`);
  if (mandate.notAfterBlock < ledger.block) {
    return refuse(
      'MANDATE_EXPIRED',
      `the mandate ended at block ${mandate.notAfterBlock}, this is block ${ledger.block}: sign a new one with \`subnetes mandate create\``,
    );
  }
  if (mandate.cluster !== cause.cluster || mandate.namespace !== cause.namespace) {
    return refuse(
      'MANDATE_NOT_GRANTED',
      `the mandate is for namespace ${mandate.namespace} of cluster ${mandate.cluster}, not for ${cause.namespace} of ${cause.cluster}`,
    );
  }
  if (!mandate.operations.includes(operation)) {
    return refuse('MANDATE_NOT_GRANTED', `the mandate does not name ${operation} among its operations`);
  }
  if (netuid !== undefined && mandate.netuids.length > 0 && !mandate.netuids.includes(netuid)) {
    return refuse('MANDATE_NOT_GRANTED', `the mandate is for netuids ${mandate.netuids.join(', ')}, not for ${netuid}`);
  }
  return accept(record);
}

/** Checks the mandate and books `amount` on it. The money itself is moved by the caller, in the same command. */
export function spendMandate(
  ledger: Ledger,
  mandate: Mandate,
  request: {
    readonly operation: Operation;
    readonly netuid: number | undefined;
    readonly cause: Cause;
    readonly amount: bigint;
  },
): Decision<MandateUse> {
  const checked = checkMandate(ledger, mandate, request);
  if (!checked.ok) return checked;
  const { amount, operation } = request;
  if (amount > mandate.maxPerOperation) {
    return refuse(
      'MANDATE_EXHAUSTED',
      `${operation} needs ${amount} rao, the mandate allows ${mandate.maxPerOperation} an operation`,
    );
  }
  const used = checked.value.used + amount;
  if (used > mandate.maxTotal) {
    return refuse(
      'MANDATE_EXHAUSTED',
      `${operation} needs ${amount} rao, ${mandate.maxTotal - checked.value.used} of ${mandate.maxTotal} are left on the mandate: sign a new one with \`subnetes mandate create\``,
    );
  }
  if (amount > 0n) ledger.mandates.put(mandateKey(mandate.payer, mandate.sha256), { ...checked.value, used });
  return accept(useOf(mandate, used));
}
