import type { ProvenText } from '@subnetes/transparency/balance-tree';
import { formatVerifierKey, type VerifierKey } from '@subnetes/transparency/verifier-key';
import { invalidField, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { Ledger as LedgerService } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { EpochBalances } from '#application/epoch-balances.ts';
import type { JournalTree } from '#application/journal-tree.ts';
import type { StoredCheckpoint } from '#application/tree-store.ts';
import type { JournalStore, StoredEntry } from '#application/ports.ts';
import { accountField, countField, netuidField } from './grpc-fields.ts';
import { answered, refusalError } from './grpc-refusals.ts';
import { bytesOfHex, entryToWire } from './wire.ts';

/** A key is a word, a colon and an id of at most 200 characters. */
const KEY_CHARACTERS_MAX = 256;

export interface ProofPorts {
  readonly store: Pick<JournalStore, 'findClaims' | 'readEntries' | 'readArchive'>;
  readonly tree: JournalTree;
  readonly balances: EpochBalances;
  /** Undefined where the ledger signs nothing. */
  readonly logKey: VerifierKey | undefined;
}

type Handlers = RpcHandlers<typeof LedgerService>;

type ProofHandlers = Pick<Handlers, 'getCheckpoint' | 'getInclusionProof' | 'getConsistencyProof' | 'getBalanceProof'>;

/** What outsiders verify by; everybody may read it. */
export function proofHandlers({ tree, store, logKey, balances }: ProofPorts): ProofHandlers {
  const verifierKey = logKey === undefined ? '' : formatVerifierKey(logKey);
  const toWire = ({ size, note }: StoredCheckpoint) => ({ note: Buffer.from(note), size: BigInt(size), verifierKey });
  const newest = async (): Promise<StoredCheckpoint> => {
    const checkpoint = await answered(tree.checkpoint());
    if (checkpoint === undefined) throw missing('NO_CHECKPOINT', 'no checkpoint has been signed yet: try again later');
    return checkpoint;
  };
  const inclusionOf = async (sequence: number) => {
    const inclusion = await answered(tree.inclusion(sequence));
    if (inclusion === undefined) throw notYet(sequence, await newest());
    const [previous, entry] = await entryAndPrevious(store, sequence);
    return {
      checkpoint: toWire(inclusion.checkpoint),
      entry: entryToWire(entry),
      previousHash: bytesOfHex(previous),
      hashes: [...inclusion.hashes],
    };
  };
  return {
    getCheckpoint: async () => toWire(await newest()),
    getInclusionProof: async ({ by }) => {
      const sequence = by.case === 'key' ? await sequenceOf(store, by.value) : countField('sequence', by.value ?? 0n);
      if (sequence === 0) throw invalidField('sequence', 'must be at least 1');
      return inclusionOf(sequence);
    },
    getBalanceProof: async ({ account, netuid, epoch }) => {
      const paid = { netuid: netuidField(netuid), index: countField('epoch', epoch) };
      const proven = await answered(balances.prove(accountField('account', account), paid));
      if (!proven.ok) throw refusalError(proven);
      const { rootSequence, proof } = proven.value;
      return {
        root: await inclusionOf(rootSequence),
        header: leafToWire(proof.header),
        leaves: proof.leaves.map(leafToWire),
      };
    },
    getConsistencyProof: async (request) => {
      const firstSize = countField('first_size', request.firstSize);
      const asked = countField('second_size', request.secondSize);
      const secondSize = asked === 0 ? (await newest()).size : asked;
      const hashes = await answered(tree.consistency(firstSize, secondSize));
      if (hashes === undefined)
        throw invalidField('first_size', `no tree of ${secondSize} begins with one of ${firstSize}`);
      return { firstSize: BigInt(firstSize), secondSize: BigInt(secondSize), hashes: [...hashes] };
    },
  };
}

function leafToWire({ text, index, proof }: ProvenText) {
  return { text, index: BigInt(index), hashes: [...proof] };
}

async function sequenceOf(store: ProofPorts['store'], key: string): Promise<number> {
  if (key === '' || key.length > KEY_CHARACTERS_MAX) throw invalidField('key', 'is not a key of an entry');
  const claim = (await answered(store.findClaims([key]))).get(key);
  if (claim === undefined) throw missing('ENTRY_UNKNOWN', `no entry has the key ${key}`);
  return claim.sequence;
}

/** The hash before an entry, and the entry. */
async function entryAndPrevious(store: ProofPorts['store'], sequence: number): Promise<readonly [string, StoredEntry]> {
  const archive = await answered(store.readArchive());
  // The first kept entry follows one of which the hash alone is kept.
  const afterSequence = sequence === archive.sequence + 1 ? archive.sequence : sequence - 2;
  const entries = await answered(store.readEntries({ afterSequence, limit: 2 }));
  const entry = entries.find((one) => one.sequence === sequence);
  const previous = entries.find((one) => one.sequence === sequence - 1)?.hash ?? archive.hash;
  if (entry === undefined) throw new Error(`entry ${sequence} is in the tree and not in the journal`);
  return [previous, entry];
}

function notYet(sequence: number, { size }: StoredCheckpoint): RpcError {
  return missing(
    'NOT_IN_CHECKPOINT',
    `the newest checkpoint ends at entry ${size}, before ${sequence}: try again later`,
  );
}

function missing(reason: string, message: string): RpcError {
  return new RpcError({ code: RpcCode.NOT_FOUND, reason, message });
}
