import { checkBalanceProof, formatBalanceProof } from '@subnetes/transparency/balance-proof-file';
import { checkEntryProof, formatEntryProof } from '@subnetes/transparency/entry-proof';
import { ledgerOrigin } from '@subnetes/transparency/ledger-origin';
import { hashedText } from '#test/hashed-text.ts';
import { judgeCheckpoint, trustPolicy } from '@subnetes/transparency/trust-policy';
import { parseVerifierKey } from '@subnetes/transparency/verifier-key';
import { verifyConsistency } from '@subnetes/transparency/verify-proof';
import type { BalanceLeaf, InclusionProof } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { networkId, owner } from './market.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

let served: ServedLedger;

beforeEach(async () => {
  served = await serveLedger();
});
afterEach(async () => {
  await served[Symbol.asyncDispose]();
});

const refusal = (reason: string) => expect.objectContaining({ name: 'RpcError', reason });

function valueOf<T>(
  decision: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string },
): T {
  if (!decision.ok) throw new Error(decision.message);
  return decision.value;
}

function policyOf(verifierKey: string) {
  const origin = ledgerOrigin(Buffer.from(networkId).toString('hex'));
  const logKeys = [valueOf(parseVerifierKey(verifierKey))];
  return valueOf(trustPolicy({ origin, logKeys, witnesses: [], witnessesMin: 0 }));
}

/** The file that a client makes of an answer. */
function fileOf({ entry, previousHash, hashes, checkpoint }: InclusionProof): Uint8Array {
  const postings = (entry?.postings ?? []).map(({ delta, balanceAfter, account, asset }) => ({
    account,
    asset,
    delta: BigInt(delta),
    balanceAfter: BigInt(balanceAfter),
  }));
  const { block, kind, payloadJson, sequence } = entry!;
  const text = hashedText({ block: Number(block), kind, payloadText: payloadJson, postings });
  const previous = Buffer.from(previousHash).toString('hex');
  return formatEntryProof({
    sequence: Number(sequence),
    previousHash: previous,
    text,
    proof: hashes,
    note: checkpoint!.note,
  });
}

test('every entry is proven under the newest checkpoint, to a caller without a certificate', async () => {
  await served.market();
  await served.produce(3);
  await served.signCheckpoint();
  const { size, verifierKey } = await served.neuron.getCheckpoint({});
  expect(size).toBeGreaterThan(4n);
  for (let sequence = 1n; sequence <= size; sequence += 1n) {
    const answer = await served.neuron.getInclusionProof({ by: { case: 'sequence', value: sequence } });
    const proven = valueOf(checkEntryProof(fileOf(answer), policyOf(verifierKey)));
    expect(proven).toMatchObject({ sequence: Number(sequence), hash: Buffer.from(answer.entry!.hash).toString('hex') });
  }
});

test('checkpoints follow each other, and a proof says so', async () => {
  await served.produce(1);
  await served.signCheckpoint();
  const first = await served.neuron.getCheckpoint({});
  await served.produce(9);
  await served.signCheckpoint();
  const second = await served.neuron.getCheckpoint({});
  const answer = await served.neuron.getConsistencyProof({ firstSize: first.size });
  expect(answer).toMatchObject({ firstSize: first.size, secondSize: second.size });
  const policy = policyOf(first.verifierKey);
  const [old, now] = [first, second].map(({ note }) => valueOf(judgeCheckpoint(note, policy)).checkpoint);
  expect(verifyConsistency({ first: old!, second: now!, proof: answer.hashes }).ok).toBe(true);
});

test('an entry is found by its idempotency key', async () => {
  await served.market();
  await served.signCheckpoint();
  await expect(served.neuron.getInclusionProof({ by: { case: 'key', value: 'epoch:1:7' } })).rejects.toEqual(
    refusal('ENTRY_UNKNOWN'),
  );
  await served.billing.submitTransfers({ transfers: [] });
});

test('what cannot be proven is refused with why', async () => {
  const bySequence = (value: bigint) => served.neuron.getInclusionProof({ by: { case: 'sequence', value } });
  await expect(served.neuron.getCheckpoint({})).rejects.toEqual(refusal('NO_CHECKPOINT'));
  await expect(bySequence(1n)).rejects.toEqual(refusal('NO_CHECKPOINT'));
  await served.produce(2);
  await served.signCheckpoint();
  const { size } = await served.neuron.getCheckpoint({});
  await expect(bySequence(size + 1n)).rejects.toEqual(refusal('NOT_IN_CHECKPOINT'));
  await expect(bySequence(0n)).rejects.toEqual(refusal('INVALID_ARGUMENT'));
  await expect(served.neuron.getInclusionProof({})).rejects.toEqual(refusal('INVALID_ARGUMENT'));
  await expect(served.neuron.getConsistencyProof({ firstSize: size + 1n })).rejects.toEqual(
    refusal('INVALID_ARGUMENT'),
  );
});

test('what an account had when an epoch was paid is shown by a file, whatever it has now', async () => {
  await served.market();
  const index = await served.payEpoch();
  const ask = (account: string) => served.neuron.getBalanceProof({ account, netuid: 1, epoch: BigInt(index) });
  await expect(ask(owner.address)).rejects.toEqual(refusal('ENTRY_UNKNOWN'));
  expect(await served.balances.record(1, index)).toMatchObject({ ok: true });
  await served.signCheckpoint();
  await served.payEpoch();
  for (const account of [owner.address, 'mint', 'billing:nobody']) {
    const { root, header, leaves } = await ask(account);
    const leafOf = ({ text, index: at, hashes }: BalanceLeaf) => ({ text, index: Number(at), proof: hashes });
    const file = formatBalanceProof({ header: leafOf(header!), leaves: leaves.map(leafOf) }, fileOf(root!));
    const shown = valueOf(checkBalanceProof(file, policyOf(root!.checkpoint!.verifierKey), account));
    const then = { accounts: [account], atSequence: BigInt(shown.sequence) };
    const [balance] = (await served.neuron.getBalances(then)).balances;
    expect(shown).toMatchObject({ netuid: 1, epoch: index, asset: 'TAO' });
    expect(shown.balance).toBe(BigInt(balance!.posted!.amount) * (balance!.negative ? -1n : 1n));
  }
  await expect(served.neuron.getBalanceProof({ account: 'mint', netuid: 1, epoch: 99n })).rejects.toEqual(
    refusal('EPOCH_UNKNOWN'),
  );
});
