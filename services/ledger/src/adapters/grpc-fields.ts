import { invalidField } from '@subnetes/proto/rpc-error';
import { unitsFromText } from '@subnetes/money/amount';
import type { Cause as WireCause, Money, Page } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { Cause } from '#domain/economy/mandate.ts';
import { causeFromWire } from './wire.ts';

const NETUID_MAX = 65_535;
const TEXT_CHARACTERS_MAX = 253;
const PAGE_DEFAULT = 100;
const PAGE_MAX = 1000;
/** `stake:<netuid>:<hotkey>:<coldkey>` is the longest. */
const ACCOUNT_PATTERN = /^[A-Za-z0-9:-]{1,160}$/;

/** Rao of a wire's text, zero included; throws INVALID_ARGUMENT that names the field. */
export function raoField(field: string, text: string): bigint {
  const units = unitsFromText(text === '' ? '0' : text);
  if (!units.ok) throw invalidField(field, units.message);
  if (units.value < 0n) throw invalidField(field, 'must not be negative');
  return units.value;
}

export function moneyField(field: string, money: Money | undefined, asset: string): bigint {
  if (money === undefined) throw invalidField(field, 'is missing');
  if (money.asset !== asset)
    throw invalidField(`${field}.asset`, `must be ${asset}, not "${money.asset.slice(0, 20)}"`);
  return raoField(`${field}.amount`, money.amount);
}

export function netuidField(netuid: number): number {
  // 0 is the root network, where there is one.
  if (netuid > NETUID_MAX) throw invalidField('netuid', `must be 0 to ${NETUID_MAX}`);
  return netuid;
}

/** A u64 that the domain counts with; throws beyond 2^53. */
export function countField(field: string, value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw invalidField(field, 'must be below 2^53');
  return Number(value);
}

export function causeField(cause: WireCause | undefined): Cause {
  if (cause === undefined)
    throw invalidField('cause', 'is missing: a change tells which object of which cluster wants it');
  const read = causeFromWire(cause);
  for (const name of ['cluster', 'kind', 'namespace', 'name', 'objectUid'] as const) {
    if (read[name].length > TEXT_CHARACTERS_MAX) throw invalidField(`cause.${name}`, 'is too long');
    if (read[name] === '') throw invalidField(`cause.${name}`, 'is missing');
  }
  countField('cause.generation', cause.generation);
  return read;
}

/** Rows of a page; 0 leaves it to the ledger. */
export function sizeField(field: string, size: number): number {
  if (size > PAGE_MAX) throw invalidField(field, `must be at most ${PAGE_MAX}`);
  return size === 0 ? PAGE_DEFAULT : size;
}

/** Name of an account, of whatever kind. */
export function accountField(field: string, account: string): string {
  if (account === '') throw invalidField(field, 'is missing');
  if (!ACCOUNT_PATTERN.test(account)) throw invalidField(field, 'is no name of an account');
  return account;
}

/** Symbol of an asset; undefined where none is named. */
export function assetField(field: string, asset: string): string | undefined {
  if (asset === '') return undefined;
  if (!/^[A-Z]{2,10}[0-9]{0,5}$/.test(asset)) throw invalidField(field, 'is no symbol of an asset');
  return asset;
}

/** Size and start of a page whose tokens are numbers. */
export function pageField(page: Page | undefined): { readonly size: number; readonly after: number } {
  const size = sizeField('page.size', page?.size ?? 0);
  const token = page?.token ?? '';
  if (token === '') return { size, after: -1 };
  if (!/^[0-9]{1,9}$/.test(token)) throw invalidField('page.token', 'is not one that a reply gave');
  return { size, after: Number(token) };
}

/** Refuses batches that are too long. */
export function batchField<T>(field: string, items: readonly T[]): readonly T[] {
  if (items.length > PAGE_MAX) throw invalidField(field, `must be at most ${PAGE_MAX} in one call`);
  return items;
}
