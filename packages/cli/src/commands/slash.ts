import { readFileSync } from 'node:fs';
import { fromBinary } from '@bufbuild/protobuf';
import { amountText } from '@subnetes/money/amount';
import { type SignedEnvelope, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  type Slash,
  type SlashingTerms,
  SlashStatus,
  SlashType,
} from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { hexOf, raoOf } from '../number-text.ts';
import { type Ordering, sendOrder } from '../send-order.ts';
import { factLines, tableLines } from '../table.ts';
import { readTokenNames } from '../token-names.ts';

const TYPE_NAMES: ReadonlyMap<SlashType, string> = new Map([
  [SlashType.DOUBLE_SIGNING, 'DoubleSigning'],
  [SlashType.FAILED_AUDITS, 'FailedAudits'],
  [SlashType.DEVIATION, 'Deviation'],
  [SlashType.UNAVAILABLE, 'Unavailable'],
]);
const STATUS_NAMES: ReadonlyMap<SlashStatus, string> = new Map([
  [SlashStatus.PENDING, 'Pending'],
  [SlashStatus.DISPUTED, 'Disputed'],
  [SlashStatus.EXECUTED, 'Executed'],
  [SlashStatus.DROPPED, 'Dropped'],
]);
/** Of a newer market's, a name that says that it is not known here. */
export const typeName = (type: SlashType): string => TYPE_NAMES.get(type) ?? 'unknown';
const statusName = (status: SlashStatus): string => STATUS_NAMES.get(status) ?? 'unknown';

const LISTED_MAX = 1000;
const ID_SHOWN = 12;

/** `subnetes slash list`. */
export async function listSlashes(
  context: CommandContext,
  wanted: { readonly netuid: number | undefined; readonly hotkey: string; readonly openOnly: boolean },
): Promise<void> {
  const asset = (await readTokenNames(context)).own;
  const { slashes, block, keptFromBlock, left } = await asked(context, wanted);
  const cells = slashes.map((slash) => [
    hexOf(slash.slashId).slice(0, ID_SHOWN),
    typeName(slash.type),
    String(slash.netuid),
    slash.hotkey,
    statusName(slash.status),
    amountText({ asset, units: takenOf(slash) }),
    String(slash.dueBlock),
  ]);
  print(context, {
    value: { block, keptFromBlock, left, slashes: slashes.map(valueOf) },
    lines: [
      ...(cells.length === 0 ? [`there are no such slashes at block ${block}`] : tableLines(COLUMNS, cells)),
      ...(left === 0n || wanted.openOnly
        ? []
        : [
            `${left} more are decided and in the journal alone; all that were reported from block ${keptFromBlock} on are here`,
          ]),
    ],
  });
}

const COLUMNS = [
  { head: 'ID' },
  { head: 'TYPE' },
  { head: 'NETUID', align: 'right' },
  { head: 'HOTKEY' },
  { head: 'STATUS' },
  { head: 'AMOUNT', align: 'right' },
  { head: 'DECIDED AT', align: 'right' },
] as const;

/** `subnetes slash show`: one slash, or what the network slashes for. */
export async function showSlash(context: CommandContext, { id }: { readonly id: string | undefined }): Promise<void> {
  const asset = (await readTokenNames(context)).own;
  if (id === undefined) {
    const terms = await (await context.market.slashing()).getSlashingTerms({});
    return print(context, { value: termsValue(terms), lines: termLines(terms, asset) });
  }
  const slash = await findSlash(context, id);
  print(context, { value: valueOf(slash), lines: slashLines(slash, asset) });
}

