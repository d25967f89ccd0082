import { judgeAvailability } from '#domain/neuron/availability.ts';
import { desiredNeuron } from '#domain/neuron/desired.ts';
import { judgeEarning, judgeScoring } from '#domain/neuron/earning.ts';
import { fails, unknown, type Judgement } from '#domain/judgement.ts';
import type { NetworkView, NeuronView, SubnetView } from '#domain/market.ts';
import type { ModelFact, SubnetFact } from '#domain/neuron/facts.ts';
import { conditionOf, isManaged, type Neuron } from '#domain/neuron/neuron.ts';
import { neuronStatus } from '#domain/neuron/status.ts';
import { keyJobObjects } from '#domain/objects/key-job.ts';
import { labelSelectorText, selectorLabels } from '#domain/objects/labels.ts';
import { judgeEviction, type NoticeAnswer } from '#domain/life.ts';
import { judgeSlashes, type SlashNews } from '#domain/slashed.ts';
import type { Manifest } from '#domain/manifest.ts';
import type { SystemPeers } from '#domain/objects/network.ts';
import type { PodSettings } from '#domain/objects/workload.ts';
import { answerNotice } from './answer-notice.ts';
import { finishDeletion, keepFinalizer } from './deregister-neuron.ts';
import { type KeptWishes, keepWishes } from './keep-wishes.ts';
import { LedgerUnavailableError, type Outcome, type Ports } from './ports.ts';
import { causeOf, registerNeuron, type Registration } from './register-neuron.ts';
import { carriedOver, RECHECK_MS, report } from './report.ts';
import { resolveSubnet } from './resolve-subnet.ts';

/** What the installation decides about neurons. */
export interface NeuronSettings {
  readonly pods: PodSettings;
  readonly system: SystemPeers;
  readonly keyJobImage: string;
  readonly ledgerUrl: string;
  readonly scoringUrl: string;
  /** Read again at each pass: certificates and the gateway's key are renewed while we run. */
  readonly trust: () => { readonly caPem: string; readonly gatewayPublicKeys: readonly string[] };
}

/** Permit, commit and reveal each take an epoch at most, and the first one may be under way. */
const FIRST_WEIGHTS_EPOCHS = 4;

/** Reconciles one Miner or Validator: gather, register, desired objects, apply, prune, status. */
export function makeReconcileNeuron(
  ports: Ports,
  kind: Neuron['kind'],
  settings: NeuronSettings,
): (key: string, signal: AbortSignal) => Promise<Outcome> {
  return async (key, signal) => {
    const neuron = ports.cluster.neuron(kind, key);
    if (neuron === undefined) return { kind: 'done' }; // children go by their owner references
    if (neuron.metadata.deletionTimestamp !== undefined) return await finishDeletion(ports, neuron, signal);
    if (neuron.spec.suspend === true) {
      return await stopAt(ports, neuron, fails('Accepted', 'Suspended', 'spec.suspend is true'), signal);
    }
    await keepFinalizer(ports, neuron, signal);
    const subnet = resolveSubnet(ports.cluster, neuron);
    if (subnet.kind !== 'found') return await stopAt(ports, neuron, subnetTrouble(subnet), signal);
    ports.market.follow(subnet.netuid);
    try {
      return await pass({ ports, settings, neuron, subnet }, signal);
    } catch (error) {
      if (!(error instanceof LedgerUnavailableError)) throw error;
      return await outage(ports, neuron, error, signal);
    }
  };
}

function subnetTrouble(subnet: Exclude<SubnetFact, { kind: 'found' }>): Judgement {
  switch (subnet.kind) {
    case 'missing':
      return fails('Accepted', 'SubnetNotFound', subnet.message);
    case 'notAllowed':
      return fails('Accepted', 'NamespaceNotAllowed', subnet.message);
    case 'waiting':
      return unknown('Accepted', 'Progressing', subnet.message);
  }
}

/** Tells one judgement and leaves everything else of the status as it was. A watch brings the neuron back. */
async function stopAt(ports: Ports, neuron: Neuron, judgement: Judgement, signal: AbortSignal): Promise<Outcome> {
  await report(ports, neuron, { judgements: [judgement], fields: known(neuron) }, signal);
  return { kind: 'done' };
}

