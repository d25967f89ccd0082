import { grantOf, TREASURY } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import type { Vesting } from './proposal.ts';

/** Grants that are not paid out, at most. */
export const GRANTS_MAX = 1000;

/** Money of the treasury that comes free with time. Its id is that of the proposal that made it. Rao. */
export interface Grant extends Vesting {
  readonly id: number;
  /** SS58. */
  readonly to: string;
  readonly startBlock: number;
  readonly claimed: bigint;
  /** Absent while it goes on; from then on nothing more comes free. */
  readonly revokedBlock?: number;
}

/** What has come free until a block, what was claimed of it included. Floored. */
export function vestedAt(grant: Grant, block: number): bigint {
  const passed = Math.min(block, grant.revokedBlock ?? block) - grant.startBlock;
  if (passed < grant.cliffBlocks || passed < 0) return 0n;
  if (passed >= grant.vestingBlocks) return grant.amount;
  return (grant.amount * BigInt(passed)) / BigInt(grant.vestingBlocks);
}

/** What can be claimed in a block. */
export function claimableAt(grant: Grant, block: number): bigint {
  return vestedAt(grant, block) - grant.claimed;
}

export function startGrant(
  ledger: Ledger,
  { id, to, ...vesting }: { readonly id: number; readonly to: string } & Vesting,
): Decision<undefined> {
  const { governance, asset, block } = ledger;
  const { record } = governance;
  if (record.grants.length >= GRANTS_MAX) {
    return refuse('GRANT_COUNT', `${GRANTS_MAX} grants are being paid out: wait for the end of one`);
  }
  const parts = [{ to: grantOf(id), amount: vesting.amount }];
  const paid = ledger.book.pay({ asset, from: TREASURY, parts });
  if (!paid.ok) return paid;
  governance.grants.put(String(id), { id, to, ...vesting, startBlock: block, claimed: 0n });
  governance.record = { ...record, grants: [...record.grants, id] };
  return accept(undefined);
}

/** Pays a beneficiary what has come free; answers how much. */
export function claimGrant(ledger: Ledger, wallet: string, id: number): Decision<bigint> {
  const grant = ledger.governance.grant(id);
  if (grant === undefined) return unknownGrant(id);
  if (grant.to !== wallet) return refuse('NOT_OWNER', `grant ${id} is for ${grant.to}`);
  const amount = claimableAt(grant, ledger.block);
  if (amount === 0n) return nothingFree(grant, ledger.block);
  const paid = ledger.book.pay({ asset: ledger.asset, from: grantOf(id), parts: [{ to: wallet, amount }] });
  if (!paid.ok) return paid;
  put(ledger, { ...grant, claimed: grant.claimed + amount });
  return accept(amount);
}

/** What has not come free goes back to the treasury; what has stays the beneficiary's. Answers what went back. */
export function revokeGrant(ledger: Ledger, id: number): Decision<bigint> {
  const grant = ledger.governance.grant(id);
  if (grant === undefined) return unknownGrant(id);
  if (grant.revokedBlock !== undefined) return refuse('GRANT_REVOKED', `grant ${id} was revoked before`);
  const back = grant.amount - vestedAt(grant, ledger.block);
  if (back > 0n) {
    const parts = [{ to: TREASURY, amount: back }];
    const paid = ledger.book.pay({ asset: ledger.asset, from: grantOf(id), parts });
    if (!paid.ok) return paid;
  }
  put(ledger, { ...grant, revokedBlock: ledger.block });
  return accept(back);
}

function unknownGrant(id: number): Decision<never> {
  return refuse('GRANT_UNKNOWN', `there is no grant ${id}, or all of it is paid out`);
}

function nothingFree({ id, startBlock, cliffBlocks }: Grant, block: number): Decision<never> {
  const cliff = startBlock + cliffBlocks;
  return refuse(
    'NOTHING_VESTED',
    block < cliff ? `grant ${id} pays nothing before block ${cliff}` : `what is free of grant ${id} was claimed`,
  );
}

/** A grant of which nothing is left has no row. */
function put({ governance, block }: Ledger, grant: Grant): void {
  const all = grant.revokedBlock === undefined ? grant.amount : vestedAt(grant, block);
  if (grant.claimed < all) {
    governance.grants.put(String(grant.id), grant);
    return;
  }
  governance.grants.remove(String(grant.id));
  const { record } = governance;
  governance.record = { ...record, grants: record.grants.filter((id) => id !== grant.id) };
}
