import { create } from '@bufbuild/protobuf';
import { InvoiceSchema, type Invoice } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import type { StoredInvoice } from '../application/ports.ts';
import { invoiceId } from '../domain/invoice.ts';

/** An invoice as both wires have it. */
export function invoiceOf(stored: StoredInvoice): Invoice {
  return create(InvoiceSchema, {
    id: invoiceId(stored.number),
    account: stored.account,
    period: stored.period,
    totalRao: stored.totalRao.toString(),
    lineCount: stored.lineCount,
    lines: stored.lines.map((line) => ({
      requestId: line.requestId,
      model: line.model,
      units: { ...line.units },
      amountRao: line.amountRao.toString(),
      minerHotkey: line.minerHotkey,
      receiptId: line.receiptId,
      policyVersion: line.policyVersion,
      ledgerSequence: line.ledgerSequence,
      minerRao: line.minerRao.toString(),
      ownerRao: line.ownerRao.toString(),
      networkRao: line.networkRao.toString(),
      timeMs: BigInt(line.timeMs),
    })),
  });
}

/** The same as plain JSON; counts that fit are numbers, money is text. */
export function invoiceJson(stored: StoredInvoice): object {
  return {
    id: invoiceId(stored.number),
    account: stored.account,
    period: stored.period,
    totalRao: stored.totalRao.toString(),
    lineCount: Number(stored.lineCount),
    lines: stored.lines.map((line) => ({
      ...line,
      units: Object.fromEntries(Object.entries(line.units).map(([unit, count]) => [unit, Number(count)])),
      amountRao: line.amountRao.toString(),
      minerRao: line.minerRao.toString(),
      ownerRao: line.ownerRao.toString(),
      networkRao: line.networkRao.toString(),
      policyVersion: Number(line.policyVersion),
      ledgerSequence: Number(line.ledgerSequence),
    })),
  };
}
