import { invalidField, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { Ledger as LedgerService } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { AccountHistory } from '#application/account-history.ts';
import { listPostings } from '#application/list-postings.ts';
import type { JournalStore } from '#application/ports.ts';
import type { Sequencer } from '#application/sequencer.ts';
import { watchJournal } from '#application/watch-journal.ts';
import { accountView, openHolds } from '#domain/economy/account-view.ts';
import { delegationsOf } from '#domain/economy/delegation.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { accountField, assetField, batchField, countField, sizeField } from './grpc-fields.ts';
import { answered, outageError } from './grpc-refusals.ts';
import { pageToken, placeOfToken } from './page-token.ts';
import { accountToWire, balanceToWire, delegationToWire, holdToWire, pagesToWire } from './wire-accounts.ts';

export interface AccountPorts {
  readonly sequencer: Sequencer;
  readonly store: Pick<JournalStore, 'readEntries'>;
  readonly history: AccountHistory;
  /** Ends streams when the process is about to end, so that their clients come back to the next one at once. */
  readonly shutdown: AbortSignal;
}

/** Readers that follow the journal at once; each costs a page in memory and, while it is behind, readings of the store. */
const WATCHERS_MAX = 64;

type Handlers = RpcHandlers<typeof LedgerService>;

/** What everybody may read of accounts and of the journal; all of it is committed state. */
export function accountHandlers(
  ports: AccountPorts,
): Pick<Handlers, 'getBalances' | 'getAccount' | 'listAccounts' | 'listPostings' | 'watchJournal' | 'listDelegations'> {
  return { ...balanceHandlers(ports), ...accountReads(ports), ...historyHandlers(ports), ...delegationReads(ports) };
}

function balanceHandlers({ sequencer, history }: AccountPorts): Pick<Handlers, 'getBalances'> {
  return {
    getBalances: async ({ accounts, atSequence }) => {
      const wanted = batchField('accounts', accounts);
      const sequence = countField('at_sequence', atSequence);
      const now = await answered(
        sequencer.read((ledger) => ({
          head: ledger.journal.head.sequence,
          asset: ledger.asset,
          balances: sequence === 0 ? wanted.map((account) => accountView(ledger, account)) : [],
        })),
      );
      if (sequence === 0) return { balances: now.balances.map(balanceToWire), sequence: BigInt(now.head) };
      if (sequence > now.head) throw invalidField('at_sequence', `the journal ends at entry ${now.head}`);
      const { asset } = now;
      const query = { asset, accounts: wanted, sequence };
      const posted = await answered(history.balancesAt(query));
      const held = await answered(history.heldAt(query));
      return {
        balances: wanted.map((account) =>
          balanceToWire({
            account,
            asset,
            posted: posted.get(account) ?? 0n,
            ...(held === undefined ? {} : { held: held.get(account) ?? 0n }),
          }),
        ),
        sequence: BigInt(sequence),
      };
    },
  };
}

function accountReads({ sequencer, history }: AccountPorts): Pick<Handlers, 'getAccount' | 'listAccounts'> {
  const read = <T>(query: (ledger: Ledger) => T): Promise<T> => answered(sequencer.read(query));
  return {
    getAccount: async ({ account: name, holds: page }) => {
      const account = accountField('account', name);
      const size = sizeField('holds.size', page?.size ?? 0);
      const query = ['holds', account];
      const after = placeOfToken(query, page?.token ?? '');
      return read((ledger) => {
        const holds = openHolds(ledger, account, { after, size: size + 1 });
        const shown = holds.slice(0, size);
        return {
          ...accountToWire(accountView(ledger, account)),
          holds: shown.map(holdToWire),
          nextPageToken: holds.length > size ? pageToken(query, shown.at(-1)?.id ?? '') : '',
        };
      });
    },
    listAccounts: async ({ page, prefix }) => {
      if (prefix !== '') accountField('prefix', prefix);
      const size = sizeField('page.size', page?.size ?? 0);
      const query = ['accounts', prefix];
      const after = placeOfToken(query, page?.token ?? '');
      const asset = await read((ledger) => ledger.asset);
      const names = await answered(history.accountNames({ asset, prefix, after, limit: size + 1 }));
      const shown = names.slice(0, size);
      return read((ledger) => ({
        accounts: shown.map((account) => accountToWire(accountView(ledger, account))),
        nextPageToken: names.length > size ? pageToken(query, shown.at(-1) ?? '') : '',
        sequence: BigInt(ledger.journal.head.sequence),
      }));
    },
  };
}

function delegationReads({ sequencer }: AccountPorts): Pick<Handlers, 'listDelegations'> {
  return {
    listDelegations: async ({ coldkey }) => {
      const wallet = accountField('coldkey', coldkey);
      return answered(
        sequencer.read((ledger) => ({
          delegations: delegationsOf(ledger, wallet).map((each) => delegationToWire(ledger.asset, each)),
          block: BigInt(ledger.block),
        })),
      );
    },
  };
}

function historyHandlers(ports: AccountPorts): Pick<Handlers, 'listPostings' | 'watchJournal'> {
  let watchers = 0;
  return {
    listPostings: async (request) => {
      const account = accountField('account', request.account);
      const size = sizeField('page.size', request.page?.size ?? 0);
      const range = {
        account,
        asset: assetField('asset', request.asset),
        fromSequence: countField('from_sequence', request.fromSequence),
        toSequence: countField('to_sequence', request.toSequence),
        fromBlock: countField('from_block', request.fromBlock),
        toBlock: countField('to_block', request.toBlock),
        newestFirst: request.newestFirst,
      };
      const query = ['postings', ...Object.values(range).map((value) => value ?? '')];
      const place = placeOfToken(query, request.page?.token ?? '')
        ?.split('.')
        .map(Number);
      const after = place === undefined ? undefined : { sequence: place[0] ?? 0, position: place[1] ?? 0 };
      const { postings, completeFrom } = await answered(listPostings(ports, { ...range, after, limit: size + 1 }));
      const shown = postings.slice(0, size);
      const last = shown.at(-1);
      return {
        postings: shown.map(({ sequence, block, kind, delta, balanceAfter, recordedAtMs = 0 }) => ({
          sequence: BigInt(sequence),
          block: BigInt(block),
          kind,
          deltaRao: delta.toString(),
          balanceAfterRao: balanceAfter.toString(),
          recordedAtMs: BigInt(recordedAtMs),
        })),
        completeFromSequence: BigInt(completeFrom),
        nextPageToken:
          last === undefined || postings.length <= size ? '' : pageToken(query, `${last.sequence}.${last.position}`),
      };
    },
    async *watchJournal(request, call) {
      const from = countField('from_sequence', request.fromSequence);
      if (watchers >= WATCHERS_MAX) throw tooManyWatchers();
      watchers += 1;
      try {
        const signal = AbortSignal.any([call.signal, ports.shutdown]);
        for await (const page of watchJournal(ports, from, signal)) yield* pagesToWire(page);
      } catch (error) {
        throw outageError(error);
      } finally {
        watchers -= 1;
      }
    },
  };
}

function tooManyWatchers(): RpcError {
  return new RpcError({
    code: RpcCode.RESOURCE_EXHAUSTED,
    reason: 'TOO_MANY_WATCHERS',
    message: `${WATCHERS_MAX} readers follow the journal already: try again later, or read it by ListEntries`,
  });
}
