import { readFileSync } from 'node:fs';
import { fromJson, type JsonValue } from '@bufbuild/protobuf';
import { amountText } from '@subnetes/money/amount';
import {
  type GovernanceChanges,
  type NetworkChanges,
  NetworkChangesSchema,
  type SlashingChange,
  SlashingChangeSchema,
} from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { parse } from 'yaml';
import { ppmText } from './emission-text.ts';
import { EXIT, Failure, usageFailure } from './failure.ts';
import { raoOf } from './number-text.ts';
import { raoOfOption } from './token-amount.ts';

type Json = Readonly<Record<string, JsonValue>>;

/** Reads the value of `--set NAME=VALUE` as a member of NetworkChanges' JSON. */
type Reader = (option: string, value: string) => Json;

const whole =
  (name: string): Reader =>
  (option, value) => {
    if (!/^[0-9]{1,9}$/.test(value)) throw usageFailure(`${option} must be a whole number`);
    return { [name]: Number(value) };
  };
const tokens =
  (name: string): Reader =>
  (option, value) => ({ [name]: raoOfOption(option, value).toString() });
const word =
  (name: string): Reader =>
  (_option, value) => ({ [name]: value });
const governing =
  (read: Reader): Reader =>
  (option, value) => ({ governance: read(option, value) });

/** What `--set` without `--netuid` may name; all else goes by `--action`. */
const RULES: Readonly<Record<string, Reader>> = {
  blockReward: tokens('blockRewardRao'),
  blockTime: (option, value) => ({ blockTimeMs: millisecondsOf(option, value) }),
  halving: word('halving'),
  symbol: word('symbol'),
  creditMax: tokens('creditMaxRao'),
  unbondingBlocks: whole('unbondingBlocks'),
  rootStakeWeight: (option, value) => ({ rootStakeWeightPpm: ppmOf(option, value) }),
  slashing: (option, value) => ({ slashing: slashingOfFile(option, value) }),
  'governance.deposit': governing(tokens('depositRao')),
  'governance.votingBlocks': governing(whole('votingBlocks')),
  'governance.timelockBlocks': governing(whole('timelockBlocks')),
  'governance.quorumPpm': governing(whole('quorumPpm')),
  'governance.thresholdPpm': governing(whole('thresholdPpm')),
  'governance.treasuryPpm': governing(whole('treasuryPpm')),
};

/** Rules of the network as `--set` says them, each once. */
export function networkChangesOf(set: readonly string[]): NetworkChanges {
  const names = new Set<string>();
  let json: Json = {};
  for (const text of set) {
    const at = text.indexOf('=');
    const [name, value] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
    const read = Object.hasOwn(RULES, name) ? RULES[name] : undefined;
    if (read === undefined) {
      throw usageFailure(
        `--set ${text.slice(0, 80)}: write NAME=VALUE, where NAME is one of ${Object.keys(RULES).join(', ')}`,
        'hyperparameters of a subnet need --netuid; everything else goes by --action',
      );
    }
    if (names.has(name)) throw usageFailure(`--set ${name} is given twice`);
    names.add(name);
    const { governance, ...plain } = read(`--set ${name}`, value);
    const terms =
      governance === undefined ? {} : { governance: { ...(json['governance'] as object), ...(governance as object) } };
    json = { ...json, ...plain, ...terms };
  }
  return fromJson(NetworkChangesSchema, json);
}

/** What changes, each in some words. */
export function networkTexts(changes: NetworkChanges, asset: string): readonly string[] {
  const { blockRewardRao, blockTimeMs, halving, symbol, unbondingBlocks, slashing, governance } = changes;
  const { creditMaxRao, takeBounds, burnBounds, rootStakeWeightPpm } = changes;
  const amount = (rao: string): string => amountText({ asset, units: raoOf(rao) });
  return [
    ...(blockRewardRao === undefined
      ? []
      : [`blocks mint ${amount(blockRewardRao)} before halvings, of the network's token and of each subnet's`]),
    ...(halving === undefined
      ? []
      : [halving === 'None' ? 'the reward is not halved' : `the reward halves ${halving}`]),
    ...(blockTimeMs === undefined ? [] : [`a block comes each ${blockTimeMs / 1000} s`]),
    ...(symbol === undefined
      ? []
      : [`the token is called ${symbol} where people read amounts; books and orders go on as before`]),
    ...(creditMaxRao === undefined ? [] : [`billing accounts may owe ${amount(creditMaxRao)} together`]),
    ...(takeBounds === undefined ? [] : [`takes are ${takeBounds.minU16} to ${takeBounds.maxU16} of 65535`]),
    ...(burnBounds === undefined
      ? []
      : [
          `owners choose a least price of a registration below ${amount(burnBounds.minBelowRao)} and a most above ${amount(burnBounds.maxAboveRao)}`,
        ]),
    ...(unbondingBlocks === undefined
      ? []
      : [`stake takes ${unbondingBlocks} blocks to leave; what is unbonding keeps its block`]),
    ...(rootStakeWeightPpm === undefined
      ? []
      : [
          rootStakeWeightPpm === 0
            ? 'no stake is taken on root, and what is there counts nowhere'
            : `stake on root counts for ${ppmText(rootStakeWeightPpm)} of itself in each subnet of its hotkey`,
        ]),
    ...(slashing === undefined ? [] : [slashingText(slashing, amount)]),
    ...(governance === undefined ? [] : [governanceText(governance, amount)]),
  ];
}

