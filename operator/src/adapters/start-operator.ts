import { createApplier } from '@subnetes/kube/apply';
import { hashOf } from '@subnetes/kube/canonical';
import { startController, type Reconcile } from '@subnetes/kube/controller';
import { createEventRecorder } from '@subnetes/kube/events';
import { createInformers } from '@subnetes/kube/informers';
import type { KubeLog, KubeMetrics } from '@subnetes/kube/metrics';
import { NAMESPACES, objectPath, type KubeObject } from '@subnetes/kube/resource';
import { createStatusWriter } from '@subnetes/kube/status';
import type { Transport } from '@subnetes/kube/transport';
import { WorkQueue } from '@subnetes/kube/work-queue';
import type { ClusterPort, LedgerPort, MarketPort, Ports, ScoringPort } from '#application/ports.ts';
import { makeReconcileNetwork } from '#application/reconcile-network.ts';
import { makeReconcileNeuron, type NeuronSettings } from '#application/reconcile-neuron.ts';
import { makeReconcileProposals, type ProposalObjects, type ProposalsPort } from '#application/reconcile-proposals.ts';
import { makeReconcileSubnet } from '#application/reconcile-subnet.ts';
import { followCluster, type ClusterInformers } from './cluster-informers.ts';
import { FIELD_MANAGER, NETWORK_NAME, openCluster } from './cluster.ts';
import { proposalObjects } from './proposal-objects.ts';
import { marketChanged, PROPOSALS_KEY, wireTriggers, type Queues } from './triggers.ts';

export interface OperatorOptions {
  readonly transport: Transport;
  readonly ledger: LedgerPort;
  readonly scoring: ScoringPort;
  readonly proposals: ProposalsPort;
  /** Opens the market's news; `onChange` is told the netuid. */
  readonly openMarket: (onChange: (netuid: number) => void) => MarketPort & AsyncDisposable;
  readonly settings: NeuronSettings;
  readonly metrics: KubeMetrics;
  readonly log: KubeLog;
  /** Name of this process in events. */
  readonly instance: string;
  readonly nowMs: () => number;
  readonly random: () => number;
}

export interface Operator extends AsyncDisposable {
  readonly clusterId: string;
  readonly informers: ClusterInformers;
  /** What is not followed at present, by kind. */
  troubles(): Readonly<Record<string, string>>;
}

const RECONCILE_TIMEOUT_MS = 60_000;
const WORKERS = { subnet: 2, miner: 4, validator: 2, network: 1, proposal: 1 } as const;

/** Starts watches, queues and workers; resolves when the caches are filled. */
export async function startOperator(options: OperatorOptions, signal: AbortSignal): Promise<Operator> {
  await using teardown = new AsyncDisposableStack();
  const { transport, metrics, log, nowMs, random } = options;
  const { body } = await transport.request({
    method: 'GET',
    path: objectPath(NAMESPACES, { name: 'kube-system' }),
    signal,
  });
  const clusterId = (body as KubeObject).metadata.uid ?? '';
  const informers = teardown.use(createInformers({ transport, metrics, log, random, nowMs }));
  const followed = followCluster(informers);
  const { queues, add } = makeQueues(options);
  wireTriggers(followed, add);
  const market = teardown.use(options.openMarket((netuid) => marketChanged(followed, add, netuid)));
  const cluster = makeCluster(options, { informers: followed, clusterId });
  const now = (): Date => new Date(nowMs());
  const { ledger, scoring } = options;
  const ports: Ports = { ledger, scoring, market, cluster, now, digest: hashOf };
  // Workers begin when the caches are full: a pass on half a cache would make what is already there.
  await informers.waitForSync(signal);
  const run = (name: keyof typeof queues, reconcile: Reconcile): void => {
    teardown.use(
      startController({
        name,
        queue: queues[name],
        reconcile,
        workers: WORKERS[name],
        timeoutMs: RECONCILE_TIMEOUT_MS,
        metrics,
        log,
        nowMs,
      }),
    );
  };
  run('subnet', makeReconcileSubnet(ports));
  run('miner', makeReconcileNeuron(ports, 'Miner', options.settings));
  run('validator', makeReconcileNeuron(ports, 'Validator', options.settings));
  run('network', makeReconcileNetwork(ports));
  run('proposal', makeReconcileProposals(options.proposals, makeProposalObjects(options, followed)));
  queues.network.add(NETWORK_NAME);
  queues.proposal.add(PROPOSALS_KEY);
  const running = teardown.move();
  return {
    clusterId,
    informers: followed,
    troubles: () => informers.troubles(),
    [Symbol.asyncDispose]: async () => await running.disposeAsync(),
  };
}

function makeQueues({ metrics, nowMs, random }: OperatorOptions) {
  const queue = (name: string): WorkQueue => new WorkQueue({ name, metrics, nowMs, random });
  const queues = {
    subnet: queue('subnet'),
    miner: queue('miner'),
    validator: queue('validator'),
    network: queue('network'),
    proposal: queue('proposal'),
  };
  const add: Queues = {
    subnet: (key) => queues.subnet.add(key),
    miner: (key) => queues.miner.add(key),
    validator: (key) => queues.validator.add(key),
    network: (key) => queues.network.add(key),
    proposal: (key) => queues.proposal.add(key),
  };
  return { queues, add };
}

function makeProposalObjects(
  { transport, metrics }: OperatorOptions,
  { proposals }: ClusterInformers,
): ProposalObjects {
  const applier = createApplier({ transport, fieldManager: FIELD_MANAGER, metrics });
  const statuses = createStatusWriter({ transport, fieldManager: `${FIELD_MANAGER}-status` });
  return proposalObjects({ transport, proposals, applier, statuses });
}

function makeCluster(
  options: OperatorOptions,
  known: { readonly informers: ClusterInformers; readonly clusterId: string },
): ClusterPort {
  const { transport, metrics, log, nowMs } = options;
  const events = createEventRecorder({
    transport,
    log,
    nowMs,
    reportingController: FIELD_MANAGER,
    reportingInstance: options.instance,
  });
  const applier = createApplier({ transport, fieldManager: FIELD_MANAGER, metrics });
  const statuses = createStatusWriter({ transport, fieldManager: `${FIELD_MANAGER}-status` });
  return openCluster({ transport, applier, statuses, events, ...known });
}
