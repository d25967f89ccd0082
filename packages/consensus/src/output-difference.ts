/** Where two documents of outputs say different things. */
export interface OutputDifference {
  /** Path without uids: `mechanisms[0].output.incentive`. */
  readonly field: string;
  /** Of the vector or row that differs; undefined for what belongs to no neuron. */
  readonly uid: number | undefined;
  /** Where in the row, as `entry 3`; empty for a plain number. */
  readonly place: string;
  /** As JSON, cut; undefined where one document has nothing there. */
  readonly stored: string | undefined;
  readonly recomputed: string | undefined;
}

const TEXT_MAX = 80;

type Path = readonly (string | number)[];

/**
 * The first `limit` differences of two JSON values, in the order of the document. Two outputs that differ do so in
 * hundreds of places; the first say where it began.
 */
export function firstDifferences(stored: unknown, recomputed: unknown, limit: number): OutputDifference[] {
  const found: OutputDifference[] = [];
  const walk = (left: unknown, right: unknown, path: Path): void => {
    if (found.length >= limit || Object.is(left, right)) return;
    if (Array.isArray(left) && Array.isArray(right)) {
      const length = Math.max(left.length, right.length);
      for (let at = 0; at < length && found.length < limit; at += 1) walk(left[at], right[at], [...path, at]);
    } else if (isRecord(left) && isRecord(right)) {
      for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
        walk(left[key], right[key], [...path, key]);
    } else {
      found.push({ ...placed(path, [stored, recomputed]), stored: textOf(left), recomputed: textOf(right) });
    }
  };
  walk(stored, recomputed, []);
  return found;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  const text = value === undefined ? undefined : JSON.stringify(value);
  return text !== undefined && text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
}

/** Vectors and matrices of outputs and payouts are indexed by uid; the list of neurons holds it. */
const BY_UID = new Set(['output', 'u16', 'payout']);

function placed(path: Path, roots: readonly unknown[]): Pick<OutputDifference, 'field' | 'uid' | 'place'> {
  const vector = path.findIndex((part, at) => typeof part === 'number' && at >= 2 && isByUid(path, at));
  if (vector >= 0) {
    const rest = path.slice(vector + 1).filter((part) => typeof part === 'number');
    return {
      field: fieldText(path.slice(0, vector)),
      uid: Number(path[vector]),
      place: rest.length === 0 ? '' : `entry ${rest[0]}`,
    };
  }
  const [list, index] = path;
  if (list === 'neurons' && typeof index === 'number') {
    return { field: fieldText(['neurons', ...path.slice(2)]), uid: uidOf(roots, index), place: '' };
  }
  return { field: fieldText(path), uid: undefined, place: '' };
}

function isByUid(path: Path, at: number): boolean {
  return BY_UID.has(String(path[at - 2])) && typeof path[at - 1] === 'string';
}

function uidOf(roots: readonly unknown[], index: number): number | undefined {
  for (const root of roots) {
    const neuron: unknown = isRecord(root) && Array.isArray(root['neurons']) ? root['neurons'][index] : undefined;
    if (isRecord(neuron) && typeof neuron['uid'] === 'number') return neuron['uid'];
  }
  return undefined;
}

/** `mechanisms[0].output.incentive` */
function fieldText(path: Path): string {
  return path.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`)).join('');
}
