import { raoFromTokenText, tokenTextFromRao } from '@subnetes/money/amount';
import { fails, holds, unknown, type Judgement } from '#domain/judgement.ts';
import type { NetworkView, NeuronView } from '#domain/market.ts';
import type { MandateFact, SubnetFact } from '#domain/neuron/facts.ts';
import { conditionOf, isManaged, type Neuron } from '#domain/neuron/neuron.ts';
import { meaningOf, needsNewBinding, refusalMessage, type LedgerRefusal } from '#domain/neuron/refusal.ts';
import { BINDING_BLOCKS, keyJobName, type KeyJobTerms } from '#domain/objects/key-job.ts';
import { mandateMessage, missingMandate } from './mandate-words.ts';
import type { Cause, NeuronRegistered, Ports, RegistrationRecord, RegistrationWaits } from './ports.ts';

/** A key job that has to exist (or go on existing) for the registration to happen. */
export interface WantedKeyJob {
  readonly name: string;
  readonly terms: KeyJobTerms;
  readonly termsSha256: string;
  readonly expiresAtBlock: number;
}

/** How far the registration came in this pass. */
export interface Registration {
  readonly accepted: Judgement;
  readonly registered: Judgement;
  readonly hotkey: string | undefined;
  /** The neuron at the ledger, once it is there. */
  readonly neuron: NeuronView | undefined;
  readonly keyJob: WantedKeyJob | undefined;
  /** True when only time or a change outside the cluster brings it on. */
  readonly tryAgain: boolean;
}

export interface RegistrationInput {
  readonly neuron: Neuron;
  readonly network: NetworkView;
  readonly subnet: Extract<SubnetFact, { kind: 'found' }>;
  readonly mandate: MandateFact;
}

/** Higher than anything can cost: the mandate is the limit then. */
const ANY_COST_RAO = 21_000_000n * 1_000_000_000n;

const FALLBACK = { condition: 'Registered', reason: 'RegistrationRefused', advice: '' } as const;

/**
 * Brings a neuron to its registration by one step a pass: key, binding, `Register`, stake. Every step
 * is safe to repeat: the key job reuses the Secret, the ledger knows the terms of a registration.
 */
export async function registerNeuron(
  ports: Ports,
  input: RegistrationInput,
  signal: AbortSignal,
): Promise<Registration> {
  const { neuron, subnet, mandate, network } = input;
  const hotkey = neuron.spec.hotkey ?? neuron.status.hotkey;
  const found = hotkey === undefined ? undefined : await findNeuron(ports, subnet.netuid, hotkey, signal);
  const active = found?.active;
  const before = conditionOf(neuron.status, 'Accepted');
  const accepted =
    mandate.kind === 'missing'
      ? missingMandate(mandate)
      : holds(
          'Accepted',
          'MandateHolds',
          mandateMessage(mandate.name, { use: undefined, asset: network.displaySymbol, before }),
        );
  const base = { accepted, hotkey, neuron: active, keyJob: undefined, tryAgain: false };

  if (active !== undefined && (isKnown(neuron, active) || !isManaged(neuron))) {
    return { ...base, registered: registeredAs(active) };
  }
  if (found?.record?.waits !== undefined) {
    return { ...base, registered: waitingFor(found.record.waits), tryAgain: true };
  }
  if (found?.record !== undefined && neuron.status.registrationId !== undefined && !mayRetry(neuron, found.record)) {
    return { ...base, registered: evicted(neuron, found.record, network.displaySymbol) };
  }
  if (!isManaged(neuron)) {
    const message = `${hotkey ?? 'the hotkey'} is not registered on ${subnet.label}: register it with \`subnetes miner register\``;
    return { ...base, registered: fails('Registered', 'NotRegistered', message), tryAgain: true };
  }
  if (mandate.kind === 'missing') {
    return { ...base, registered: fails('Registered', 'NotRegistered', 'waits for a mandate') };
  }
  return await bindAndRegister(ports, { ...input, mandate, base }, signal);
}

