import { canonicalJson } from '@subnetes/consensus/epoch-json';
import { readInputs, recomputeEpoch, sha256Hex } from '@subnetes/replay/recompute-epoch';
import { type Judgement, makeJudgeEpoch } from '#application/judge-epoch.ts';
import type { LedgerJournal, PublishedEpoch, ScoringEpochs, ShownRow } from '#application/ports.ts';
import type { RowOrigin } from '#domain/claimed-row.ts';
import type { SealedPolicy } from '#domain/seal.ts';
import { NETWORK_ID, type PlayedScoring, POLICY, SIGNATORIES } from './played-scoring.ts';
import type { Signatory, SignedFor } from './signatory.ts';

/** Epochs of a market whose validators sign rows, as a witness judges them when scoring lies. */
export const NETUID = 7;
const { signal } = new AbortController();

export const policyOf = (change: Partial<SealedPolicy['hyperparameters']>): SealedPolicy => ({
  ...POLICY,
  hyperparameters: { ...POLICY.hyperparameters, ...change },
  mechanisms: [{ id: 0, emissionWeight: 1 }],
});

export interface Row {
  lastUpdate: number;
  weights: (readonly [number, number])[];
}
export interface Inputs {
  mechanisms: { epoch: { neurons: Row[] } }[];
  reports: { -readonly [Key in keyof RowOrigin]: RowOrigin[Key] }[];
}

/** How a scoring lies: about the inputs, and with what it shows. */
export interface Lie {
  readonly inputs?: (inputs: Inputs) => void;
  readonly shown?: (row: ShownRow) => ShownRow | undefined;
}

export const row = (uid: number, interval: number, change: Partial<SignedFor> = {}): SignedFor => ({
  netuid: NETUID,
  mechanismId: 0,
  interval,
  uids: [0, 1],
  values: [1000 * interval + uid, 500],
  ...change,
});
export const by = (uid: number): Signatory => found(SIGNATORIES.get(uid));

/** What scoring would publish of an epoch if its inputs were others: right in itself, to the last hash. */
export function publishedFrom(honest: PublishedEpoch, inputs: unknown): PublishedEpoch {
  const inputsJson = canonicalJson(inputs);
  const inputsSha256 = sha256Hex(inputsJson);
  const payment = { ...honest.payment, inputsSha256 };
  try {
    const { outputsJson, outputsSha256, neurons } = recomputeEpoch(readInputs(inputsJson), inputsSha256);
    const told = neurons.map((each) => ({
      uid: each.uid,
      registrationId: each.registrationId,
      incentive: each.incentiveRao,
      dividend: each.dividendRao,
      incentiveU16: each.incentive,
      dividendsU16: each.dividends,
      permit: each.permit,
    }));
    return { inputsJson, outputsJson, payment: { ...payment, outputsSha256, neurons: told } };
  } catch {
    return { inputsJson, outputsJson: honest.outputsJson, payment }; // no consensus takes such inputs
  }
}

function withLie(honest: PublishedEpoch, lie: (inputs: Inputs) => void): Inputs {
  const inputs = JSON.parse(honest.inputsJson) as Inputs;
  lie(inputs);
  return inputs;
}

/** Judges an epoch of a scoring that lies. */
export async function judge(
  scoring: PlayedScoring,
  index: number,
  { inputs, shown = (each) => each }: Lie = {},
  takesUnnamedRows = false,
): Promise<Judgement> {
  const notAsked = (): Promise<never> => Promise.reject(new Error('not asked'));
  const ledger: LedgerJournal = {
    network: notAsked,
    newestEpochs: notAsked,
    seal: async (sequence) => scoring.seals.get(sequence),
  };
  const epochs: ScoringEpochs = {
    epoch: async (name) => {
      const honest = await scoring.published(name);
      return honest === undefined || inputs === undefined || name.index !== index
        ? honest
        : publishedFrom(honest, withLie(honest, inputs));
    },
    async *signedRows(name) {
      for await (const each of scoring.signedRows(name)) {
        const shownRow = shown(each);
        if (shownRow !== undefined) yield shownRow;
      }
    },
    module: notAsked,
    submit: notAsked,
  };
  const judgeEpoch = makeJudgeEpoch({ ledger, scoring: epochs, networkId: NETWORK_ID, takesUnnamedRows });
  return judgeEpoch({ netuid: NETUID, index }, signal);
}

export const claimed = (inputs: Inputs, uid: number): Row => found(inputs.mechanisms[0]?.epoch.neurons[uid]);
export const origin = (inputs: Inputs, uid: number): Inputs['reports'][number] =>
  found(inputs.reports.find(({ validatorUid }) => validatorUid === uid));
export const ofUid =
  (uid: number, change: Partial<ShownRow>) =>
  (shown: ShownRow): ShownRow =>
    shown.validatorUid === uid ? { ...shown, ...change } : shown;

/** Why an epoch is not signed for; undefined where it is. */
export async function reasonOf(scoring: PlayedScoring, index: number, lie: Lie): Promise<string | undefined> {
  const judgement = await judge(scoring, index, lie);
  return judgement.kind === 'wrong' ? judgement.refusal.reason : undefined;
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the market has no such validator or row');
  return value;
}
