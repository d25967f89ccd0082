import { isDeepStrictEqual } from 'node:util';
import { inputFromStored } from '@subnetes/consensus/epoch-json';
import { neuronAccount } from '@subnetes/consensus/neuron-account';
import { paidChanges } from '@subnetes/policy/shaped-payout';
import type { RunFunction } from '@subnetes/policy/incentive-function';
import type { Epoch, Explanation, GivenWeight } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { Telling } from '../account-lines.ts';
import { type MechanismAccount, readAccount } from '../account-reader.ts';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { functionsOf } from '../epoch-function.ts';
import { minerAccountLines } from '../miner-account-lines.ts';
import type { Found } from '../neuron-finder.ts';
import { findNeuron, neuronName } from '../neuron-finder.ts';
import { hexOf, raoOf, shareText, tokenColumn } from '../number-text.ts';
import { policyLines } from '../policy-lines.ts';
import { type EpochInputsDocument, readInputs, recomputeEpoch, sha256Hex } from '@subnetes/replay/recompute-epoch';
import { validatorAccountLines } from '../validator-account-lines.ts';
import { tokenNamesOf } from '../token-names.ts';

/** What to explain. */
export interface ExplainQuestion {
  readonly kind: 'Miner' | 'Validator';
  readonly name: string;
  /** 0 is the newest. */
  readonly epoch: number;
  readonly netuid: number | undefined;
  readonly namespace: string | undefined;
}

/**
 * `subnetes explain`: the account of what a neuron was paid, what would lift it, and whether this machine draws up the same
 * from the stored inputs.
 */
export async function explain(context: CommandContext, question: ExplainQuestion): Promise<void> {
  const found = await findNeuron(context.market, question);
  const { netuid } = found.subnet;
  const { uid } = found.neuron;
  const [scoring, ledger] = await Promise.all([context.market.scoring(), context.market.ledger()]);
  const explanation = await scoring.explainNeuron({ netuid, uid, index: BigInt(question.epoch) });
  const epoch = await scoring.getEpoch({ netuid, index: explanation.index });
  const document = readInputs(epoch.inputsJson);
  const accounts = explanation.accounts.flatMap((account) => readAccount(uid, account) ?? []);
  const { runFunction } = await functionsOf(scoring, document);
  const verified = verify({ uid, explanation, epoch, document, accounts, runFunction });
  const { own: symbol } = tokenNamesOf(await ledger.getNetwork({}));
  const linesOf = question.kind === 'Miner' ? minerAccountLines : validatorAccountLines;
  const lines = accounts.flatMap((account) => [
    '',
    ...mechanismHead(account, accounts),
    ...linesOf(account, { found, symbol, ...rulesOf(account, document) }),
    ...policyLines(account, question.kind, { found, symbol, ...rulesOf(account, document) }),
  ]);
  print(context, {
    value: explanationValue(found, explanation, { accounts, verified }),
    lines: [
      ...headLines(found, explanation, { kind: question.kind, symbol }),
      ...lines,
      '',
      verdict(netuid, explanation, verified),
    ],
  });
}

function headLines(
  found: Found,
  explanation: Explanation,
  { kind, symbol }: Pick<ExplainQuestion, 'kind'> & Pick<Telling, 'symbol'>,
): string[] {
  const { subnet, neuron } = found;
  const scored = explanation.neuron;
  const policy = `policy yuma${explanation.yumaVersion}/${explanation.policyVersion}`;
  const outcome =
    kind === 'Miner'
      ? `incentive ${shareText(scored?.incentiveU16 ?? 0)}, ${tokenColumn(raoOf(scored?.incentiveRao))} ${symbol}`
      : `dividends ${shareText(scored?.dividendsU16 ?? 0)}, trust ${shareText(scored?.validatorTrustU16 ?? 0)}, ${tokenColumn(raoOf(scored?.dividendRao))} ${symbol}`;
  return [
    `${neuronName(neuron)} (uid ${neuron.uid}) on ${subnet.handle}, epoch ${explanation.index}, ${policy}, inputs sha256:${hexOf(explanation.inputsSha256).slice(0, 4)}…   ${outcome}`,
    ...(scored === undefined || scored.why === '' ? [] : [scored.why]),
  ];
}