/** From what was heard of the market, else by asking: a view may lag behind what was just registered. */
async function findNeuron(
  ports: Ports,
  netuid: number,
  hotkey: string,
  signal: AbortSignal,
): Promise<{ readonly active: NeuronView | undefined; readonly record: RegistrationRecord | undefined }> {
  const seen = ports.market.view(netuid)?.neurons.get(hotkey);
  if (seen !== undefined) return { active: seen, record: undefined };
  const record = await ports.ledger.registration(netuid, hotkey, signal);
  return { active: record.active, record };
}

/** Whether this is the registration that the object has: as its status says, or the one that it waited for. */
function isKnown(neuron: Neuron, active: NeuronView): boolean {
  if (active.registrationId === neuron.status.registrationId) return true;
  const waited = conditionOf(neuron.status, 'Registered')?.reason === 'WaitingForPlace';
  return waited && active.managedByUid === neuron.metadata.uid;
}

function waitingFor({ dueBlock, costRao }: Pick<RegistrationWaits, 'dueBlock' | 'costRao'>): Judgement {
  const message = `paid ${tokenTextFromRao(costRao)}; the subnet is full, and who goes for it has its notice until block ${dueBlock}`;
  return unknown('Registered', 'WaitingForPlace', message);
}

function registeredAs(neuron: NeuronView): Judgement {
  const { uid, registeredAtBlock, immuneUntilBlock } = neuron;
  const message = `uid ${uid} since block ${registeredAtBlock}, immune until block ${immuneUntilBlock}`;
  return holds('Registered', 'Registered', message);
}

/** Registrations are counted by the ledger, so that an object that is made anew begins no new count. */
function mayRetry({ spec }: Neuron, { ended, endReason }: RegistrationRecord): boolean {
  const { onEviction, maxAttempts = 0 } = spec.registration ?? {};
  return onEviction === 'Retry' && endReason === 'Pruned' && ended < maxAttempts;
}

function evicted(neuron: Neuron, record: RegistrationRecord, symbol: string): Judgement {
  const why = record.endReason === '' ? 'the ledger has it no more' : record.endReason;
  const { onEviction, maxAttempts } = neuron.spec.registration ?? {};
  if (record.endReason === 'Dissolved') {
    return fails('Registered', 'Dissolved', 'the subnet has ended: its stake went back to the coldkey');
  }
  const spent = record.spentRao === undefined ? '' : ` for ${tokenTextFromRao(record.spentRao)} ${symbol} together`;
  const used = `registered ${record.ended} times${spent}`;
  const again =
    onEviction === 'Retry' && record.endReason === 'Pruned'
      ? `${used}, spec.registration.maxAttempts is ${maxAttempts}: raise it to register again`
      : `delete this ${neuron.kind} and make it anew to register again`;
  return fails('Registered', 'Evicted', `the registration ended (${why}): ${again}`);
}

type Base = Omit<Registration, 'registered'>;
type BindInput = RegistrationInput & { mandate: Extract<MandateFact, { kind: 'found' }>; base: Base };

async function bindAndRegister(ports: Ports, input: BindInput, signal: AbortSignal): Promise<Registration> {
  const { neuron, network, subnet, mandate, base } = input;
  const ended =
    base.hotkey === undefined ? 0 : (await ports.ledger.registration(subnet.netuid, base.hotkey, signal)).ended;
  const terms = { networkId: network.networkId, owner: mandate.owner, sequence: ended + 1 };
  const termsSha256 = ports.digest(terms);
  const block = Math.max(network.block, ports.market.view(subnet.netuid)?.block ?? 0);
  const keyJob = { name: keyJobName(neuron, termsSha256), terms, termsSha256, expiresAtBlock: block + BINDING_BLOCKS };
  const key = ports.cluster.key(neuron, keyJob.name);
  if (key.kind === 'waiting') {
    const registered = unknown('Registered', 'WaitingForKey', 'the key job makes the hotkey and signs its binding');
    return { ...base, registered, keyJob };
  }
  if (key.kind === 'failed') {
    return { ...base, registered: fails('Registered', 'KeyJobFailed', key.message), keyJob };
  }
  // The key may be older than this object (its Secret is kept): how often it was registered is known only now.
  const record = await ports.ledger.registration(subnet.netuid, key.hotkey, signal);
  const attempt = record.ended + 1;
  const found = { ...base, hotkey: key.hotkey, keyJob };
  const result = await ports.ledger.register(
    {
      netuid: subnet.netuid,
      binding: key.binding,
      mandate: mandate.envelope,
      maxCostRao: rao(neuron.spec.registration?.maxCost) ?? ANY_COST_RAO,
      initialStakeRao: rao(neuron.spec.stake?.initial) ?? 0n,
      attempt,
      invitation: invitationOf(neuron),
      cause: causeOf(ports, neuron),
    },
    signal,
  );
  if (result.kind === 'refused') return refused(input, found, result);
  if (result.kind === 'waits') {
    const told = { use: result.mandate, asset: network.displaySymbol, before: undefined };
    const accepted = holds('Accepted', 'MandateHolds', mandateMessage(mandate.name, told));
    return { ...found, accepted, registered: waitingFor(result), keyJob: undefined, tryAgain: true };
  }
  return await finish(ports, { ...input, found, result }, signal);
}

