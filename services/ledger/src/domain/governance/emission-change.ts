import { canonicalText } from '../book/canonical-json.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { EmissionPolicy } from '../economy/genesis.ts';
import type { Ledger } from '../economy/ledger.ts';
import { withPolicy } from '../economy/put-subnet.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { openRootNetwork, ROOT_HANDLE, rootPolicy } from '../economy/root-network.ts';
import { COMMIT_REVEAL_TYPES } from '../economy/weights-terms.ts';
import { putGoverned } from './subnet-change.ts';

type RootWeights = Extract<EmissionPolicy, { readonly name: 'RootWeights' }>;

/** Below half of the stake a minority could agree with itself. */
const KAPPA_MIN_U16 = 32_767;
const U16_MAX = 65_535;
const BLOCKS_MAX = 1_000_000;

/** Whether the network can go over to an emission policy. */
export function checkEmission(ledger: Ledger, policy: EmissionPolicy): Decision<undefined> {
  if (canonicalText(policy) === canonicalText(ledger.network.genesis.emissionPolicy)) {
    return refuse('PROPOSAL_INVALID', `blocks are split by this policy, ${policy.name}, already`);
  }
  switch (policy.name) {
    case 'Equal':
      return accept(undefined);
    case 'Utility':
      if (policy.fromBlock !== undefined) {
        return refuse('PROPOSAL_INVALID', 'policy.fromBlock is of genesis: the proposal has a block of its own');
      }
      return within('policy.smoothingBlocks', policy.smoothingBlocks, 1, BLOCKS_MAX) ?? accept(undefined);
    case 'MovingPrice':
    case 'Flow':
      return checkPools(ledger, policy);
    case 'RootWeights':
      return checkRoot(ledger, policy);
  }
}

function checkPools(
  ledger: Ledger,
  policy: Extract<EmissionPolicy, { readonly name: 'MovingPrice' | 'Flow' }>,
): Decision<undefined> {
  if (ledger.network.genesis.subnetTokens === undefined) {
    return refuse(
      'PROPOSAL_INVALID',
      `${policy.name} goes by the pools of subnets' tokens, which this network has none of`,
    );
  }
  if (policy.fromBlock !== undefined) {
    return refuse('PROPOSAL_INVALID', 'policy.fromBlock is of genesis: the proposal has a block of its own');
  }
  const exponent = policy.name === 'Flow' ? policy.exponentPpm : undefined;
  return within('policy.exponentPpm', exponent, 1_000_000, 2_000_000) ?? accept(undefined);
}

function checkRoot(ledger: Ledger, policy: RootWeights): Decision<undefined> {
  const holder = ledger.handles.get(ROOT_HANDLE);
  if (holder !== undefined && holder !== ROOT_NETUID) {
    return refuse('HANDLE_TAKEN', `market ${holder} has the handle ${ROOT_HANDLE}, which the root network needs`);
  }
  const { commitReveal } = policy;
  if (commitReveal !== undefined && !COMMIT_REVEAL_TYPES.includes(commitReveal)) {
    return refuse('PROPOSAL_INVALID', `policy.commitReveal must be one of ${COMMIT_REVEAL_TYPES.join(', ')}`);
  }
  const cutoff = policy.activityCutoffBlocks;
  return (
    within('policy.tempo', policy.tempo, 10, 50_400) ??
    within('policy.kappaU16', policy.kappaU16, KAPPA_MIN_U16, U16_MAX) ??
    // Weights of an epoch would be too old before they count.
    within('policy.activityCutoffBlocks', cutoff, policy.tempo + 1, U16_MAX) ??
    within('policy.weightsRateLimitBlocks', policy.weightsRateLimitBlocks, 0, BLOCKS_MAX) ??
    accept(undefined)
  );
}

function within(name: string, value: number | undefined, low: number, high: number): Decision<never> | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= low && value <= high)) return undefined;
  return refuse('PROPOSAL_INVALID', `${name} must be ${low} to ${high}, not ${value}`);
}

/** Before a block is split: goes over to the policy whose block has come. */
export function switchEmission(ledger: Ledger): void {
  const { nextEmission: next, ...rest } = ledger.governance.record;
  if (next === undefined || ledger.block < next.fromBlock) return;
  ledger.governance.record = rest;
  const { block, journal } = ledger;
  const from = ledger.network.genesis.emissionPolicy.name;
  const switched = ledger.attempt(() => apply(ledger, next.proposal, next.policy));
  const { proposal, policy } = next;
  const payload = { block, from, to: policy.name, proposal, policy };
  if (switched.ok) journal.write({ block, kind: 'EmissionSwitched', payload });
  else journal.write({ block, kind: 'EmissionSwitchFailed', payload: { ...payload, reason: switched.message } });
}

function apply(ledger: Ledger, proposal: number, policy: EmissionPolicy): Decision<undefined> {
  const checked = checkEmission(ledger, policy); // another proposal may have come between
  if (!checked.ok) return checked;
  const { network } = ledger;
  ledger.network = { ...network, genesis: { ...network.genesis, emissionPolicy: policy } };
  // Fees that an earlier time burned bring nothing when use counts again.
  for (const [netuid] of ledger.use.entries()) ledger.use.remove(netuid);
  if (policy.name !== 'RootWeights') return accept(undefined);
  const root = ledger.subnet(ROOT_NETUID);
  if (root === undefined) {
    openRootNetwork(ledger, policy);
    return accept(undefined);
  }
  const versioned = withPolicy(ledger, root, rootPolicy(policy));
  if (!versioned.ok) return versioned;
  putGoverned(ledger, proposal, versioned.value.subnet);
  return accept(undefined);
}
