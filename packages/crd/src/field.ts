import { z } from 'zod';

/** One CEL rule of a field, as `x-kubernetes-validations` carries it. */
export interface CelRule {
  readonly rule: string;
  readonly message: string;
  /** Relative path of the field that the message is about; absent: the field that carries the rule. */
  readonly fieldPath?: string;
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired';
}

/** A whole number with both bounds: the API server names the bound that was broken. */
export function integer(bounds: { min: number; max: number }, description: string): z.ZodInt {
  const format = bounds.max > 2_147_483_647 || bounds.min < -2_147_483_648 ? 'int64' : 'int32';
  return z.int().min(bounds.min).max(bounds.max).meta({ description, format });
}

/** Text with an upper bound, so that CEL can price rules over it. */
export function text(maxLength: number, description: string): z.ZodString {
  return z.string().max(maxLength).meta({ description });
}

function matching(pattern: RegExp, maxLength: number, description: string): z.ZodString {
  return z.string().min(1).max(maxLength).regex(pattern).meta({ description });
}

/** A name that can stand in a DNS label and in a public model name. */
export function label(description: string): z.ZodString {
  return matching(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 63, description);
}

/** Name of an object of the cluster (DNS subdomain). */
export function objectName(description: string): z.ZodString {
  return matching(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/, 253, description);
}

/** Money as people write it: whole tokens, at most nine decimals, no sign and no exponent. */
export function money(description: string): z.ZodString {
  return matching(
    /^(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?$/,
    19,
    `${description} Whole tokens as a decimal string, such as "1.5".`,
  );
}

/** A Kubernetes duration such as `2s` or `500ms`. */
export function duration(description: string): z.ZodString {
  return matching(/^([0-9]{1,6}(ms|s|m|h)){1,4}$/, 32, description);
}

/** A SHA-256 in lower-case hexadecimal. */
export function sha256(description: string): z.ZodString {
  return matching(/^[0-9a-f]{64}$/, 64, description);
}

/** An SS58 address of a 32-byte key. */
export function ss58(description: string): z.ZodString {
  return matching(/^[1-9A-HJ-NP-Za-km-z]{46,50}$/, 50, description);
}

/** A network's or a registration's id: a hash in lower-case hexadecimal. */
export function hashId(description: string): z.ZodString {
  return matching(/^[0-9a-f]{64}$/, 64, description);
}

/** Parts per million, 0 to 1,000,000. */
export function ppm(description: string): z.ZodInt {
  return integer({ min: 0, max: 1_000_000 }, `${description} Parts per million.`);
}

/** A block height. */
export function block(description: string): z.ZodInt {
  return integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 }, description);
}

/** Uid of a neuron in its subnet. */
export function uid(description: string): z.ZodInt {
  return integer({ min: 0, max: 255 }, description);
}

/** Number of a subnet. */
export function netuid(description: string): z.ZodInt {
  return integer({ min: 1, max: 65_535 }, description);
}

/** Money on a status: the smallest unit as a decimal string, with its asset. */
export function amount(description: string) {
  return z
    .object({
      asset: matching(/^[A-Z0-9][A-Z0-9/-]{0,31}$/, 32, 'Asset, such as TAO.'),
      amount: matching(/^-?(0|[1-9][0-9]{0,38})$/, 40, 'Amount in the smallest unit of the asset.'),
    })
    .meta({ description });
}

/** A list of objects that is a map in server-side apply: entries are told apart by `key`. */
export function listMap<T extends z.ZodType>(item: T, options: { key: string; max: number; description: string }) {
  return z
    .array(item)
    .max(options.max)
    .meta({
      description: options.description,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': [options.key],
    });
}

/** A list that is replaced as a whole. */
export function atomicList<T extends z.ZodType>(item: T, options: { max: number; description: string }) {
  return z.array(item).max(options.max).meta({ description: options.description, 'x-kubernetes-list-type': 'atomic' });
}

/** Adds CEL rules to a schema, beside what its `meta` already says. */
export function withRules<T extends z.ZodType>(schema: T, rules: readonly CelRule[]): T {
  const meta = schema.meta() ?? {};
  const before = (meta['x-kubernetes-validations'] as readonly CelRule[] | undefined) ?? [];
  return schema.meta({ ...meta, 'x-kubernetes-validations': [...before, ...rules] });
}

/** Set once: may be added later, never changed or removed. The rule stands at the parent, where removal is seen. */
export function setOnce(field: string): CelRule {
  return {
    rule: `!has(oldSelf.${field}) || (has(self.${field}) && self.${field} == oldSelf.${field})`,
    message: `${field} is set once and cannot be changed or removed`,
    fieldPath: `.${field}`,
  };
}

/** A union's `type` and its member agree: the member is there exactly when the type names it. */
export function unionMember(type: string, member: string, discriminator = 'type'): CelRule {
  return {
    rule: `(self.${discriminator} == '${type}') == has(self.${member})`,
    message: `${member} must be set exactly when ${discriminator} is ${type}`,
    fieldPath: `.${member}`,
  };
}
