import { checkAccount, ledgerAccountOf, type Account } from '../domain/lease.ts';
import { accept, refuse, type Decision } from '../domain/refusal.ts';
import type { BillingStore, LedgerPort } from './ports.ts';

export interface AccountView extends Account {
  readonly ledgerAccount: string;
  /** What can still be reserved. */
  readonly availableRao: bigint;
  readonly heldRao: bigint;
}

interface AccountPorts {
  readonly store: BillingStore;
  readonly ledger: LedgerPort;
  /** Whether text is an SS58 address of this network's format. */
  readonly isAddress: (text: string) => boolean;
}

/** Creates an account; the same owner may repeat it. Its money comes by a transfer to its ledger account. */
export function makeCreateAccount(ports: AccountPorts) {
  return async function createAccount(account: Account): Promise<Decision<AccountView>> {
    const checked = checkAccount(account);
    if (!checked.ok) return checked;
    if (!ports.isAddress(account.owner)) return refuse('INVALID_ARGUMENT', 'owner must be an SS58 address (a coldkey)');
    const stored = await ports.store.createAccount(account);
    if (stored.owner !== account.owner) {
      return refuse(
        'ACCOUNT_TAKEN',
        `billing account ${account.account} belongs to ${stored.owner}: choose another name`,
      );
    }
    return accept(await viewOf(ports, stored));
  };
}

/** Reads an account with its money at the ledger. */
export function makeReadAccount(ports: Pick<AccountPorts, 'store' | 'ledger'>) {
  return async function readAccount(account: string): Promise<Decision<AccountView>> {
    const stored = await ports.store.readAccount(account);
    if (stored === undefined) return refuse('ACCOUNT_UNKNOWN', `there is no billing account ${account}`);
    return accept(await viewOf(ports, stored));
  };
}

async function viewOf(ports: Pick<AccountPorts, 'ledger'>, stored: Account): Promise<AccountView> {
  const ledgerAccount = ledgerAccountOf(stored.account);
  const { postedRao, heldRao } = await ports.ledger.balance(ledgerAccount);
  return { ...stored, ledgerAccount, availableRao: postedRao - heldRao, heldRao };
}