/** What was accepted stays accepted through an outage of the ledger; pods go on either way. */
async function outage(
  ports: Ports,
  neuron: Neuron,
  error: LedgerUnavailableError,
  signal: AbortSignal,
): Promise<Outcome> {
  if (conditionOf(neuron.status, 'Accepted')?.observedGeneration !== neuron.metadata.generation) {
    await stopAt(ports, neuron, unknown('Accepted', 'LedgerUnavailable', error.message), signal);
  }
  return { kind: 'error', error };
}

interface PassInput {
  readonly ports: Ports;
  readonly settings: NeuronSettings;
  readonly neuron: Neuron;
  readonly subnet: Extract<SubnetFact, { kind: 'found' }>;
}

async function pass(input: PassInput, signal: AbortSignal): Promise<Outcome> {
  const { ports, neuron, subnet } = input;
  const network = await ports.ledger.network(signal);
  const mandate = ports.cluster.mandate(neuron.metadata.namespace, neuron.spec.mandateRef.name);
  const registration = await registerNeuron(ports, { neuron, network, subnet, mandate }, signal);
  const model: ModelFact = ports.cluster.model(neuron.metadata.namespace, neuron.spec.serves ?? []);
  const { refusal, desired } = await applyDesired(input, { registration, network, model }, signal);
  const market = ports.market.view(subnet.netuid);
  const current = currentOf(registration, market);
  const asked = { neuron, netuid: subnet.netuid, current, mandate, network, cause: causeOf(ports, neuron) };
  const answer = await answerNotice(ports, asked, signal);
  const wishes = await keepWishes(ports, asked, signal);
  const { hotkey } = registration;
  const slashes = hotkey === undefined ? undefined : await ports.ledger.slashes(subnet.netuid, hotkey, signal);
  await tell(input, { registration, network, model, refusal, market, slashes, answer, wishes }, signal);
  // After the status: it holds the hotkey, and without it the key job that is pruned here would have to run again.
  await ports.cluster.prune(neuron.metadata.uid, desired, signal);
  const isOpen = registration.tryAgain || answer?.kind === 'refused' || wishes.refused !== undefined;
  return isOpen || refusal !== undefined ? { kind: 'requeue', afterMs: RECHECK_MS } : { kind: 'done' };
}

/** @returns every object that is to stay, and what the API server said to one that it refused */
async function applyDesired(
  input: PassInput,
  found: { registration: Registration; network: NetworkView; model: ModelFact },
  signal: AbortSignal,
): Promise<{ readonly desired: readonly Manifest[]; readonly refusal: string | undefined }> {
  const { ports } = input;
  const { registration } = found;
  const keyJob = keyJobManifests(input, registration);
  const workload = registration.neuron === undefined ? [] : workloadManifests(input, found, registration.neuron);
  // A model that is known to be wrong is not rolled out: what serves well goes on serving.
  const applied = found.model.kind === 'ok' ? workload : workload.slice(0, -1);
  let refusal: string | undefined;
  for (const manifest of [...keyJob, ...applied]) {
    const result = await ports.cluster.apply(manifest, signal);
    if (result.kind === 'refused') refusal ??= `${manifest.kind} ${manifest.metadata.name}: ${result.message}`;
  }
  return { desired: [...keyJob, ...workload], refusal };
}

function keyJobManifests(input: PassInput, registration: Registration): readonly Manifest[] {
  if (registration.keyJob === undefined) return [];
  const { neuron, settings } = input;
  const { terms, termsSha256, expiresAtBlock } = registration.keyJob;
  const { keyJobImage: image, pods } = settings;
  return keyJobObjects({ neuron, image, pullPolicy: pods.pullPolicy, terms, termsSha256, expiresAtBlock });
}

function workloadManifests(
  input: PassInput,
  found: { network: NetworkView },
  registered: NeuronView,
): readonly Manifest[] {
  const { ports, neuron, settings, subnet } = input;
  if (!isManaged(neuron)) return [];
  const { caPem, gatewayPublicKeys } = settings.trust();
  return desiredNeuron({
    neuron,
    template: subnet.template,
    settings: settings.pods,
    system: settings.system,
    digest: ports.digest,
    configuration: {
      networkId: found.network.networkId,
      registrationId: registered.registrationId,
      netuid: subnet.netuid,
      ledgerUrl: settings.ledgerUrl,
      scoringUrl: settings.scoringUrl,
      gatewayPublicKeys,
      caPem,
    },
  });
}