function slashingText(terms: SlashingChange, amount: (rao: string) => string): string {
  const conditions = terms.conditions.map(({ type, ppm, maxRao, epochs, atLeast }) => {
    const most = maxRao === undefined ? '' : `, ${amount(maxRao)} at most`;
    const proof = epochs === undefined ? '' : ` for ${epochs} epochs of ${atLeast ?? 0}`;
    return `${type} ${ppmText(ppm)}${most}${proof}`;
  });
  const { arbiters, arbitersRequired, burnPpm, reporterPpm, insurancePpm } = terms;
  const who =
    arbiters.length === 0
      ? "the stake of the subnet's other validators"
      : `${arbitersRequired} of ${arbiters.length} arbiters`;
  return [
    `slashes reported from then on take ${conditions.join('; ')}`,
    `${ppmText(terms.windowPpm)} at most in ${terms.windowBlocks} blocks`,
    `${terms.disputeBlocks} blocks to dispute and ${terms.decisionBlocks} to decide, by ${who}`,
    `deposit ${amount(terms.reportDepositRao)}`,
    `burned ${ppmText(burnPpm)}, to the reporter ${ppmText(reporterPpm)}, insured ${ppmText(insurancePpm)}`,
  ].join('; ');
}

function governanceText(terms: GovernanceChanges, amount: (rao: string) => string): string {
  const { $typeName: _type, $unknown: _unknown, depositRao, council, ...numbers } = terms;
  const said = Object.entries(numbers).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  return `proposals go by ${[
    ...(depositRao === undefined ? [] : [`a deposit of ${amount(depositRao)}`]),
    ...said,
    ...(council === undefined ? [] : [`a council of ${council.members.length}, ${council.required} of whom veto`]),
  ].join(', ')}`;
}

/** A fraction with at most six decimals. */
function ppmOf(option: string, text: string): number {
  const [, whole, decimals = ''] = /^([01])(?:\.([0-9]{1,6}))?$/.exec(text) ?? [];
  const ppm = whole === undefined ? Number.NaN : Number(whole) * 1_000_000 + Number(decimals.padEnd(6, '0'));
  if (ppm <= 1_000_000) return ppm;
  throw usageFailure(`${option} must be 0 to 1 with at most six decimals, not ${text.slice(0, 40)}`);
}

function millisecondsOf(option: string, text: string): number {
  const [, count, unit] = /^([0-9]{1,6})(ms|s|m)$/.exec(text) ?? [];
  if (count === undefined) throw usageFailure(`${option} must be like 500ms, 12s or 1m, not ${text.slice(0, 40)}`);
  return Number(count) * (unit === 'ms' ? 1 : unit === 's' ? 1000 : 60_000);
}

/** A file with `slashing` as genesis has it: YAML or JSON, amounts in whole tokens. */
function slashingOfFile(option: string, value: string): JsonValue {
  const file = value.startsWith('@') ? value.slice(1) : '';
  if (file === '') throw usageFailure(`${option} must be @FILE, with all terms as genesis has them`);
  try {
    const read = parse(readFileSync(file, 'utf8')) as Terms & { readonly slashing?: Terms };
    const json = termsOf(read.slashing ?? read);
    fromJson(SlashingChangeSchema, json); // says what is not known here
    return json;
  } catch (cause) {
    throw new Failure({
      code: 'SLASHING_FILE',
      message: `${file} holds no terms of slashing: ${cause instanceof Error ? cause.message : ''}`,
      exitCode: EXIT.usage,
      remedy: 'write it as the genesis has it; docs/guides/slashing.md has one',
      cause,
    });
  }
}

interface Terms {
  readonly conditions: readonly (Json & { readonly max?: string })[];
  readonly reportDeposit: string;
  readonly deciders: { readonly type: string; readonly keys?: readonly string[]; readonly required?: number };
  readonly distribution: Json;
}

function termsOf({ conditions, reportDeposit, deciders, distribution, ...blocks }: Terms): JsonValue {
  const { type, keys = [], required = 0 } = deciders;
  if (type !== 'Arbiters' && type !== 'StakeVote') throw new TypeError(`deciders.type is ${String(type)}`);
  if ((type === 'Arbiters') !== keys.length > 0) throw new TypeError('deciders.keys are of Arbiters, at least one');
  return {
    ...blocks,
    ...distribution,
    conditions: conditions.map(({ max, ...condition }) => ({
      ...condition,
      ...(max === undefined ? {} : { maxRao: raoOfOption('max', max).toString() }),
    })),
    reportDepositRao: raoOfOption('reportDeposit', reportDeposit).toString(),
    ...(type === 'Arbiters' ? { arbiters: [...keys], arbitersRequired: required } : {}),
  };
}
