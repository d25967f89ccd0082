import { afterAll, beforeAll, expect, test } from 'vitest';
import { SlashType } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { desk } from './market.ts';
import { type ServedLedger, serveLedger } from './served-ledger.ts';

let served: ServedLedger;

beforeAll(async () => {
  served = await serveLedger();
});
afterAll(() => served[Symbol.asyncDispose]());

const evidence = {
  type: SlashType.DEVIATION,
  netuid: 1,
  hotkey: desk.address,
  registrationId: new Uint8Array(32),
  offenceBlock: 0n,
  fromEpoch: 1n,
  toEpoch: 3n,
  measured: 500_000n,
  evidenceSha256: new Uint8Array(32),
};

test('evidence is for scoring alone to give', async () => {
  for (const part of [undefined, 'operator', 'billing', 'gateway']) {
    const client = await served.slashing(part);
    await expect(client.submitEvidence(evidence)).rejects.toMatchObject({ reason: 'CALLER_NOT_ALLOWED' });
  }
  const scoring = await served.slashing('scoring');
  await expect(scoring.submitEvidence(evidence)).rejects.toMatchObject({ reason: 'SLASHING_OFF' });
});

test.for<[string, object, string]>([
  ['of double signing', { type: SlashType.DOUBLE_SIGNING }, 'type'],
  ['of nothing', { type: SlashType.UNSPECIFIED }, 'type'],
  ['of epochs that run backwards', { toEpoch: 0n }, 'to_epoch'],
  ['without a registration', { registrationId: new Uint8Array(31) }, 'registration_id'],
  ['without a hash', { evidenceSha256: new Uint8Array(0) }, 'evidence_sha256'],
  ['beyond what the ledger counts with', { measured: 1n << 60n }, 'measured'],
])('evidence %s names its field', async ([, change, field]) => {
  const scoring = await served.slashing('scoring');
  const refused = scoring.submitEvidence({ ...evidence, ...change });
  await expect(refused).rejects.toMatchObject({ fieldViolations: [{ field }] });
});

test('everybody reads the terms, what there is, and what is not', async () => {
  const client = await served.slashing();
  expect(await client.getSlashingTerms({})).toMatchObject({ enabled: false, unbondingBlocks: 0n });
  expect(await client.listSlashes({})).toMatchObject({ slashes: [], nextPageToken: '' });
  expect(await client.listUnbonding({ coldkey: desk.address })).toMatchObject({ unbonding: [], moved: [], auto: [] });
  await expect(client.getSlash({ slashId: new Uint8Array(32) })).rejects.toMatchObject({ reason: 'SLASH_UNKNOWN' });
  await expect(client.getSlash({ slashId: new Uint8Array(3) })).rejects.toMatchObject({ reason: 'INVALID_ARGUMENT' });
});