function invitationOf({ spec }: Neuron): Uint8Array | undefined {
  const text = spec.registration?.invitation;
  return text === undefined ? undefined : new Uint8Array(Buffer.from(text, 'base64'));
}

function rao(text: string | undefined): bigint | undefined {
  const parsed = text === undefined ? undefined : raoFromTokenText(text);
  return parsed?.ok === true ? parsed.value : undefined;
}

export function causeOf(ports: Ports, neuron: Neuron): Cause {
  const { name, namespace, uid, generation } = neuron.metadata;
  return { cluster: ports.cluster.clusterId, kind: neuron.kind, namespace, name, objectUid: uid, generation };
}

function refused(input: BindInput, found: Base, refusal: LedgerRefusal): Registration {
  const meaning = meaningOf(refusal, FALLBACK);
  const failed = fails(meaning.condition, meaning.reason, refusalMessage(refusal, meaning));
  // Without its job the binding goes, and the next pass has a new one signed.
  const keyJob = needsNewBinding(refusal) ? undefined : found.keyJob;
  const waits = fails('Registered', 'NotRegistered', `not registered on ${input.subnet.label} yet`);
  return failed.type === 'Accepted'
    ? { ...found, accepted: failed, registered: waits, keyJob, tryAgain: true }
    : { ...found, registered: failed, keyJob, tryAgain: true };
}

/** A registration that was there before may lack the stake that the spec asks for. */
async function finish(
  ports: Ports,
  input: BindInput & { found: Base; result: NeuronRegistered },
  signal: AbortSignal,
): Promise<Registration> {
  const { neuron, network, mandate, found, result, subnet } = input;
  const told = { use: result.mandate, asset: network.displaySymbol, before: undefined };
  const accepted = holds('Accepted', 'MandateHolds', mandateMessage(mandate.name, told));
  const registered = registeredAs(result.neuron);
  const targetRao = rao(neuron.spec.stake?.initial) ?? 0n;
  const done = { ...found, accepted, registered, neuron: result.neuron, keyJob: undefined };
  if (!result.already) {
    const note = `registered on netuid ${subnet.netuid} as uid ${result.neuron.uid} for ${tokenTextFromRao(result.costRao)} ${network.displaySymbol}`;
    ports.cluster.record(neuron, { type: 'Normal', reason: 'Registered', note });
    return done;
  }
  const taken = `took over uid ${result.neuron.uid} on netuid ${subnet.netuid}`;
  if (result.neuron.stakeRao >= targetRao) {
    ports.cluster.record(neuron, { type: 'Normal', reason: 'Adopted', note: taken });
    return done;
  }
  const staked = await ports.ledger.addStake(
    {
      netuid: subnet.netuid,
      hotkey: result.neuron.hotkey,
      targetRao,
      mandate: mandate.envelope,
      cause: causeOf(ports, neuron),
    },
    signal,
  );
  if (staked.kind === 'staked') return done;
  const meaning = meaningOf(staked, { condition: 'Accepted', reason: 'StakeRefused', advice: '' });
  // Kept with its key job and without a registration id in the status, so that the stake is tried again.
  return {
    ...done,
    accepted: fails('Accepted', meaning.reason, refusalMessage(staked, meaning)),
    neuron: undefined,
    keyJob: found.keyJob,
    tryAgain: true,
  };
}
