import { accept, type Decision, refuse } from '../book/refusal.ts';
import { pinScheme, schemeBar } from '../keys/scheme.ts';
import { swapBar } from '../keys/swap-bar.ts';
import type { Ledger } from './ledger.ts';
import {
  type Cause,
  KEEPS_MONEY,
  limitName,
  type Mandate,
  mandateKey,
  type MandateRecord,
  type MandateUse,
  type Operation,
  useOf,
} from './mandate.ts';

/** Whether the mandate is good at this block for whoever asks, whatever it allows; says what to do when it is not. */
export function checkStanding(ledger: Ledger, mandate: Mandate, cause: Cause): Decision<MandateRecord> {
  const record = ledger.mandates.get(mandateKey(mandate.payer, mandate.sha256)) ?? {
    payer: mandate.payer,
    used: 0n,
    revoked: false,
  };
  if (record.revoked) return refuse('MANDATE_REVOKED', `${mandate.payer} revoked this mandate: ask for a new one`);
  const barred = schemeBar(ledger, mandate.payer, mandate.scheme) ?? swapBar(ledger, mandate.payer);
  if (barred !== undefined) return barred;
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
  return accept(record);
}

/** Whether the mandate allows the operation at this block by whoever asks; says what to do when it does not. */
export function checkMandate(
  ledger: Ledger,
  mandate: Mandate,
  request: { readonly operation: Operation; readonly netuid: number | undefined; readonly cause: Cause },
): Decision<MandateRecord> {
  const { operation, netuid, cause } = request;
  const standing = checkStanding(ledger, mandate, cause);
  if (!standing.ok) return standing;
  if (!mandate.operations.includes(operation)) {
    return refuse('MANDATE_NOT_GRANTED', `the mandate does not name ${operation} among its operations`);
  }
  if (netuid !== undefined && mandate.netuids.length > 0 && !mandate.netuids.includes(netuid)) {
    return refuse('MANDATE_NOT_GRANTED', `the mandate is for netuids ${mandate.netuids.join(', ')}, not for ${netuid}`);
  }
  return standing;
}

/** Checks the mandate and books `amount` on it. The money itself is moved by the caller, in the same command. */
export function spendMandate(
  ledger: Ledger,
  mandate: Mandate,
  request: {
    readonly operation: Operation;
    readonly netuid: number | undefined;
    readonly cause: Cause;
    /** Rao, or units of `token`. */
    readonly amount: bigint;
    /** What the amount is of, where that is a subnet's token. */
    readonly token?: string | undefined;
  },
): Decision<MandateUse> {
  const checked = checkMandate(ledger, mandate, request);
  if (!checked.ok) return checked;
  const record = checked.value;
  const { amount, operation, token } = request;
  // What the mandate allows altogether is in rao, and says nothing of a subnet's token.
  const rao = token === undefined ? amount : 0n;
  if (rao > mandate.maxPerOperation) {
    return refuse(
      'MANDATE_EXHAUSTED',
      `${operation} needs ${amount} rao, the mandate allows ${mandate.maxPerOperation} an operation`,
    );
  }
  const used = KEEPS_MONEY.has(operation) ? record.used : record.used + rao;
  if (used > mandate.maxTotal) {
    return refuse(
      'MANDATE_EXHAUSTED',
      `${operation} needs ${amount} rao, ${mandate.maxTotal - record.used} of ${mandate.maxTotal} are left on the mandate: sign a new one with \`subnetes mandate create\``,
    );
  }
  const limited = useLimit(mandate, record, { operation, amount, token });
  if (!limited.ok) return limited;
  if (amount > 0n) {
    // Money moves, so an entry is written.
    pinScheme(ledger, mandate.payer, mandate.scheme);
    ledger.mandates.put(mandateKey(mandate.payer, mandate.sha256), { ...record, used, ...limited.value });
  }
  return accept(useOf(mandate, used));
}

/** What the mandate allows this operation beside what it allows altogether; answers what is used of it. */
function useLimit(
  mandate: Mandate,
  record: MandateRecord,
  {
    operation,
    amount,
    token,
  }: { readonly operation: Operation; readonly amount: bigint; readonly token: string | undefined },
): Decision<Pick<MandateRecord, 'usedBy'>> {
  const limit = mandate.limits?.find((each) => each.operation === operation);
  const unit = token ?? 'rao';
  if (limit === undefined) {
    return token === undefined
      ? accept({})
      : refuse('MANDATE_NOT_GRANTED', `${operation} moves ${token}: the mandate has to limit it by itself`);
  }
  if (amount > limit.maxPerOperation) {
    return refuse(
      'MANDATE_EXHAUSTED',
      `${operation} needs ${amount} ${unit}, the mandate's limit for it is ${limit.maxPerOperation} an operation`,
    );
  }
  const name = limitName(operation, token);
  const before = record.usedBy?.[name] ?? 0n;
  if (before + amount > limit.maxTotal) {
    return refuse(
      'MANDATE_EXHAUSTED',
      `${operation} needs ${amount} ${unit}, ${limit.maxTotal - before} of ${limit.maxTotal} are left of the mandate's limit for it`,
    );
  }
  return accept({ usedBy: { ...record.usedBy, [name]: before + amount } });
}