async function tell(
  input: PassInput,
  found: {
    registration: Registration;
    network: NetworkView;
    model: ModelFact;
    refusal: string | undefined;
    market: SubnetView | undefined;
    answer: NoticeAnswer | undefined;
    wishes: KeptWishes;
    slashes: SlashNews | undefined;
  },
  signal: AbortSignal,
): Promise<void> {
  const { ports } = input;
  const { registration, network, model, refusal, market, slashes, answer, wishes } = found;
  // Applying wrote to the store; the status is of what is there now.
  const { namespace, name } = input.neuron.metadata;
  const neuron = ports.cluster.neuron(input.neuron.kind, `${namespace}/${name}`) ?? input.neuron;
  const pods = ports.cluster.pods(neuron);
  const current = currentOf(registration, market);
  const slashed = slashes === undefined ? undefined : judgeSlashes(slashes, network.displaySymbol);
  const judgements = [
    wishes.refused ?? registration.accepted,
    registration.registered,
    ...evictionJudgements(neuron, current, { symbol: network.displaySymbol, answer }),
    ...(slashed === undefined ? [] : [slashed]),
    ...(current === undefined ? [] : [judgeAvailability({ neuron, pods, model, endpoint: current.endpoint, refusal })]),
    ...marketJudgements(neuron, market, current),
  ];
  const selector = labelSelectorText(selectorLabels(neuron));
  const { hotkey } = registration;
  const news = neuronStatus({ neuron, network, market, registration: current, hotkey, pods, selector });
  const { autoStake: _auto, children: _children, childTakeU16: _take, ...old } = known(neuron);
  const fields = { ...(market === undefined ? old : {}), ...news, ...wishes.fields };
  await report(ports, neuron, { judgements, fields }, signal);
}

/** As it was heard of last; a registration of this pass may not have been heard of yet. */
function currentOf(registration: Registration, market: SubnetView | undefined): NeuronView | undefined {
  const heard = registration.hotkey === undefined ? undefined : market?.neurons.get(registration.hotkey);
  return registration.neuron === undefined ? undefined : (heard ?? registration.neuron);
}

/** That a notice was answered stays told until there is another one, or no neuron any more. */
function evictionJudgements(
  neuron: Neuron,
  current: NeuronView | undefined,
  { symbol, answer }: { readonly symbol: string; readonly answer: NoticeAnswer | undefined },
): readonly Judgement[] {
  const eviction = judgeEviction(current, symbol, answer);
  if (eviction !== undefined) return [eviction];
  const isMatched = conditionOf(neuron.status, 'EvictionAnnounced')?.reason === 'EvictionMatched';
  return isMatched && current !== undefined ? carriedOver(neuron, ['EvictionAnnounced']) : [];
}

function marketJudgements(
  neuron: Neuron,
  market: SubnetView | undefined,
  current: NeuronView | undefined,
): readonly Judgement[] {
  const type = neuron.kind === 'Miner' ? 'Earning' : 'Scoring';
  const carried = market === undefined ? carriedOver(neuron, [type]) : [];
  if (carried.length > 0) return carried;
  const paid = market?.paid;
  const own = current === undefined ? undefined : paid?.neurons.get(current.registrationId);
  if (neuron.kind === 'Miner') return [judgeEarning(neuron.metadata.name, paid, own)];
  const graceBlock = (current?.registeredAtBlock ?? 0) + FIRST_WEIGHTS_EPOCHS * (market?.tempo ?? 0);
  const commitReveal = market?.policy.active?.commitReveal ?? 'Salted';
  return [judgeScoring({ paid, commitReveal, graceBlock }, own)];
}

/** Everything that the status said before, for passes that have no news of the market yet. */
function known(neuron: Neuron): Record<string, unknown> {
  const { conditions: _conditions, observedGeneration: _generation, ...fields } = neuron.status;
  return fields;
}
