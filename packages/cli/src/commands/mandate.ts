import { randomUUID } from 'node:crypto';
import {
  MANDATE_OPERATIONS,
  mandateSha256,
  mandateText,
  signMandate,
  type Mandate,
  type MandateLimit,
  type MandateOperation,
  PAYING_OPERATIONS,
  SPONSOR_OPERATIONS,
  TOKEN_OPERATIONS,
} from '@subnetes/keys/mandate';
import { amountText } from '@subnetes/money/amount';
import { stringify } from 'yaml';
import { readClusterUid } from '../cluster-uid.ts';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { readPassphrase } from '../io.ts';
import { hexOf } from '../number-text.ts';
import { raoOfOption } from '../token-amount.ts';
import { readWallet, unlockWallet } from '../wallet-store.ts';
import { addressOf } from './subnet-admission.ts';
import { tokenNamesOf } from '../token-names.ts';

/** Terms as they stand on the command line. */
export interface MandateOptions {
  readonly wallet: string;
  /** Namespace that may spend. */
  readonly grant: string;
  readonly operations: string;
  readonly netuids: string | undefined;
  readonly max: string;
  readonly maxPerOperation: string | undefined;
  /** OPERATION=EACH/ALL texts, in tokens. */
  readonly limit: readonly string[];
  readonly transferTo: readonly string[];
  /** Whose it will be; the wallet's own if not given. */
  readonly owner: string | undefined;
  readonly blocks: string;
  readonly cluster: string | undefined;
  /** Given together, the mandate is made without asking any server. */
  readonly networkId: string | undefined;
  readonly notAfterBlock: string | undefined;
  /** Name of the ConfigMap. */
  readonly name: string | undefined;
}

/** `subnetes mandate create`: prints a ConfigMap that lets a namespace spend within limits. The coldkey stays here. */
export async function createMandate(context: CommandContext, options: MandateOptions): Promise<void> {
  const maxTotal = raoOfOption('--max', options.max);
  const maxPerOperation =
    options.maxPerOperation === undefined ? maxTotal : raoOfOption('--max-per-operation', options.maxPerOperation);
  const operations = operationsOf(options.operations);
  const netuids = netuidsOf(options.netuids);
  const limits = limitsOf(options.limit, operations);
  if (PAYING_OPERATIONS.some((each) => operations.includes(each)) !== options.transferTo.length > 0) {
    throw usageFailure(`--transfer-to names whom ${PAYING_OPERATIONS.join(' and ')} may pay: give both or neither`);
  }
  const file = readWallet(context.walletDir, options.wallet);
  const { asset, ...life } = await readLife(context, options);
  const cluster = options.cluster ?? (await readClusterUid({ context: context.options.context, env: context.env }));
  const coldkey = await unlockWallet(
    file,
    await readPassphrase(context.io, { file: context.options.passphraseFile, isNew: false }),
  );
  const mandate: Mandate = {
    ...life,
    payer: coldkey.address,
    owner: options.owner === undefined ? coldkey.address : ownerOf(options.owner, operations),
    grantee: { cluster, namespace: options.grant },
    operations,
    netuids,
    maxPerOperation: maxPerOperation.toString(),
    maxTotal: maxTotal.toString(),
    ...(limits.length === 0 ? {} : { limits }),
    ...(options.transferTo.length === 0 ? {} : { transferTo: options.transferTo }),
    nonce: randomUUID(),
  };
  const envelope = signMandate(mandate, coldkey);
  const name = options.name ?? options.wallet;
  const configMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: options.grant, labels: { 'subnetes.io/mandate': 'true' } },
    data: { mandate: mandateText(envelope) },
  };
  context.io.err(
    `Lets namespace ${options.grant} of cluster ${cluster} spend up to ${amountText({ asset, units: maxTotal })} of ${coldkey.address} for ${operations.join(', ')} until block ${life.notAfterBlock}.`,
  );
  print(context, {
    value: { mandate, sha256: hexOf(mandateSha256(envelope)), configMap },
    lines: [stringify(configMap, { lineWidth: 0 }).trimEnd()],
  });
}

async function readLife(
  context: CommandContext,
  options: MandateOptions,
): Promise<{ networkId: string; notAfterBlock: string; asset: string }> {
  if (options.networkId !== undefined && options.notAfterBlock !== undefined) {
    if (!/^[0-9a-f]{64}$/.test(options.networkId)) throw usageFailure('--network-id must be 64 hex digits');
    const notAfterBlock = wholeText('--not-after-block', options.notAfterBlock);
    return { networkId: options.networkId, notAfterBlock, asset: 'tokens' };
  }
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const notAfterBlock =
    options.notAfterBlock ?? (network.block + BigInt(wholeText('--blocks', options.blocks))).toString();
  return {
    networkId: options.networkId ?? hexOf(network.networkId),
    asset: tokenNamesOf(network).own,
    notAfterBlock: wholeText('--not-after-block', notAfterBlock),
  };
}

function operationsOf(text: string): MandateOperation[] {
  return text.split(',').map((part) => {
    const operation = MANDATE_OPERATIONS.find((known) => known === part.trim());
    if (operation === undefined)
      throw usageFailure(
        `--operations: "${part.trim()}" is none of ${MANDATE_OPERATIONS.join(', ')}`,
        'write them with commas between: Register,Stake',
      );
    return operation;
  });
}

/** Only what gives can be done for somebody else. */
function ownerOf(text: string, operations: readonly MandateOperation[]): string {
  const other = operations.find((operation) => !SPONSOR_OPERATIONS.includes(operation));
  if (other !== undefined)
    throw usageFailure(
      `--owner: for somebody else a mandate can allow ${SPONSOR_OPERATIONS.join(' and ')}, not ${other}`,
    );
  return addressOf('--owner', text);
}

/** At most one an operation, each of one that the mandate names: the ledger takes no other. */
function limitsOf(texts: readonly string[], operations: readonly MandateOperation[]): MandateLimit[] {
  const limits = texts.map(limitOf);
  const named = limits.map(({ operation }) => operation);
  const odd = named.find((operation, at) => !operations.includes(operation) || named.indexOf(operation) !== at);
  if (odd !== undefined) throw usageFailure(`--limit: ${odd} is not among --operations, or comes twice`);
  const unbounded = TOKEN_OPERATIONS.find((each) => operations.includes(each) && !named.includes(each));
  if (unbounded !== undefined) {
    throw usageFailure(
      `${unbounded} gives a subnet's token, of which --max says nothing`,
      `add --limit ${unbounded}=EACH/ALL, in whole tokens; it holds for each token by itself`,
    );
  }
  return limits;
}

function limitOf(text: string): MandateLimit {
  const [operation = '', each = '', all = ''] = text.split(/[=/]/);
  const [known] = operationsOf(operation);
  if (known === undefined || all === '') throw usageFailure(`--limit: "${text}" is not OPERATION=EACH/ALL`);
  return {
    operation: known,
    maxPerOperation: raoOfOption('--limit', each).toString(),
    maxTotal: raoOfOption('--limit', all).toString(),
  };
}

function netuidsOf(text: string | undefined): number[] {
  if (text === undefined) return [];
  return text.split(',').map((part) => {
    if (!/^\d{1,5}$/.test(part.trim()) || Number(part) > 65_535)
      throw usageFailure(`--netuids: "${part}" is no netuid`, 'write numbers with commas between: 1,7');
    return Number(part);
  });
}

function wholeText(option: string, text: string): string {
  if (!/^[1-9]\d{0,15}$/.test(text)) throw usageFailure(`${option}: "${text}" is no whole number of blocks above zero`);
  return text;
}
