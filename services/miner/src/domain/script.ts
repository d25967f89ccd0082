/** What a script miner does with a question: it plays a part in a market, for samples and drills. */
export type Script =
  | {
      /** Repeats what another model would have answered some days before. */
      readonly kind: 'Feed';
      readonly source: string;
      readonly lagDays: number;
      /** The source's ONNX file, base64. */
      readonly model: string;
    }
  | {
      /** Fails in one of the ways, chosen by the question, so that all askers see the same fault. */
      readonly kind: 'Fault';
      readonly turns: readonly Fault[];
      readonly lateMs: number;
      /** Shape of the answer that would be right. */
      readonly shape: readonly number[];
    };

export type Fault = 'NaN' | 'Late' | 'Missing';

const FAULTS: readonly Fault[] = ['NaN', 'Late', 'Missing'];
const LATE_MS_MAX = 60_000;
const LAG_DAYS_MAX = 30;

/** Reads a script. The message says what is wrong with it. */
export function readScript(
  json: unknown,
): { readonly ok: true; readonly script: Script } | { readonly ok: false; readonly message: string } {
  const wrong = (message: string) => ({ ok: false, message }) as const;
  if (typeof json !== 'object' || json === null) return wrong('a script is a JSON object');
  const fields = json as Readonly<Record<string, unknown>>;
  if (fields['kind'] === 'Feed') {
    const { source, lagDays, model } = fields;
    if (typeof source !== 'string' || typeof model !== 'string')
      return wrong('a Feed names its source and holds its model');
    if (!isWhole(lagDays, LAG_DAYS_MAX)) return wrong(`lagDays must be from 1 to ${LAG_DAYS_MAX}`);
    return { ok: true, script: { kind: 'Feed', source, lagDays, model } };
  }
  if (fields['kind'] === 'Fault') {
    const { turns, lateMs, shape } = fields;
    const areFaults = (value: unknown): value is Fault[] =>
      Array.isArray(value) && value.length > 0 && value.every((one) => FAULTS.includes(one as Fault));
    if (!areFaults(turns)) return wrong(`turns must be a list of ${FAULTS.join(', ')}`);
    if (!isWhole(lateMs, LATE_MS_MAX)) return wrong(`lateMs must be from 1 to ${LATE_MS_MAX}`);
    if (!Array.isArray(shape) || !shape.every((dim): dim is number => isWhole(dim, 1000))) {
      return wrong('shape must be a list of whole numbers');
    }
    return { ok: true, script: { kind: 'Fault', turns, lateMs, shape } };
  }
  return wrong('kind must be Feed or Fault');
}

/** The fault for a question, from its content alone: an FNV-1a hash over the digits of its newest number. */
export function faultFor(turns: readonly Fault[], newest: number): Fault {
  let hash = 0x811c9dc5;
  for (const character of String(newest)) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return turns[hash % turns.length] ?? 'NaN';
}

function isWhole(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max;
}
