import { create, toBinary } from '@bufbuild/protobuf';
import { signEnvelope } from '@subnetes/keys/envelope';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { type WalletOrder, WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { serveHttpLog } from '#adapters/http-log.ts';
import { lazyHttpApi } from '#adapters/lazy-http-api.ts';
import { desk, keyOf, mandateOf, owner, putSubnetOf, registerOf } from './market.ts';
import { genesisOf, type ServedLedger, serveLedger } from './served-ledger.ts';

const TAO = 1_000_000_000n;
const builder = keyOf('builder');
const council = keyOf('council');
const governance = {
  deposit: '10',
  votingBlocks: 5,
  timelockBlocks: 2,
  quorumPpm: 100_000,
  council: { members: [council.address], required: 1 },
};
const values = genesisOf({ governance });

let served: ServedLedger;
let sequence = 0n;

beforeEach(async () => {
  served = await serveLedger(values);
  const networkId = values.networkId;
  await served.operator.putSubnet(putSubnetOf('sp500', mandateOf(owner, { networkId })));
  const mandate = mandateOf(desk, { networkId });
  await served.operator.register(registerOf(1, 'garch', { stakeRao: (100n * TAO).toString(), mandate, networkId }));
});
afterEach(async () => {
  await served[Symbol.asyncDispose]();
});

const refusal = (reason: string) => expect.objectContaining({ name: 'RpcError', reason });

function submit(key: typeof desk, order: WalletOrder['order']) {
  sequence += 1n;
  const payload = toBinary(WalletOrderSchema, create(WalletOrderSchema, { order } as never));
  const terms = { networkId: values.networkId, type: EnvelopeType.WALLET_ORDER, sequence, expiresAtBlock: 1_000_000n };
  return served.neuron.submitOrder({ order: signEnvelope({ ...terms, payload }, key) });
}

/** protobuf's types want every member; the wire does not. */
const orderIs = (name: string, value: object): WalletOrder['order'] => ({ case: name, value }) as never;
const propose = (action: object) => submit(desk, orderIs('propose', { title: 'Pay the builder', action: { action } }));
const vote = (key: typeof desk, choice: string, proposal = 1n) => submit(key, orderIs('vote', { proposal, choice }));
const spend = { case: 'spend', value: { to: builder.address, amountRao: (3n * TAO).toString() } };

test('a proposal is made, voted on, read in pages, carried out and paid, over the wire', async () => {
  const { governance: read } = served;
  await submit(desk, orderIs('transfer', { to: 'treasury', amountRao: (5n * TAO).toString() }));
  await propose(spend);
  await propose({ case: 'revokeGrant', value: { grant: 1n } }).then(
    () => expect.unreachable(),
    (error: unknown) => expect(error).toEqual(refusal('GRANT_UNKNOWN')),
  );
  await propose({ case: 'hyperparameters', value: { netuid: 1, kappaU16: 40_000 } });
  expect(await read.getVote({ proposal: 1n, wallet: desk.address })).toMatchObject({
    choice: '',
    ownRao: `${100n * TAO}`,
  });
  await vote(desk, 'Yes');
  await expect(vote(desk, 'No')).rejects.toEqual(refusal('VOTED_ALREADY'));
  await expect(vote(builder, 'Yes')).rejects.toEqual(refusal('NO_VOTING_POWER'));
  await expect(vote(desk, 'yes')).rejects.toEqual(refusal('INVALID_ARGUMENT'));
  await expect(vote(desk, 'Yes', 9n)).rejects.toEqual(refusal('PROPOSAL_UNKNOWN'));
  await vote(desk, 'Yes', 2n);
  await submit(council, orderIs('veto', { proposal: 2n }));
  await expect(submit(desk, orderIs('veto', { proposal: 1n }))).rejects.toEqual(refusal('NOT_COUNCIL'));
  expect(await read.getVote({ proposal: 1n, wallet: desk.address })).toMatchObject({
    choice: 'Yes',
    by: desk.address,
    weightRao: `${100n * TAO}`,
  });
  const first = await read.listProposals({ page: { size: 1, token: '' } });
  expect(first.proposals).toMatchObject([{ id: 2n, state: 'Vetoed', vetoes: [council.address] }]);
  const rest = await read.listProposals({ page: { size: 1, token: first.nextPageToken } });
  expect(rest).toMatchObject({
    proposals: [{ id: 1n, state: 'Voting', action: { action: spend } }],
    nextPageToken: '',
  });
  const other = read.listProposals({ page: { size: 1, token: first.nextPageToken }, state: 'Voting' });
  await expect(other).rejects.toMatchObject({ fieldViolations: [{ field: 'page.token' }] });
  await expect(read.listProposals({ state: 'Open' })).rejects.toMatchObject({ fieldViolations: [{ field: 'state' }] });
  await served.produce(7);
  expect(await read.getProposal({ id: 1n })).toMatchObject({
    state: 'Executed',
    yesRao: `${100n * TAO}`,
    doneBlock: 7n,
  });
  const { balances } = await served.neuron.getBalances({ accounts: [builder.address, 'treasury'] });
  // What the council stopped has lost its deposit.
  expect(balances.map(({ posted }) => posted?.amount)).toEqual([`${3n * TAO}`, `${12n * TAO}`]);
  expect(await read.getGovernance({})).toMatchObject({
    terms: { depositRao: `${10n * TAO}`, votingBlocks: 5, thresholdPpm: 500_000 },
    treasuryRao: `${12n * TAO}`,
    stakedRao: `${100n * TAO}`,
    openGrants: 0,
  });
});

test('a grant is listed and claimed by whom it is for', async () => {
  const { governance: read } = served;
  await submit(desk, orderIs('transfer', { to: 'treasury', amountRao: (5n * TAO).toString() }));
  const grant = { to: builder.address, amountRao: '1000', cliffBlocks: 2, vestingBlocks: 10 };
  await propose({ case: 'grant', value: grant });
  await vote(desk, 'Yes');
  await served.produce(7);
  await expect(submit(builder, orderIs('claimGrant', { grant: 1n }))).rejects.toEqual(refusal('NOTHING_VESTED'));
  await served.produce(5);
  expect(await read.listGrants({ wallet: builder.address })).toMatchObject({
    grants: [{ id: 1n, ...grant, vestedRao: '500', claimedRao: '0' }],
  });
  expect(await read.listGrants({ wallet: desk.address })).toMatchObject({ grants: [] });
  await submit(builder, orderIs('claimGrant', { grant: 1n }));
  await served.produce(5);
  await submit(builder, orderIs('claimGrant', { grant: 1n }));
  expect(await read.listGrants({})).toMatchObject({ grants: [] });
  const { balances } = await served.neuron.getBalances({ accounts: [builder.address, 'grant:1'] });
  expect(balances.map(({ posted }) => posted?.amount)).toEqual(['1000', '0']);
  expect((await served.neuron.audit({})).findings).toEqual([]);
});

test('people read the same over HTTP', async () => {
  const fail = (error: unknown): void => {
    throw error;
  };
  const api = lazyHttpApi({ handlers: served.handlers, version: '1', onFailure: fail });
  await using http = await serveHttpLog({ port: 0, host: '127.0.0.1', tree: served.tree, onFailure: fail, api });
  const ask = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${http.port}/v1/${path}`);
    return { status: answer.status, json: await answer.json() };
  };
  await propose(spend);
  await vote(desk, 'Abstain');
  expect(await ask('governance')).toMatchObject({ status: 200, json: { terms: { votingBlocks: 5 }, block: '0' } });
  expect(await ask('proposals?state=Voting&pageSize=1')).toMatchObject({
    json: { proposals: [{ id: '1', abstainRao: `${100n * TAO}`, action: { spend: { to: builder.address } } }] },
  });
  expect(await ask('proposals/1')).toMatchObject({ json: { title: 'Pay the builder', state: 'Voting' } });
  expect(await ask(`proposals/1/votes/${desk.address}`)).toMatchObject({ json: { choice: 'Abstain' } });
  expect(await ask('proposals/2')).toMatchObject({ status: 404, json: { code: 'PROPOSAL_UNKNOWN' } });
  expect(await ask('grants')).toMatchObject({ json: { grants: [] } });
});

test('what is no order of governance is refused with what to change', async () => {
  for (const [action, reason] of [
    [{ case: 'spend', value: { to: 'somebody', amountRao: '1' } }, 'PROPOSAL_INVALID'],
    [{ case: 'spend', value: { to: builder.address, amountRao: '1.5' } }, 'PROPOSAL_INVALID'],
    [{ case: 'emission', value: { policy: { name: 'Lottery' }, fromBlock: 1n } }, 'PROPOSAL_INVALID'],
    [{ case: 'emission', value: { policy: { name: 'RootWeights' }, fromBlock: 1n } }, 'PROPOSAL_INVALID'],
    [{ case: 'policy', value: { netuid: 1 } }, 'PROPOSAL_INVALID'],
    [{ case: 'network', value: { governance: { council: { members: ['x'], required: 1 } } } }, 'PROPOSAL_INVALID'],
    [{ case: undefined }, 'PROPOSAL_INVALID'],
  ] as const) {
    await expect(propose(action)).rejects.toEqual(refusal(reason));
  }
  await expect(submit(desk, orderIs('delegateVote', { to: 'x' }))).rejects.toEqual(refusal('INVALID_ARGUMENT'));
});

test('without governance every call says so', async () => {
  await using plain = await serveLedger();
  await expect(plain.governance.getGovernance({})).rejects.toEqual(refusal('GOVERNANCE_OFF'));
  await expect(plain.governance.listProposals({})).rejects.toEqual(refusal('GOVERNANCE_OFF'));
});
