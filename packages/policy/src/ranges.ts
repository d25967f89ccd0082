/** Smallest and largest value of an integer member. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What is wrong with a policy, as a value: whoever takes policies from outside refuses with it. */
export interface PolicyFault {
  readonly code: 'POLICY_SHAPE' | 'POLICY_MEMBER_UNKNOWN' | 'POLICY_OUT_OF_RANGE' | 'POLICY_CONTRADICTORY';
  /** Path of the member, such as `countermeasures.deviation.limitPpm`. */
  readonly member: string;
  readonly message: string;
}

/** A range for every integer member of `Rules`. */
export type Ranges<Rules> = { readonly [Key in keyof Required<Rules>]: Range };

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks an object whose members are integers, all required, no others known. */
export function integerFaults(member: string, value: unknown, ranges: Readonly<Record<string, Range>>): PolicyFault[] {
  if (!isRecord(value)) return [shapeFault(member, 'an object')];
  return [
    ...unknownFaults(member, value, Object.keys(ranges)),
    ...Object.entries(ranges).flatMap(([key, range]) => rangeFaults(`${member}.${key}`, value[key], range)),
  ];
}

export function unknownFaults(
  member: string,
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
): PolicyFault[] {
  return Object.keys(value)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      code: 'POLICY_MEMBER_UNKNOWN',
      member: member === '' ? key : `${member}.${key}`,
      message: `not a member of this format: one of ${known.join(', ')}`,
    }));
}

export function rangeFaults(member: string, value: unknown, { min, max }: Range): PolicyFault[] {
  const holds = typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
  return holds
    ? []
    : [
        {
          code: 'POLICY_OUT_OF_RANGE',
          member,
          message: `${String(value)} is not a whole number from ${min} to ${max}`,
        },
      ];
}

export function shapeFault(member: string, expected: string): PolicyFault {
  return { code: 'POLICY_SHAPE', member, message: `has to be ${expected}` };
}

export function contradiction(member: string, message: string): PolicyFault {
  return { code: 'POLICY_CONTRADICTORY', member, message };
}
