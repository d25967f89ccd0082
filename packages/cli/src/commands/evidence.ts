import { amountText } from '@subnetes/money/amount';
import type { Slash } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import {
  documentFaults,
  epochFaults,
  openNamedEpoch,
  shownRows,
  type ShownEpoch,
} from '@subnetes/replay/check-evidence';
import { type EvidenceDocument, type EvidenceEpoch, readEvidence } from '@subnetes/replay/evidence-document';
import { sha256Hex } from '@subnetes/replay/recompute-epoch';
import { checkFailed, type CommandContext, print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { hexOf } from '../number-text.ts';
import { tableLines } from '../table.ts';
import { findSlash, typeName } from './slash.ts';
import { readTokenNames } from '../token-names.ts';

/** Evidence with what of it does not follow from what validators signed. */
export interface CheckedEvidence {
  readonly sha256: string;
  readonly document: EvidenceDocument;
  /** What validators said in each of its epochs, the oldest first; those that are shown. */
  readonly epochs: readonly EvidenceEpoch[];
  /** For people; empty: all of it follows. */
  readonly faults: readonly string[];
}

/** `subnetes slash evidence`: what scoring measured, checked on this machine against what validators signed. */
export async function showEvidence(context: CommandContext, { id }: { readonly id: string }): Promise<void> {
  const slash = await findSlash(context, id);
  const sha256 = evidenceHashOf(slash);
  const checked = await checkEvidence(context, sha256);
  const isOfSlash =
    checked.document.hotkey === slash.hotkey || checked.document.registrationId === hexOf(slash.registrationId);
  const faults = [...checked.faults, ...(isOfSlash ? [] : ['it is of another registration than the slash'])];
  const { document, epochs } = checked;
  const lines = [...(await evidenceLines(context, checked)), ...verdictLines(faults)];
  print(context, {
    value: { slashId: hexOf(slash.slashId), sha256, holds: faults.length === 0, faults, document, epochs },
    lines,
  });
  if (faults.length > 0) {
    const remedy = 'dispute the slash, and keep the output of --json for those who decide';
    throw checkFailed('EVIDENCE_DIFFERS', 'the evidence does not follow from what validators signed', remedy);
  }
}

/** Of slashes that scoring told of with an epoch, or others reported, it keeps no document. */
function evidenceHashOf(slash: Slash): string {
  const type = typeName(slash.type);
  if (type === 'DoubleSigning') {
    throw usageFailure('who reported double signing keeps the two envelopes', `ask ${slash.reporter} for them`);
  }
  if (type === 'Deviation') {
    throw usageFailure(
      `deviation stands in the epochs ${slash.instance} themselves`,
      `subnetes epoch replay --netuid ${slash.netuid} --epoch N computes it again`,
    );
  }
  return hexOf(slash.evidenceSha256);
}

/** Reads evidence and checks it against the epochs that it names and the envelopes of their rows. */
export async function checkEvidence(context: CommandContext, sha256: string): Promise<CheckedEvidence> {
  const evidence = await context.market.evidence();
  const { documentJson } = await evidence.getEvidence({ sha256: Buffer.from(sha256, 'hex') });
  const document = readEvidence(documentJson);
  if (document === undefined) {
    throw checkFailed(
      'EVIDENCE_DIFFERS',
      'scoring shows no document of evidence under this hash',
      'use the subnetes of the same release as the services',
    );
  }
  const faults = sha256Hex(documentJson) === sha256 ? [] : ['its text does not have the hash of the slash'];
  faults.push(...documentFaults(document));
  const beacon = await beaconOf(context, document.netuid);
  const epochs: EvidenceEpoch[] = [];
  for (const named of document.epochs) {
    const opened = 'said' in named ? { epoch: named, faults: [] } : await openEpoch(context, sha256, named);
    faults.push(...opened.faults);
    const { epoch } = opened;
    if (epoch === undefined) continue;
    epochs.push(epoch);
    const shown = { ...(await shownEpoch(context, document.netuid, epoch.index)), beacon };
    faults.push(...epochFaults(document, epoch, shown));
  }
  return { sha256, document, epochs, faults };
}

async function openEpoch(context: CommandContext, sha256: string, named: Parameters<typeof openNamedEpoch>[0]) {
  const evidence = await context.market.evidence();
  const asked = { sha256: Buffer.from(sha256, 'hex'), index: BigInt(named.index) };
  return openNamedEpoch(named, (await evidence.getEvidenceEpoch(asked)).documentJson);
}

/** Evidence that ended with an epoch; none of a scoring that keeps no evidence. */
export async function evidenceOfEpoch(
  context: CommandContext,
  netuid: number,
  index: number,
): Promise<readonly CheckedEvidence[]> {
  const evidence = await context.market.evidence();
  const listed = await evidence
    .listEvidence({ netuid, beforeEpoch: BigInt(index) + 1n, limit: 100 })
    .catch((error: unknown) => {
      if (error instanceof RpcError && error.code === RpcCode.UNIMPLEMENTED) return { evidence: [] };
      throw error;
    });
  const own = listed.evidence.filter(({ toEpoch }) => toEpoch === BigInt(index));
  const checked: CheckedEvidence[] = [];
  for (const { sha256 } of own) checked.push(await checkEvidence(context, hexOf(sha256)));
  return checked;
}

async function shownEpoch(context: CommandContext, netuid: number, index: number) {
  const scoring = await context.market.scoring();
  const asked = { netuid, index: BigInt(index) };
  const { inputsJson } = await scoring.getEpoch({ ...asked, withoutMetagraph: true });
  return { inputsJson, rows: await shownRows(scoring.getSignedRows(asked)) };
}

/** Of the policy that holds now; rows that were locked for another one cannot be opened with it. */
async function beaconOf(context: CommandContext, netuid: number): Promise<ShownEpoch['beacon']> {
  const ledger = await context.market.ledger();
  const { active } = await ledger.getSubnet({ by: { case: 'netuid', value: netuid } });
  const beacon = active?.policy?.hyperparameters?.timelockBeacon;
  if (beacon === undefined) return undefined;
  const { chainHash, publicKey, genesisTime: genesisTimeS, periodSeconds: periodS } = beacon;
  return { chainHash, publicKey, genesisTimeS, periodS };
}

async function evidenceLines(context: CommandContext, { document, epochs }: CheckedEvidence): Promise<string[]> {
  const { own: asset } = await readTokenNames(context);
  const { condition, hotkey, netuid, measured, fromEpoch, toEpoch } = document;
  const head = `${condition.type} of ${hotkey} in subnet ${netuid}: ${measured} on average of epochs ${fromEpoch} to ${toEpoch}; it takes ${condition.atLeast} over ${condition.epochs}`;
  const told = epochs.slice(-LINES_MAX);
  const cells = told.map(({ index, count, stake, said }) => {
    const agreed = said.filter((own) => own.count >= count).reduce((sum, own) => sum + BigInt(own.stake), 0n);
    const text = (units: bigint): string => amountText({ asset, units });
    return [String(index), String(count), String(said.length), text(agreed), text(BigInt(stake))];
  });
  const before = epochs.length - told.length;
  const rest =
    before === 0 ? [] : [`and ${before} epochs before these, which were checked as well: --json has them all`];
  return [head, ...tableLines(COLUMNS, cells), ...rest];
}

/** Epochs of evidence that are told one by one. */
const LINES_MAX = 100;

const COLUMNS = [
  { head: 'EPOCH', align: 'right' },
  { head: 'AGREED', align: 'right' },
  { head: 'VALIDATORS', align: 'right' },
  { head: 'STAKE THAT SAYS SO', align: 'right' },
  { head: 'OF', align: 'right' },
] as const;

function verdictLines(faults: readonly string[]): string[] {
  if (faults.length === 0)
    return ['It follows: stakes from the epochs’ inputs, counts from envelopes that validators signed.'];
  return ['IT DOES NOT FOLLOW:', ...faults.map((fault) => `  ${fault}`)];
}
