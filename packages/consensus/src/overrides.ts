import type { EpochParameters, Formula } from './epoch-types.ts';
import type { LiquidAlphaSettings } from './liquid-alpha.ts';

/** A rule that is to be different: a decimal (`kappa`, `0.6`) or the protocol's own integer (`kappaU16`, `39321`). */
export interface Override {
  readonly name: string;
  readonly value: string;
}

/** What an override came to, in the protocol's own form. */
export interface ParameterChange {
  readonly parameter: Parameter;
  /** As it was asked for. */
  readonly asked: Override;
  readonly before: string;
  readonly after: string;
  /** The decimal has no exact integer and was floored. */
  readonly floored: boolean;
}

export type Overridden =
  | { readonly ok: true; readonly parameters: EpochParameters; readonly changes: readonly ParameterChange[] }
  | { readonly ok: false; readonly at: number; readonly field: 'name' | 'value'; readonly message: string };

/** At most so many; there are fewer parameters. */
export const OVERRIDES_MAX = 16;

/** What liquid alpha is unless it is said: the network's defaults. */
const LIQUID_ALPHA_DEFAULT: LiquidAlphaSettings = { lowU16: 45_875, highU16: 58_982, steepnessHundredths: 1000 };
const DECIMAL = /^(\d{1,6})(?:\.(\d{1,12}))?$/;
const SIGNED_DECIMAL = /^-?\d{1,6}(?:\.\d{1,12})?$/;

/** A value that was read, and whether its decimal had to be floored; or what is wrong with it. */
type Read<Value> = { readonly value: Value; readonly floored: boolean } | string;

/** Parameters that can be different, by the name that the protocol's integer has. */
type Parameter =
  | 'kappaU16'
  | 'bondsPenaltyU16'
  | 'bondsMovingAveragePpm'
  | 'yumaVersion'
  | 'liquidAlpha'
  | 'activityCutoffBlocks'
  | 'stakeThresholdRao';

interface Setting {
  readonly parameter: Parameter;
  readonly read: (text: string) => Read<Partial<Draft>>;
}

/** Parameters as they are being changed: the formula follows from its two switches. */
interface Draft extends Omit<EpochParameters, 'formula' | 'liquidAlpha'> {
  readonly yumaVersion: 2 | 3;
  readonly liquidAlpha: LiquidAlphaSettings | undefined;
}

/** A share as a decimal and as the protocol's integer, floored as the network's outputs are: 0.5 of 65535 is 32767. */
function shareSettings(
  name: string,
  scaled: { readonly parameter: 'kappaU16' | 'bondsPenaltyU16' | 'bondsMovingAveragePpm'; readonly one: bigint },
): [string, Setting][] {
  const { parameter, one } = scaled;
  const decimal: Setting = {
    parameter,
    read: (text) => {
      const read = readScaled(text, one);
      if (typeof read === 'string') return read;
      return read.value > one ? outOfRange(text, '0 to 1') : { ...read, value: { [parameter]: Number(read.value) } };
    },
  };
  return [
    [name, decimal],
    [parameter, wholeSetting(parameter, 0, Number(one))],
  ];
}

function wholeSetting(parameter: Exclude<Parameter, 'stakeThresholdRao'>, least: number, most: number): Setting {
  return {
    parameter,
    read: (text) =>
      /^\d{1,16}$/.test(text) && Number(text) >= least && Number(text) <= most
        ? { value: { [parameter]: Number(text) }, floored: false }
        : outOfRange(text, `a whole number from ${least} to ${most}`),
  };
}

const SETTINGS: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ...shareSettings('kappa', { parameter: 'kappaU16', one: 65_535n }),
  ...shareSettings('bondsPenalty', { parameter: 'bondsPenaltyU16', one: 65_535n }),
  ...shareSettings('bondsMovingAverage', { parameter: 'bondsMovingAveragePpm', one: 1_000_000n }),
  ['yumaVersion', { parameter: 'yumaVersion', read: readVersion }],
  ['liquidAlpha', { parameter: 'liquidAlpha', read: readLiquidAlpha }],
  ['activityCutoffBlocks', wholeSetting('activityCutoffBlocks', 1, 65_535)],
  ['stakeThresholdRao', { parameter: 'stakeThresholdRao', read: readStakeThreshold }],
]);

/** Names that an override may have. */
export const OVERRIDE_NAMES: readonly string[] = [...SETTINGS.keys()];

/** An epoch's rules with some of them different. Refuses, with the bound, what the formula does not take. */
export function overrideParameters(parameters: EpochParameters, overrides: readonly Override[]): Overridden {
  let draft = draftOf(parameters);
  const changes: ParameterChange[] = [];
  for (const [at, asked] of overrides.entries()) {
    const setting = SETTINGS.get(asked.name);
    if (setting === undefined) {
      return refuse(at, 'name', `${named(asked.name)} is no parameter: there are ${OVERRIDE_NAMES.join(', ')}`);
    }
    if (changes.some(({ parameter }) => parameter === setting.parameter)) {
      return refuse(at, 'name', `${setting.parameter} is set twice`);
    }
    const read = setting.read(asked.value);
    if (typeof read === 'string') return refuse(at, 'value', `${asked.name}: ${read}`);
    const before = textOf(draft, setting.parameter);
    draft = { ...draft, ...read.value };
    const after = textOf(draft, setting.parameter);
    changes.push({ parameter: setting.parameter, asked, before, after, floored: read.floored });
  }
  const liquid = changes.findIndex(({ parameter, after }) => parameter === 'liquidAlpha' && after !== 'off');
  if (liquid >= 0 && draft.yumaVersion === 2) {
    return refuse(liquid, 'name', 'liquidAlpha has no effect under Yuma 2: set yumaVersion=3 as well');
  }
  return { ok: true, parameters: parametersOf(draft, parameters, changes), changes };
}

