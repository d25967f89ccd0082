import { z } from 'zod';
import { listMap } from './field.ts';

/** Types of condition that our resources carry. `Reconciling` and `Stalled` are what kstatus reads. */
export const CONDITION_TYPES = [
  'Accepted',
  'Registered',
  'Available',
  'Ready',
  'Earning',
  'Scoring',
  'EpochPaid',
  'IncentiveFunction',
  'Serving',
  'Healthy',
  'EvictionAnnounced',
  'Dissolving',
  'Slashed',
  'Reconciling',
  'Stalled',
] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number];

/**
 * The closed list of reasons, shared by conditions, events and metric labels.
 * Each value says what a person should do or expect; docs/runbooks/reasons.md has a heading for each key.
 */
export const REASONS = {
  // Accepted
  MandateHolds: 'The ledger took the spec under the mandate.',
  NoMandate: 'The named mandate is missing or does not allow this; make and apply one.',
  MandateExhausted: 'The mandate allows no further spending; sign a new one.',
  PolicyRefused: 'The ledger refused the policy; the message names the value.',
  HandleTaken: 'Another subnet has this handle; choose another.',
  AlreadyManaged: 'Another cluster or object manages this subnet or registration.',
  SubnetNotFound: 'The referenced subnet does not exist; it is looked for again when subnets change.',
  NamespaceNotAllowed: 'The subnet does not admit neurons of this namespace; see its allowedNamespaces.',
  LedgerUnavailable: 'The ledger does not answer; the operator tries again by itself.',
  ScoringUnavailable: 'Scoring does not answer; the operator tries again by itself.',
  FunctionMissing: 'Neither scoring nor the named ConfigMap has the incentive function.',
  FunctionHashMismatch: 'The module in the ConfigMap does not have the declared sha256.',
  FunctionRefused: 'Scoring refused the incentive function; the message carries the code.',
  Suspended: 'spec.suspend is set: reconciling rests.',
  // Registered
  Registered: 'The ledger has the registration.',
  Adopted: 'The subnet or registration existed and is managed from here now.',
  WaitingForKey: 'The key job has not reported a hotkey yet.',
  KeyJobFailed: 'The key job failed; the message carries its last words.',
  PayerOutOfFunds: 'The paying account cannot cover the cost; fund it.',
  CostAboveMax:
    'A registration costs more than spec.registration.maxCost, or a subnet more than spec.creation.maxCost.',
  SubnetFull: 'Every uid is taken by an immune neuron; it is tried again.',
  RegistrationClosed: 'The subnet takes no registrations at present.',
  ApprovalNeeded: 'The subnet’s owner approves or pays who registers, and has not done so.',
  NameTaken: 'The hotkey is registered by another owner.',
  RegistrationRefused: 'The ledger refused the registration; the message says why.',
  StakeRefused: 'The ledger refused the initial stake; the message says why.',
  Evicted: 'The neuron lost its uid.',
  NotRegistered: 'There is no registration yet.',
  WaitingForPlace: 'Subnet or network is full: it is paid, and waits until who goes for it has had its notice.',
  // Available
  EndpointHealthy: 'Replicas answer and the endpoint is announced.',
  PodsStarting: 'Pods are on their way to Ready.',
  PodsFailing: 'Pods do not start; the message carries their last words.',
  PodsRefused: 'The API server refused an object of this neuron; the message says why.',
  ModelHashMismatch: 'The model file does not have the declared sha256.',
  ModelMissing: 'The model file or its ConfigMap key does not exist.',
  EndpointNotAnnounced: 'The neuron has not announced an endpoint to the ledger.',
  External: 'The neuron runs elsewhere and announces itself.',
  ScaledToZero: 'spec.replicas is 0.',
  // Ready
  Ready: 'Accepted, registered and available.',
  // Earning
  Earning: 'The last epoch paid this miner.',
  NotJudgedYet: 'No epoch has judged this neuron yet.',
  AnswersInvalid: 'Validators refused answers of this miner; the message names the fault.',
  CopyDetected: 'Answers repeat those of another miner.',
  OutscoredByOthers: 'Others forecast better: the last epoch gave this miner no incentive.',
  BelowQualityFloor: "It is below the subnet's quality floor: what it would earn goes to the others.",
  // Scoring
  Scoring: 'Weights are committed and revealed in time.',
  NoPermit: 'The validator holds no permit: its stake is below that of others.',
  NoWeights: 'No weights of this validator counted in the last epoch.',
  WeightsClipped: 'Its weights counted, but the consensus clipped some of them.',
  Abstains: "The policy's firewall did not count its weights; the message says why.",
  DividendsReduced: 'Its weights count, but it keeps deviating from the consensus and loses dividends.',
  // EpochPaid
  Paid: 'The last epoch was paid.',
  EpochOverdue: 'A payment is outstanding for more than half a tempo.',
  WaitingForFirstEpoch: 'The first epoch has not ended yet.',
  EmissionHeld: 'spec.emission is Held: nothing is minted for this subnet.',
  // IncentiveFunction
  FunctionDecides: 'The last epoch was divided by the incentive function.',
  FunctionFellBack: 'The last epoch was paid without the incentive function; the message says why.',
  // Serving, Healthy
  Serving: 'The models are on offer and a miner has announced an endpoint.',
  NoMinerServes: 'No miner of the subnet has announced an endpoint.',
  Healthy: 'Validators report and miners answer.',
  Unhealthy: 'Validators or miners are silent; the parts of status.health say who.',
  // EvictionAnnounced, Dissolving
  EvictionAnnounced: 'A newcomer has paid for the place of this neuron; the message says until when it can stay.',
  DissolutionAnnounced: 'The owner has announced the end of this subnet.',
  Settling: 'The subnet has ended and pays everybody out.',
  Dissolved: 'The subnet has ended: nothing of it is left.',
  // Slashed
  SlashOpen: 'A slash of this neuron is open; the message says until when its owner can dispute it.',
  StakeSlashed: 'Stake of this neuron was taken; the message says what for.',
  // kstatus
  Progressing: 'The operator is working on the spec.',
} as const;
export type Reason = keyof typeof REASONS;

/** Every reason, for tests, documentation and the label values that start at zero. */
export const ALL_REASONS = Object.keys(REASONS) as readonly Reason[];

/** True when `value` is a reason of the closed list. */
export function isReason(value: string): value is Reason {
  return Object.hasOwn(REASONS, value);
}

const conditionSchema = z
  .object({
    type: z
      .string()
      .min(1)
      .max(316)
      .regex(/^[A-Za-z]([A-Za-z0-9]*)$/)
      .meta({ description: 'What the condition is about.' }),
    status: z.enum(['True', 'False', 'Unknown']).meta({ description: 'Whether it holds.' }),
    observedGeneration: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER - 1)
      .optional()
      .meta({ description: 'Generation of the spec that was judged.', format: 'int64' }),
    lastTransitionTime: z.string().max(32).meta({ description: 'When the status last changed.', format: 'date-time' }),
    reason: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[A-Za-z]([A-Za-z0-9]*)$/)
      .meta({
        description: 'One word from the closed list of reasons; docs/runbooks/reasons.md says what to do about each.',
      }),
    message: z.string().max(32_768).meta({ description: 'What is so and what to do about it.' }),
  })
  .meta({ description: 'One statement about the resource.' });

/** `status.conditions` of every kind. */
export const conditionsSchema = listMap(conditionSchema, {
  key: 'type',
  max: 16,
  description: 'What holds and what does not, with reasons.',
});
