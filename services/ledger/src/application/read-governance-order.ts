import { toJson } from '@bufbuild/protobuf';
import type {
  EmissionChange,
  HyperparameterChanges,
  ProposalAction as WireAction,
  ProposeOrder,
  Simulation as WireSimulation,
} from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import type { WalletOrder as WireOrder } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { PolicySchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { accept, type Decision, refuse } from '#domain/book/refusal.ts';
import type { EmissionPolicy } from '#domain/economy/genesis.ts';
import { isCreditable } from '#domain/economy/money-orders.ts';
import type { PolicyDraft } from '#domain/economy/policy.ts';
import { COMMIT_REVEAL_TYPES } from '#domain/economy/weights-terms.ts';
import type { GovernanceOrder } from '#domain/governance/governance-order.ts';
import type { Choice, ProposalAction, Simulation } from '#domain/governance/proposal.ts';
import { given, raoOf, readNetworkChanges } from './read-network-changes.ts';
import { isWallet } from './read-signed.ts';

export type GovernanceCase = Extract<
  WireOrder['order'],
  { readonly case: 'propose' | 'vote' | 'delegateVote' | 'veto' | 'claimGrant' }
>;

const CASES: readonly (string | undefined)[] = [
  'propose',
  'vote',
  'delegateVote',
  'veto',
  'claimGrant',
] satisfies GovernanceCase['case'][];

export function isGovernanceCase(order: WireOrder['order']): order is GovernanceCase {
  return CASES.includes(order.case);
}

const CHOICES: readonly string[] = ['Yes', 'No', 'Abstain'] satisfies Choice[];

/** What a wallet asks of governance, off the wire. What needs the state to be judged is the domain's. */
export function readGovernanceOrder(order: GovernanceCase): Decision<GovernanceOrder> {
  switch (order.case) {
    case 'propose':
      return readProposal(order.value);
    case 'vote': {
      const { choice } = order.value;
      if (!isChoice(choice)) return refuse('INVALID_ARGUMENT', `choice must be ${CHOICES.join(', ')}, not "${choice}"`);
      return accept({ type: 'Vote', proposal: idOf(order.value.proposal), choice });
    }
    case 'delegateVote': {
      const { to } = order.value;
      if (to !== '' && !isWallet(to)) return refuse('INVALID_ARGUMENT', 'to must be an SS58 address with prefix 42');
      return accept({ type: 'DelegateVote', to: to === '' ? undefined : to });
    }
    case 'veto':
      return accept({ type: 'Veto', proposal: idOf(order.value.proposal) });
    case 'claimGrant':
      return accept({ type: 'ClaimGrant', grant: idOf(order.value.grant) });
  }
}

function isChoice(text: string): text is Choice {
  return CHOICES.includes(text);
}

/** Ids are small; one that is none is unknown to the ledger, and that is what it says. */
function idOf(id: bigint): number {
  return id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : 0;
}

function readProposal({ title, description, action, simulation }: ProposeOrder): Decision<GovernanceOrder> {
  const read = action === undefined ? empty() : readAction(action);
  if (!read.ok) return read;
  const attached = simulation === undefined ? {} : { simulation: readSimulation(simulation) };
  return accept({ type: 'Propose', title, description, action: read.value, ...attached });
}

function readSimulation({ netuid, firstEpoch, lastEpoch, sha256, summary }: WireSimulation): Simulation {
  const [first, last] = [idOf(firstEpoch), idOf(lastEpoch)];
  return { netuid, firstEpoch: first, lastEpoch: last, sha256: Buffer.from(sha256).toString('hex'), summary };
}

function readAction({ action }: WireAction): Decision<ProposalAction> {
  switch (action.case) {
    case 'network': {
      const changes = readNetworkChanges(action.value);
      return changes.ok ? accept({ type: 'Network', changes: changes.value }) : changes;
    }
    case 'emission':
      return readEmission(action.value);
    case 'hyperparameters':
      return accept({ type: 'Hyperparameters', netuid: action.value.netuid, changes: changesOf(action.value) });
    case 'policy': {
      const { netuid, policy } = action.value;
      if (policy === undefined) return refuse('PROPOSAL_INVALID', 'policy is missing');
      // PolicyDraft is the protobuf JSON of this very message; resolvePolicy checks every value.
      const draft = toJson(PolicySchema, policy, { alwaysEmitImplicit: true }) as unknown as PolicyDraft;
      return accept({ type: 'Policy', netuid, policy: draft });
    }
    case 'spend': {
      const amount = raoOf('amount_rao', action.value.amountRao);
      if (!amount.ok) return amount;
      const { to } = action.value;
      return isCreditable(to, isWallet)
        ? accept({ type: 'Spend', to, amount: amount.value })
        : refuse('PROPOSAL_INVALID', 'to must be an SS58 address with prefix 42 or a billing account');
    }
    case 'grant': {
      const { to, cliffBlocks, vestingBlocks } = action.value;
      const amount = raoOf('amount_rao', action.value.amountRao);
      if (!amount.ok) return amount;
      return isWallet(to)
        ? accept({ type: 'Grant', to, amount: amount.value, cliffBlocks, vestingBlocks })
        : refuse('PROPOSAL_INVALID', 'to must be an SS58 address with prefix 42');
    }
    case 'revokeGrant':
      return accept({ type: 'RevokeGrant', grant: idOf(action.value.grant) });
    case 'settleDispute': {
      const { coldkey } = action.value;
      return isWallet(coldkey)
        ? accept({ type: 'SettleDispute', coldkey })
        : refuse('PROPOSAL_INVALID', 'coldkey must be an SS58 address with prefix 42');
    }
    case undefined:
      return empty();
  }
}

function empty(): Decision<never> {
  return refuse('PROPOSAL_INVALID', 'the proposal does nothing: name one action');
}

function readEmission({ policy, fromBlock }: EmissionChange): Decision<ProposalAction> {
  if (policy === undefined) return refuse('PROPOSAL_INVALID', 'policy is missing');
  const read = readPolicyOf(policy);
  return read.ok ? accept({ type: 'Emission', policy: read.value, fromBlock: idOf(fromBlock) }) : read;
}

function readPolicyOf(wire: NonNullable<EmissionChange['policy']>): Decision<EmissionPolicy> {
  const { name, tempo, kappaU16, activityCutoffBlocks, weightsRateLimitBlocks, smoothingBlocks, exponentPpm, net } =
    wire;
  switch (name) {
    case 'Equal':
      return accept({ name, version: 1 });
    case 'Utility':
      return accept({ name, version: 1, ...given({ smoothingBlocks }) });
    case 'RootWeights': {
      if (tempo === undefined) return refuse('PROPOSAL_INVALID', 'policy.tempo is missing');
      const commitReveal = COMMIT_REVEAL_TYPES.find((type) => type === wire.commitReveal);
      if (wire.commitReveal !== undefined && commitReveal === undefined) {
        return refuse('PROPOSAL_INVALID', `policy.commit_reveal must be one of ${COMMIT_REVEAL_TYPES.join(', ')}`);
      }
      const own = given({ kappaU16, activityCutoffBlocks, weightsRateLimitBlocks });
      return accept({ name, version: 1, tempo, ...own, ...(commitReveal === undefined ? {} : { commitReveal }) });
    }
    case 'MovingPrice':
      return accept({ name, version: 1 });
    case 'Flow':
      return accept({ name, version: 1, ...given({ exponentPpm }), ...(net === undefined ? {} : { net }) });
    default:
      return refuse(
        'PROPOSAL_INVALID',
        `policy.name must be Equal, RootWeights, Utility, MovingPrice or Flow, not "${name}"`,
      );
  }
}

function changesOf(wire: HyperparameterChanges) {
  const { kappaU16, maxValidators, weightsRateLimitBlocks, stakeThresholdRao } = wire;
  const numbers = given({ kappaU16, maxValidators, weightsRateLimitBlocks });
  return { ...numbers, ...(stakeThresholdRao === undefined ? {} : { stakeThresholdRao }) };
}
