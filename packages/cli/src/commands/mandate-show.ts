import { readFileSync } from 'node:fs';
import { type MandateLimit, mandateOfText, mandateSha256, readMandate, TOKEN_OPERATIONS } from '@subnetes/keys/mandate';
import { amountText } from '@subnetes/money/amount';
import type { OperationUse } from '@subnetes/proto/gen/subnetes/ledger/v1/mandates_pb';
import { parse } from 'yaml';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { hexOf, raoOf } from '../number-text.ts';
import { type Ordering, sendOrder } from '../send-order.ts';
import { factLines } from '../table.ts';
import { type TokenNames, tokenNamesOf } from '../token-names.ts';

/** `subnetes mandate show`: what a mandate allows, and how much of it is left. */
export async function showMandate(context: CommandContext, path: string): Promise<void> {
  const envelope = readEnvelope(path);
  const network = await (await context.market.ledger()).getNetwork({});
  const { networkId, block } = network;
  const names = tokenNamesOf(network);
  // Also one that is over is shown: its end is one of its terms.
  const read = readMandate(envelope, { networkId, block: 0n });
  if (!read.ok) throw new Failure({ code: read.reason, message: read.message, exitCode: EXIT.refused });
  const { mandate } = read;
  const sha256 = mandateSha256(envelope);
  const use = await (await context.market.mandates()).getMandateUse({ payer: mandate.payer, mandateSha256: sha256 });
  const text = (units: bigint): string => amountText({ asset: names.own, units });
  const used = raoOf(use.usedRao);
  const limits = (mandate.limits ?? []).flatMap((limit) => usesOf(limit, use.operations));
  const isOver = BigInt(mandate.notAfterBlock) < block;
  print(context, {
    value: { mandate, sha256: hexOf(sha256), usedRao: used, limits, revoked: use.revoked, over: isOver },
    lines: factLines([
      ['mandate', hexOf(sha256)],
      ['state', use.revoked ? 'revoked' : isOver ? 'over' : `good until block ${mandate.notAfterBlock}`],
      ['pays', mandate.payer],
      ['owns', mandate.owner],
      ['for', `namespace ${mandate.grantee.namespace} of cluster ${mandate.grantee.cluster}`],
      ['subnets', mandate.netuids.length === 0 ? 'all' : mandate.netuids.join(', ')],
      ['operations', mandate.operations.join(', ')],
      [
        'used',
        `${text(used)} of ${text(BigInt(mandate.maxTotal))}, ${text(BigInt(mandate.maxPerOperation))} an operation`,
      ],
      ...limits.map((limit): [string, string] => [limit.operation, limitText(limit, names)]),
      ...(mandate.transferTo === undefined ? [] : [['pays to', mandate.transferTo.join(', ')] as [string, string]]),
    ]),
  });
}

type LimitUse = MandateLimit & {
  readonly usedRao: bigint;
  /** The token that was used; empty: the network's, or none yet. */
  readonly token: string;
};

/** One of a limit in the network's token; of one that holds for each subnet's token, one for each that was used. */
function usesOf(limit: MandateLimit, operations: readonly OperationUse[]): readonly LimitUse[] {
  const used = operations.filter(({ operation }) => operation === limit.operation);
  if (used.length === 0) return [{ ...limit, usedRao: 0n, token: '' }];
  return used.map(({ asset, usedRao }) => ({ ...limit, usedRao: raoOf(usedRao), token: asset }));
}

function limitText({ operation, maxPerOperation, maxTotal, usedRao, token }: LimitUse, names: TokenNames): string {
  const unused = TOKEN_OPERATIONS.includes(operation) ? "of each subnet's token" : names.own;
  const text = (units: bigint): string => amountText({ asset: token === '' ? unused : names.of(token), units });
  return `${text(usedRao)} of ${text(BigInt(maxTotal))}, ${text(BigInt(maxPerOperation))} an operation`;
}

/** `subnetes mandate revoke`: ends a mandate before its block, used or not. */
export async function revokeMandate(
  context: CommandContext,
  options: Ordering & { readonly path: string },
): Promise<void> {
  const sha256 = mandateSha256(readEnvelope(options.path));
  await sendOrder(context, options, {
    order: {
      case: 'revokeMandate',
      value: { $typeName: 'subnetes.ledger.v1.RevokeMandateOrder', mandateSha256: sha256 },
    },
    lines: [`mandate ${hexOf(sha256)} allows nothing any more`],
    question: 'Revoke it',
    told: { mandateSha256: hexOf(sha256) },
  });
}

/** A file with what `mandate create` printed, or with the text under its key alone. */
function readEnvelope(path: string) {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw usageFailure(`${path} cannot be read: ${cause instanceof Error ? cause.message : ''}`);
  }
  const envelope = mandateOfText(text) ?? mandateOfText(configMapText(text));
  if (envelope === undefined)
    throw usageFailure(`${path} holds no mandate`, 'name what `subnetes mandate create` printed');
  return envelope;
}

function configMapText(text: string): string {
  try {
    const { data } = (parse(text) ?? {}) as { readonly data?: { readonly mandate?: unknown } };
    return typeof data?.mandate === 'string' ? data.mandate : '';
  } catch {
    return ''; // not YAML: the caller is told that there is no mandate
  }
}