function refuse(at: number, field: 'name' | 'value', message: string): Overridden {
  return { ok: false, at, field, message };
}

/** Text from outside, cut: a message must not become as long as what it is about. */
function named(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function outOfRange(text: string, takes: string): string {
  return `${named(text)} is not ${takes}`;
}

function draftOf(parameters: EpochParameters): Draft {
  const { formula, ...rest } = parameters;
  return { ...rest, yumaVersion: formula === 'yuma2' || formula === 'yuma2-liquid' ? 2 : 3 };
}

/** The first liquid alpha of 2024 stays what it was unless its switches are touched. */
function parametersOf(
  { yumaVersion, ...draft }: Draft,
  { formula }: EpochParameters,
  changes: readonly ParameterChange[],
): EpochParameters {
  const isTouched = changes.some(({ parameter }) => parameter === 'yumaVersion' || parameter === 'liquidAlpha');
  const chosen: Formula = yumaVersion === 2 ? 'yuma2' : draft.liquidAlpha === undefined ? 'yuma3' : 'yuma3-liquid';
  return { ...draft, formula: isTouched ? chosen : formula };
}

function textOf(draft: Draft, parameter: Parameter): string {
  if (parameter === 'liquidAlpha') return liquidText(draft.liquidAlpha);
  return String(parameter === 'stakeThresholdRao' ? draft.minStake : draft[parameter]);
}

function liquidText(settings: LiquidAlphaSettings | undefined): string {
  if (settings === undefined) return 'off';
  return `alphaLowU16 ${settings.lowU16}, alphaHighU16 ${settings.highU16}, alphaSigmoidSteepness ${settings.steepnessHundredths}`;
}

/** floor(decimal × one), exactly: never through a float. */
function readScaled(text: string, one: bigint): Read<bigint> {
  const [match, whole = '0', fraction = ''] = DECIMAL.exec(text) ?? [];
  if (match === undefined) return outOfRange(text, 'a decimal such as 0.6');
  const scale = 10n ** BigInt(fraction.length);
  const product = BigInt(whole + fraction) * one;
  return { value: product / scale, floored: product % scale !== 0n };
}

function readVersion(text: string): Read<Partial<Draft>> {
  if (text === '2' || text === '3') return { value: { yumaVersion: text === '2' ? 2 : 3 }, floored: false };
  return outOfRange(text, '2 or 3');
}

function readStakeThreshold(text: string): Read<Partial<Draft>> {
  return /^\d{1,18}$/.test(text)
    ? { value: { minStake: BigInt(text) }, floored: false }
    : outOfRange(text, 'rao as up to 18 digits');
}

function readLiquidAlpha(text: string): Read<Partial<Draft>> {
  if (text === 'off') return { value: { liquidAlpha: undefined }, floored: false };
  if (text === 'on') return { value: { liquidAlpha: LIQUID_ALPHA_DEFAULT }, floored: false };
  const parts = text.split(',');
  if (parts.length < 2 || parts.length > 3)
    return outOfRange(text, 'off, on, or LOW,HIGH[,STEEPNESS] such as 0.7,0.9,10');
  const [low, high] = parts.slice(0, 2).map((part) => readScaled(part, 65_535n));
  if (low === undefined || typeof low === 'string') return low ?? outOfRange(text, 'LOW,HIGH');
  if (high === undefined || typeof high === 'string') return high ?? outOfRange(text, 'LOW,HIGH');
  if (high.value > 65_535n || low.value > high.value) return outOfRange(text, '0 ≤ LOW ≤ HIGH ≤ 1');
  const steepness = readSteepness(parts[2] ?? '10');
  if (typeof steepness === 'string') return steepness;
  return {
    value: {
      liquidAlpha: { lowU16: Number(low.value), highU16: Number(high.value), steepnessHundredths: steepness.value },
    },
    floored: low.floored || high.floored || steepness.floored,
  };
}

/** In whole numbers and hundredths; the chain keeps hundredths in an i16. */
function readSteepness(text: string): Read<number> {
  if (!SIGNED_DECIMAL.test(text)) return outOfRange(text, 'a steepness such as 10');
  const isNegative = text.startsWith('-');
  const size = readScaled(isNegative ? text.slice(1) : text, 100n);
  if (typeof size === 'string') return size;
  const value = Number(isNegative ? -size.value : size.value);
  if (value < -32_768 || value > 32_767) return outOfRange(text, 'a steepness from -327.68 to 327.67');
  return { value, floored: size.floored };
}