/** Where there are several mechanisms each pays of its part of the pots. */
function mechanismHead(account: MechanismAccount, all: readonly MechanismAccount[]): string[] {
  if (all.length === 1) return [];
  const total = all.reduce((sum, { emissionWeight }) => sum + emissionWeight, 0);
  return [`mechanism ${account.id}, ${account.emissionWeight} of ${total} of the emission`];
}

function rulesOf({ id }: MechanismAccount, { mechanisms }: EpochInputsDocument): Pick<Telling, 'kappaU16' | 'isYuma3'> {
  const parameters = mechanisms.find((mechanism) => mechanism.id === id)?.epoch.parameters;
  const formula = parameters?.formula ?? 'yuma3';
  return { kappaU16: parameters?.kappaU16 ?? 0, isYuma3: formula === 'yuma3' || formula === 'yuma3-liquid' };
}

/**
 * Recomputes the epoch here, in the readable implementation, and draws up the same accounts; a difference is told, never
 * hidden.
 */
function verify(told: {
  readonly uid: number;
  readonly explanation: Explanation;
  readonly epoch: Epoch;
  readonly document: EpochInputsDocument;
  readonly accounts: readonly MechanismAccount[];
  readonly runFunction: RunFunction;
}): boolean {
  const { uid, explanation, epoch, document, accounts, runFunction } = told;
  const inputsSha256 = sha256Hex(epoch.inputsJson);
  const stored = hexOf(epoch.summary?.outputsSha256 ?? new Uint8Array());
  const recomputed = recomputeEpoch(document, inputsSha256, { runFunction });
  if (inputsSha256 !== hexOf(explanation.inputsSha256)) return false;
  if (sha256Hex(epoch.outputsJson) !== stored || recomputed.outputsSha256 !== stored) return false;
  const own = recomputed.mechanisms
    .flatMap(({ id, pots }, at): MechanismAccount[] => {
      const mechanism = document.mechanisms[at];
      const outcome = recomputed.outcomes[at];
      if (mechanism === undefined || outcome === undefined) return [];
      const { emissionWeight } = mechanism;
      const { consensus, adjustments, abstentions } = outcome;
      const abstained = abstentions.find((each) => each.uid === uid);
      return [
        {
          id,
          emissionWeight,
          ...neuronAccount(uid, { input: inputFromStored(mechanism.epoch), output: consensus, pots }),
          policy: paidChanges(uid, { consensus, adjustments, pots }),
          abstention: abstained && { reason: abstained.reason, figures: abstained.figures },
        },
      ];
    })
    .toSorted((left, right) => right.emissionWeight - left.emissionWeight);
  return isDeepStrictEqual(accounts, own);
}

function verdict(netuid: number, { index }: Explanation, verified: boolean): string {
  return verified
    ? 'Verified: recomputed here from stored inputs, bit for bit, every line and change above.'
    : `NOT verified: this machine gets something else from the stored inputs. Run subnetes epoch replay --netuid ${netuid} --epoch ${index} and report both hashes.`;
}

function explanationValue(
  found: Found,
  explanation: Explanation,
  { accounts, verified }: { readonly accounts: readonly MechanismAccount[]; readonly verified: boolean },
) {
  const { neuron } = explanation;
  return {
    name: neuronName(found.neuron),
    netuid: found.subnet.netuid,
    uid: found.neuron.uid,
    epoch: explanation.index,
    inputsSha256: hexOf(explanation.inputsSha256),
    incentiveU16: neuron?.incentiveU16 ?? 0,
    dividendsU16: neuron?.dividendsU16 ?? 0,
    incentiveRao: raoOf(neuron?.incentiveRao),
    dividendRao: raoOf(neuron?.dividendRao),
    why: neuron?.why ?? '',
    whyReason: neuron?.whyReason ?? '',
    consensus: explanation.consensus,
    given: explanation.given.map(weightValue),
    gave: explanation.gave.map(weightValue),
    /** Shares as counts of 2^-32, money in rao. */
    accounts,
    verified,
  };
}

function weightValue({ validatorUid, minerUid, stakeShare, gave, counted, clipped }: GivenWeight) {
  return { validatorUid, minerUid, stakeShare, gave, counted, clipped };
}
