import { randomBytes } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { newSessionSecret, sessionKeyOf } from '@subnetes/keys/session-key';
import { sessionIdOf, signBatch, signSession } from '@subnetes/keys/spend-session';
import { amountText } from '@subnetes/money/amount';
import { SessionBatchSchema, SessionScope, type SpendSession } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { isOutage, RpcError } from '@subnetes/proto/rpc-error';
import { print, type CommandContext } from '../command-context.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { readPassphrase } from '../io.ts';
import { printEffect } from '../order-preview.ts';
import { hexOf, raoOf } from '../number-text.ts';
import { readSessionFile, removeSession, saveSession, sessionNames, sessionPath } from '../session-store.ts';
import { type Ordering, sendOrder } from '../send-order.ts';
import { factLines, tableLines } from '../table.ts';
import { raoOfOption } from '../token-amount.ts';
import { readWallet, unlockWallet } from '../wallet-store.ts';
import { notConfirmed } from './wallet.ts';
import { tokenNamesOf } from '../token-names.ts';

const SCOPES = { Fund: SessionScope.FUND, Transfer: SessionScope.TRANSFER, Stake: SessionScope.STAKE } as const;

/** What sessions may be opened for, as the command line names it. */
export const SCOPE_NAMES = Object.keys(SCOPES) as readonly (keyof typeof SCOPES)[];

/** A batch is good for this many blocks, as an order of a wallet is. */
const BATCH_LIFE_BLOCKS = 100n;

export interface OpenOptions {
  readonly name: string;
  readonly wallet: string;
  readonly scopes: string;
  /** Tokens. */
  readonly max: string;
  readonly maxPerOrder: string | undefined;
  readonly blocks: number;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/** `subnetes session open`: a new key may spend for the wallet, within limits. Asks first. */
export async function openSession(context: CommandContext, options: OpenOptions): Promise<void> {
  const { scopes, maxTotal, maxPerOrder } = limitsOf(options);
  const path = sessionPath(context.walletDir, options.name);
  const file = readWallet(context.walletDir, options.wallet);
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const { networkId, block } = network;
  const expiresAtBlock = block + BigInt(options.blocks);
  const [total, each] = [maxTotal, maxPerOrder].map((units) => amountText({ asset: tokenNamesOf(network).own, units }));
  if (options.dryRun) {
    const told = { wallet: file.address, scopes, maxPerOrderRao: maxPerOrder, maxTotalRao: maxTotal, expiresAtBlock };
    const may = `a new key could spend up to ${total} of ${file.address}, ${each} an order, until block ${expiresAtBlock} (${scopes.join(', ')})`;
    return print(context, {
      value: { dryRun: true, name: options.name, ...told },
      lines: [may, 'Nothing was changed.'],
    });
  }
  const question = `Let a new key spend up to ${total} of ${file.address}, ${each} an order, until block ${expiresAtBlock} (${scopes.join(', ')})?`;
  if (!options.yes && !(await context.io.confirm(question))) throw notConfirmed();
  const passphrase = await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: false });
  const coldkey = await unlockWallet(file, passphrase);
  const secretKey = newSessionSecret();
  const { publicKey } = sessionKeyOf(secretKey);
  const limits = { maxPerOrder, maxTotal, expiresAtBlock, nonce: randomBytes(16) };
  const envelope = signSession(
    { networkId, publicKey, scopes: scopes.map((name) => SCOPES[name]), ...limits },
    coldkey,
  );
  const sessionId = hexOf(sessionIdOf(envelope));
  // Before it is opened, so that nothing is ever open of which nobody has the key.
  saveSession(path, { networkId: hexOf(networkId), sessionId, wallet: file.address, secretKey: hexOf(secretKey) });
  try {
    await ledger.openSession({ session: envelope });
  } catch (error) {
    if (isOutage(error)) throw noAnswer('the session may be open or not', options.name, error);
    removeSession(path);
    throw error;
  }
  print(context, {
    value: {
      dryRun: false,
      name: options.name,
      sessionId,
      wallet: file.address,
      file: path,
      scopes,
      maxPerOrderRao: maxPerOrder,
      maxTotalRao: maxTotal,
      expiresAtBlock,
    },
    lines: [
      ...factLines([
        ['session', `${options.name}, id ${sessionId}`],
        ['wallet', file.address],
        ['may', `${scopes.join(', ')}: ${total} in all, ${each} an order, until block ${expiresAtBlock}`],
        ['file', `${path} (whoever reads it can spend that much)`],
      ]),
      `Move the file to where it spends. End it: subnetes session revoke ${options.name} --wallet ${options.wallet}`,
    ],
  });
}