/** `subnetes slash report`: on a deposit. */
export async function reportDoubleSigning(
  context: CommandContext,
  options: Ordering & { readonly netuid: number; readonly first: string; readonly second: string },
): Promise<void> {
  const { netuid } = options;
  const [first, second] = [readEnvelope(options.first), readEnvelope(options.second)];
  const asset = (await readTokenNames(context)).own;
  const terms = await (await context.market.slashing()).getSlashingTerms({});
  const deposit = amountText({ asset, units: raoOf(terms.reportDepositRao) });
  await sendOrder(context, options, {
    lines: [
      `${first.signer} is reported for signing two contents under sequence ${first.sequence}, on a deposit of ${deposit}, which comes back when the slash is carried out`,
    ],
    question: 'Report it',
    order: {
      case: 'reportDoubleSigning',
      value: { $typeName: 'subnetes.ledger.v1.ReportDoubleSigningOrder', netuid, first, second },
    },
    told: { netuid, hotkey: first.signer, depositRao: raoOf(terms.reportDepositRao) },
  });
}

/** `subnetes slash dispute`. */
export async function disputeSlash(
  context: CommandContext,
  options: Ordering & { readonly id: string; readonly statement: string },
): Promise<void> {
  const { slashId, hotkey } = await findSlash(context, options.id);
  await sendOrder(context, options, {
    lines: [
      `the slash ${hexOf(slashId).slice(0, ID_SHOWN)} of ${hotkey} is disputed: it takes nothing unless those who decide uphold it`,
    ],
    question: 'Dispute it',
    order: {
      case: 'disputeSlash',
      value: { $typeName: 'subnetes.ledger.v1.DisputeSlashOrder', slashId, statement: options.statement },
    },
    told: { slashId: hexOf(slashId) },
  });
}

/** `subnetes slash vote`. */
export async function voteSlash(
  context: CommandContext,
  options: Ordering & { readonly id: string; readonly word: string },
): Promise<void> {
  const { word } = options;
  if (word !== 'uphold' && word !== 'drop') throw usageFailure(`a vote is uphold or drop, not ${word}`);
  const { slashId, hotkey } = await findSlash(context, options.id);
  const upholds = word === 'uphold';
  await sendOrder(context, options, {
    lines: [`a vote to ${word} the slash ${hexOf(slashId).slice(0, ID_SHOWN)} of ${hotkey}; it is final`],
    question: 'Vote',
    order: { case: 'voteSlash', value: { $typeName: 'subnetes.ledger.v1.VoteSlashOrder', slashId, upholds } },
    told: { slashId: hexOf(slashId), upholds },
  });
}

async function asked(
  context: CommandContext,
  {
    netuid,
    hotkey,
    openOnly,
  }: { readonly netuid: number | undefined; readonly hotkey: string; readonly openOnly: boolean },
) {
  const slashing = await context.market.slashing();
  const page = { size: LISTED_MAX, token: '' };
  return slashing.listSlashes({ page, hotkey, openOnly, ...(netuid === undefined ? {} : { netuid }) });
}

/** By its id or the beginning of it. */
export async function findSlash(context: CommandContext, id: string): Promise<Slash> {
  if (/^[0-9a-f]{64}$/.test(id)) {
    return (await context.market.slashing()).getSlash({ slashId: Buffer.from(id, 'hex') });
  }
  const { slashes } = await asked(context, { netuid: undefined, hotkey: '', openOnly: false });
  const [found, other] = slashes.filter(({ slashId }) => hexOf(slashId).startsWith(id));
  if (found === undefined) throw usageFailure(`there is no slash ${id}`, 'subnetes slash list tells which there are');
  if (other !== undefined) throw usageFailure(`${id} begins more than one slash: give more of it`);
  return found;
}

function readEnvelope(file: string): SignedEnvelope {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    throw usageFailure(`${file} cannot be read`);
  }
  const text = bytes.toString('latin1').trim();
  const isText = text !== '' && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
  try {
    return fromBinary(SignedEnvelopeSchema, isText ? Buffer.from(text, 'base64') : bytes);
  } catch {
    throw usageFailure(`${file} holds no signed envelope`);
  }
}

/** What was taken, or will be at most. */
function takenOf({ status, amountRao, takenRao }: Slash): bigint {
  return raoOf(status === SlashStatus.PENDING || status === SlashStatus.DISPUTED ? amountRao : takenRao);
}