function limitsOf(options: OpenOptions) {
  const maxTotal = raoOfOption('--max', options.max);
  const maxPerOrder =
    options.maxPerOrder === undefined ? maxTotal : raoOfOption('--max-per-order', options.maxPerOrder);
  if (maxTotal === 0n || maxPerOrder === 0n) throw usageFailure('--max and --max-per-order must be above zero');
  if (options.blocks === 0) throw usageFailure('--blocks begins with 1');
  return { scopes: scopesOf(options.scopes), maxTotal, maxPerOrder };
}

/** `subnetes session show`: how a session stands at the ledger. */
export async function showSession(context: CommandContext, name: string): Promise<void> {
  const file = readSessionFile(context.walletDir, name);
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const { block } = network;
  const { own: asset } = tokenNamesOf(network);
  const session = await sessionOf(context, name);
  const [used, total, each] = [session.usedRao, session.maxTotalRao, session.maxPerOrderRao].map((rao) =>
    amountText({ asset, units: raoOf(rao) }),
  );
  print(context, {
    value: {
      name,
      sessionId: file.sessionId,
      wallet: session.wallet,
      scopes: scopeNames(session),
      usedRao: session.usedRao,
      maxTotalRao: session.maxTotalRao,
      maxPerOrderRao: session.maxPerOrderRao,
      expiresAtBlock: session.expiresAtBlock,
      lastBatch: session.lastSequence,
      state: stateOf(session, block),
    },
    lines: factLines([
      ['session', `${name}, id ${file.sessionId}`],
      ['wallet', session.wallet],
      ['state', stateOf(session, block)],
      ['may', `${scopeNames(session).join(', ')}, ${each} an order, until block ${session.expiresAtBlock}`],
      ['used', `${used} of ${total}`],
      ['last batch', session.lastSequence === 0n ? 'none yet' : String(session.lastSequence)],
    ]),
  });
}

/** `subnetes session list`: the sessions whose files lie here; asks no server. */
export async function listSessions(context: CommandContext): Promise<void> {
  const sessions = sessionNames(context.walletDir).map((name) => {
    const { sessionId, wallet, networkId } = readSessionFile(context.walletDir, name);
    return { name, sessionId, wallet, networkId };
  });
  const rows = sessions.map(({ name, sessionId, wallet }) => [name, sessionId, wallet]);
  print(context, {
    value: { sessions },
    lines:
      rows.length === 0
        ? ['No session lies here. Open one: subnetes session open']
        : tableLines([{ head: 'NAME' }, { head: 'ID' }, { head: 'WALLET' }], rows),
  });
}

export interface PayOptions {
  readonly name: string;
  readonly to: string;
  /** Tokens. */
  readonly amount: string;
  readonly code: string;
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/** `subnetes session pay`: one order under the session's key. Asks whoever sits there; a program it asks nothing, which is what a session is for. */
export async function payBySession(context: CommandContext, options: PayOptions): Promise<void> {
  const amount = raoOfOption('--amount', options.amount);
  if (amount === 0n) throw usageFailure('--amount must be above zero');
  const { sessionId, secretKey, wallet } = readSessionFile(context.walletDir, options.name);
  const id = Buffer.from(sessionId, 'hex');
  const value = { to: options.to, amountRao: amount.toString(), code: options.code };
  const orders = create(SessionBatchSchema, { orders: [{ order: { case: 'transfer', value } }] });
  if (options.dryRun) {
    const effect = await (await context.market.preview()).previewSessionBatch({ wallet, sessionId: id, batch: orders });
    const payer = { address: wallet, name: `wallet of session ${options.name}` };
    return printEffect(context, effect, {
      payer,
      lines: [],
      told: { from: wallet, to: options.to, amountRao: amount },
    });
  }
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const { networkId, block } = network;
  const { own: asset } = tokenNamesOf(network);
  const text = (units: bigint): string => amountText({ asset, units });
  if (context.io.hasTerminal && !options.yes) {
    const question = `Pay ${text(amount)} of ${wallet} to ${options.to}?`;
    if (!(await context.io.confirm(question))) throw notConfirmed();
  }
  const { lastSequence } = await sessionOf(context, options.name);
  // Rises by the clock, and also where another machine's is ahead.
  const now = BigInt(context.now());
  const sequence = now > lastSequence ? now : lastSequence + 1n;
  const terms = { networkId, sessionId: id, wallet, sequence, expiresAtBlock: block + BATCH_LIFE_BLOCKS };
  const batch = signBatch(terms, orders, sessionKeyOf(Buffer.from(secretKey, 'hex')));
  const done = await ledger.submitSessionBatch({ batch }).catch((error: unknown) => {
    throw isOutage(error) ? noAnswer(`it was paid if the last batch is ${sequence}`, options.name, error) : error;
  });
  print(context, {
    value: {
      from: wallet,
      to: options.to,
      amountRao: amount,
      batch: sequence,
      sequence: done.firstSequence,
      usedRao: done.usedRao,
      spendableRao: done.wallet?.spendableRao ?? null,
    },
    lines: [
      `Paid ${text(amount)} to ${options.to}, journal entry ${done.firstSequence}. The session has used ${text(raoOf(done.usedRao))}.`,
    ],
  });
}

/** `subnetes session revoke`: ends a session for ever, by its wallet's own order. */
export async function revokeSession(
  context: CommandContext,
  options: Omit<Ordering, 'yes'> & { readonly name: string | undefined; readonly id: string | undefined },
): Promise<void> {
  if ((options.name === undefined) === (options.id === undefined)) {
    throw usageFailure('which session?', 'give its name, or --id HEX where its file is not here');
  }
  const id = options.id ?? readSessionFile(context.walletDir, options.name ?? '').sessionId;
  if (!/^[0-9a-f]{64}$/.test(id)) throw usageFailure('--id has 64 hexadecimal digits', 'session list shows ids');
  const { address } = readWallet(context.walletDir, options.wallet);
  const sessionId = Buffer.from(id, 'hex');
  // Nothing leaves by it, and whoever ends one may be in a hurry: it does not ask.
  await sendOrder(
    context,
    { ...options, yes: true },
    {
      lines: [`session ${id} of ${address} ends for ever: its key signs nothing more`],
      question: 'End it',
      told: { sessionId: id, wallet: address, revoked: !options.dryRun },
      order: { case: 'revokeSession', value: { $typeName: 'subnetes.ledger.v1.RevokeSessionOrder', sessionId } },
    },
  );
}

async function sessionOf(context: CommandContext, name: string): Promise<SpendSession> {
  const { sessionId, wallet } = readSessionFile(context.walletDir, name);
  const ledger = await context.market.ledger();
  try {
    return await ledger.getSession({ wallet, sessionId: Buffer.from(sessionId, 'hex') });
  } catch (error) {
    if (!(error instanceof RpcError) || error.reason !== 'SESSION_UNKNOWN') throw error;
    throw new Failure({
      code: 'SESSION_UNKNOWN',
      message: `the ledger has no session ${name} of ${wallet}: it never was opened, or it has ended and was forgotten`,
      exitCode: EXIT.refused,
      remedy: `delete ${sessionPath(context.walletDir, name)} and open another one`,
      cause: error,
    });
  }
}

function noAnswer(message: string, name: string, cause: unknown): Failure {
  return new Failure({
    code: 'NO_ANSWER',
    message: `the ledger did not answer; ${message}`,
    exitCode: EXIT.unavailable,
    remedy: `when it is back: subnetes session show ${name}`,
    cause,
  });
}

function scopesOf(text: string): readonly (keyof typeof SCOPES)[] {
  return text.split(',').map((part) => {
    const name = SCOPE_NAMES.find((each) => each === part.trim());
    if (name === undefined) throw usageFailure(`--scopes: "${part}" is none of ${SCOPE_NAMES.join(', ')}`);
    return name;
  });
}

function scopeNames({ scopes }: SpendSession): readonly string[] {
  return SCOPE_NAMES.filter((name) => scopes.includes(SCOPES[name]));
}

function stateOf({ revoked, expiresAtBlock, usedRao, maxTotalRao }: SpendSession, block: bigint): string {
  if (revoked) return 'revoked';
  if (block > expiresAtBlock) return 'expired';
  return raoOf(usedRao) >= raoOf(maxTotalRao) ? 'used up' : 'open';
}