function valueOf(slash: Slash) {
  const { $typeName: _type, slashId, registrationId, evidenceSha256, type, status, voters, ...rest } = slash;
  return {
    slashId: hexOf(slashId),
    type: typeName(type),
    status: statusName(status),
    registrationId: hexOf(registrationId),
    evidenceSha256: hexOf(evidenceSha256),
    ...rest,
    voters: voters.map(({ voter, weight, upholds }) => ({ voter, weight, upholds: upholds ?? null })),
  };
}

function slashLines(slash: Slash, asset: string): string[] {
  const text = (rao: string): string => amountText({ asset, units: raoOf(rao) });
  const word = (upholds: boolean | undefined): string => {
    if (upholds === undefined) return 'has not voted';
    return upholds ? 'upholds' : 'drops';
  };
  return [
    ...factLines([
      ['slash', hexOf(slash.slashId)],
      ['for', `${typeName(slash.type)} ${slash.instance}`],
      ['neuron', `${slash.hotkey} in subnet ${slash.netuid}, owned by ${slash.owner}`],
      ['status', statusName(slash.status)],
      ['takes', `${text(slash.amountRao)} at most, ${slash.ppm} ppm of ${text(slash.baseRao)}`],
      ['taken', text(slash.takenRao)],
      ['reported by', slash.reporter === '' ? 'scoring' : `${slash.reporter}, deposit ${text(slash.depositRao)}`],
      ['evidence', `sha256 ${hexOf(slash.evidenceSha256)}, ${whereOf(slash)}`],
      ['disputed until', `block ${slash.disputeUntilBlock}`],
      ['decided at', `block ${slash.dueBlock}`],
      ['upheld by', `${slash.upheldBy} of the ${slash.needed} that it needs once it is disputed`],
      ['statement', slash.statement === '' ? 'none' : JSON.stringify(slash.statement)],
    ]),
    ...slash.voters.map(({ voter, weight, upholds }) => `  ${voter} (${weight}) ${word(upholds)}`),
  ];
}

/** Where whoever is accused, or decides, reads what it rests on. */
function whereOf({ type, slashId, netuid, reporter }: Slash): string {
  if (type === SlashType.FAILED_AUDITS || type === SlashType.UNAVAILABLE) {
    return `subnetes slash evidence ${hexOf(slashId).slice(0, ID_SHOWN)}`;
  }
  return type === SlashType.DEVIATION ? `of subnetes epoch replay --netuid ${netuid}` : `kept by ${reporter}`;
}

function termsValue({ $typeName: _type, conditions, ...terms }: SlashingTerms) {
  return {
    ...terms,
    conditions: conditions.map(({ $typeName: _own, type, ...rest }) => ({ type: typeName(type), ...rest })),
  };
}

function termLines(terms: SlashingTerms, asset: string): string[] {
  const text = (rao: string): string => amountText({ asset, units: raoOf(rao) });
  const leaving = [['stake leaves in', `${terms.unbondingBlocks} blocks`]] as const;
  if (!terms.enabled) return [...factLines(leaving), 'This network does not slash.'];
  const { arbiters, arbitersRequired } = terms;
  return [
    ...factLines([
      ...leaving,
      ['disputed within', `${terms.disputeBlocks} blocks, decided ${terms.decisionBlocks} after`],
      [
        'decided by',
        arbiters.length === 0 ? 'stake of other validators' : `${arbitersRequired} of ${arbiters.length} arbiters`,
      ],
      ['at most', `${terms.windowPpm} ppm within ${terms.windowBlocks} blocks`],
      ['deposit', text(terms.reportDepositRao)],
      ['goes to', `burned ${terms.burnPpm}, reporter ${terms.reporterPpm}, insurance ${terms.insurancePpm} ppm`],
    ]),
    ...terms.conditions.map(({ type, ppm, maxRao, epochs, atLeast }) => {
      const most = maxRao === '' ? '' : `, ${text(maxRao)} at most`;
      const when = epochs === 0 ? '' : ` for ${atLeast} and more over ${epochs} epochs`;
      return `  ${typeName(type)}: ${ppm} ppm${most}${when}`;
    }),
  ];
}
