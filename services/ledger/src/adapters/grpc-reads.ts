import { blockReward } from '@subnetes/consensus/issuance';
import { invalidField, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { Ledger as LedgerService } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { BURNED } from '#domain/book/account.ts';
import { emissionSplit, sharesPpm } from '#domain/economy/emission-split.ts';
import { burnsNetworkFee, nextUse, waitingUse } from '#domain/economy/emission-utility.ts';
import type { Ledger } from '#domain/economy/ledger.ts';
import { registrationKey } from '#domain/economy/neuron.ts';
import { ROOT_NETUID } from '#domain/economy/root-netuid.ts';
import { neuronView, subnetView } from '#domain/economy/views.ts';
import { pendingEvictions } from '#domain/life/pending-view.ts';
import type { AskedAudits } from '#application/asked-audits.ts';
import type { WitnessRule } from '#application/pay-epoch.ts';
import type { JournalStore } from '#application/ports.ts';
import type { Sequencer } from '#application/sequencer.ts';
import type { UnwitnessedEpochs } from '#application/unwitnessed-epochs.ts';
import { watchSubnet } from '#application/watch-subnet.ts';
import { countField, netuidField, pageField } from './grpc-fields.ts';
import { answered, type CountRefusal, outageError, valueOf } from './grpc-refusals.ts';
import { pendingToWire } from './wire-lifecycle.ts';
import { bytesOfHex, entryToWire, neuronToWire, subnetToWire } from './wire.ts';

const ENTRIES_DEFAULT = 100;
const ENTRIES_MAX = 1000;

export interface ReadPorts {
  readonly sequencer: Sequencer;
  readonly store: JournalStore;
  readonly audits: AskedAudits;
  readonly countRefusal: CountRefusal;
  readonly witnesses: WitnessRule;
  readonly unwitnessed: UnwitnessedEpochs;
  /** Ends streams when the process is about to end, so that their clients come back to the next one at once. */
  readonly shutdown: AbortSignal;
}

type Handlers = RpcHandlers<typeof LedgerService>;
/** What everybody may read; all of it is committed state. */
export function readHandlers(ports: ReadPorts): StateHandlers & JournalHandlers {
  return { ...stateHandlers(ports), ...journalHandlers(ports) };
}

type StateHandlers = Pick<
  Handlers,
  'getNetwork' | 'getSubnet' | 'listSubnets' | 'listNeurons' | 'getRegistration' | 'watchSubnet'
>;

function stateHandlers({ sequencer, shutdown, witnesses, unwitnessed }: ReadPorts): StateHandlers {
  const read = <T>(query: (ledger: Ledger) => T): Promise<T> => answered(sequencer.read(query));
  return {
    getNetwork: () => read((ledger) => ({ ...networkToWire(ledger), ...witnessesToWire(witnesses, unwitnessed) })),
    getSubnet: (request) =>
      read((ledger) => {
        const netuid =
          request.by.case === 'handle' ? ledger.handles.get(request.by.value) : netuidField(request.by.value ?? 0);
        const subnet = netuid === undefined ? undefined : ledger.subnet(netuid);
        if (subnet === undefined) throw notFound('SUBNET_UNKNOWN', `there is no subnet ${request.by.value}`);
        return subnetToWire(subnetView(ledger, subnet));
      }),
    listSubnets: async (request) => {
      const page = pageField(request.page);
      return read((ledger) => subnetsToWire(ledger, page));
    },
    listNeurons: async (request) => {
      const page = pageField(request.page);
      return read((ledger) => neuronsToWire(ledger, netuidField(request.netuid), page));
    },
    getRegistration: ({ netuid, hotkey }) =>
      read((ledger) => {
        const neuron = ledger.neuronByHotkey(netuidField(netuid), hotkey);
        const record = ledger.registrations.get(registrationKey(netuid, hotkey));
        return {
          ...(neuron === undefined ? {} : { neuron: neuronToWire(neuronView(ledger, neuron)) }),
          endedRegistrations: BigInt(record?.ended ?? 0),
          endReason: record?.endReason ?? '',
          spentRao: record?.spent?.toString() ?? '',
          ...waitingToWire(ledger, netuid, hotkey),
        };
      }),
    watchSubnet: (request, call) =>
      watch(sequencer, netuidField(request.netuid), AbortSignal.any([call.signal, shutdown])),
  };
}

function waitingToWire(ledger: Ledger, netuid: number, hotkey: string) {
  const waiting = pendingEvictions(ledger, netuid).find(({ newcomerHotkey }) => newcomerHotkey === hotkey);
  return waiting === undefined ? {} : { waiting: pendingToWire(waiting) };
}

type JournalHandlers = Pick<Handlers, 'listEntries' | 'audit'>;

function journalHandlers(ports: ReadPorts): JournalHandlers {
  return {
    listEntries: async (request) => {
      const afterSequence = countField('after_sequence', request.afterSequence);
      const limit = request.limit === 0 ? ENTRIES_DEFAULT : request.limit;
      if (limit > ENTRIES_MAX) throw invalidField('limit', `must be at most ${ENTRIES_MAX}`);
      const account = request.account === '' ? {} : { account: request.account };
      const head = await answered(ports.sequencer.read((ledger) => ledger.journal.head));
      const entries = await answered(ports.store.readEntries({ afterSequence, limit, ...account }));
      return { entries: entries.map(entryToWire), lastSequence: BigInt(head.sequence) };
    },
    audit: (request) => audit(ports, request.verifyChain),
  };
}

async function audit({ audits, countRefusal }: ReadPorts, verifyChain: boolean) {
  const { result, chain } = await valueOf(audits.audit(verifyChain), countRefusal);
  return {
    entries: BigInt(result.entries),
    differenceRao: result.difference.toString(),
    issuedRao: result.issued.toString(),
    burnedRao: result.burned.toString(),
    genesisRao: result.genesis.toString(),
    chainVerified: chain?.verified ?? false,
    firstBrokenSequence: BigInt(chain?.firstBrokenSequence ?? 0),
    findings: [...result.broken.map((name) => `invariant ${name} is broken`), ...(chain?.findings ?? [])],
  };
}

async function* watch(sequencer: Sequencer, netuid: number, signal: AbortSignal) {
  const networkId = bytesOfHex(await answered(sequencer.read((ledger) => ledger.network.genesis.networkId)));
  let told = false;
  try {
    for await (const update of watchSubnet(sequencer, netuid, signal)) {
      told = true;
      yield {
        networkId,
        block: BigInt(update.block),
        snapshot: update.snapshot,
        ...(update.subnet === undefined ? {} : { subnet: subnetToWire(update.subnet) }),
        neurons: update.neurons.map(neuronToWire),
        endedUids: [...update.endedUids],
        blockTimeMs: update.blockTimeMs,
      };
    }
  } catch (error) {
    throw outageError(error);
  }
  if (!told && !signal.aborted) throw notFound('SUBNET_UNKNOWN', `there is no subnet ${netuid}`);
}

function networkToWire(ledger: Ledger) {
  const { genesis, block, blockHash } = ledger.network;
  const split = emissionSplit(ledger);
  return {
    networkId: bytesOfHex(genesis.networkId),
    symbol: genesis.symbol,
    decimals: genesis.decimals,
    capRao: genesis.cap.toString(),
    issuedRao: ledger.issued.toString(),
    burnedRao: ledger.book.posted(ledger.asset, BURNED).toString(),
    blockTimeMs: genesis.blockTimeMs,
    block: BigInt(block),
    blockHash: bytesOfHex(blockHash),
    blockRewardRao: blockReward(genesis, ledger.issued).toString(),
    emissionPolicy: genesis.emissionPolicy.name,
    emissionPolicyVersion: genesis.emissionPolicy.version,
    sequence: BigInt(ledger.journal.head.sequence),
    emissionShares: sharesPpm(split).map((share) => ({ ...share, ...useToWire(ledger, share.netuid) })),
    emissionBasis: split.basis,
    emissionEpoch: BigInt(split.epoch),
    networkFeeBurned: burnsNetworkFee(genesis),
    displaySymbol: genesis.displaySymbol ?? genesis.symbol,
    halving: genesis.halving,
  };
}

function useToWire(ledger: Ledger, netuid: number) {
  if (!burnsNetworkFee(ledger.network.genesis)) return {};
  return { useRao: nextUse(ledger, netuid).toString(), useWaitingRao: waitingUse(ledger, netuid).toString() };
}

function witnessesToWire({ required, keys }: WitnessRule, unwitnessed: UnwitnessedEpochs) {
  return {
    witnessesRequired: required,
    witnessKeys: keys.map(bytesOfHex),
    unwitnessed: unwitnessed.list().map(({ netuid, index, sinceBlock, signed }) => ({
      netuid,
      index: BigInt(index),
      sinceBlock: BigInt(sinceBlock),
      signed,
    })),
  };
}

interface PageStart {
  readonly size: number;
  readonly after: number;
}

function subnetsToWire(ledger: Ledger, { size, after }: PageStart) {
  // Markets only: whoever lists them to sell or to show would take the root network for one without miners.
  // Those that have ended are read by GetSubnet alone.
  const rest = [...ledger.subnets.values()].filter(
    ({ netuid, dissolution }) => netuid > after && netuid !== ROOT_NETUID && dissolution?.phase !== 'Dissolved',
  );
  const subnets = rest.toSorted((a, b) => a.netuid - b.netuid).slice(0, size);
  return {
    subnets: subnets.map((subnet) => subnetToWire(subnetView(ledger, subnet))),
    nextPageToken: rest.length > size ? String(subnets.at(-1)?.netuid ?? '') : '',
  };
}

function neuronsToWire(ledger: Ledger, netuid: number, { size, after }: PageStart) {
  if (ledger.subnet(netuid) === undefined) throw notFound('SUBNET_UNKNOWN', `there is no subnet ${netuid}`);
  const rest = ledger.neuronsOf(netuid).filter(({ uid }) => uid > after);
  const neurons = rest.slice(0, size);
  return {
    neurons: neurons.map((neuron) => neuronToWire(neuronView(ledger, neuron))),
    nextPageToken: rest.length > size ? String(neurons.at(-1)?.uid ?? '') : '',
    block: BigInt(ledger.block),
  };
}

function notFound(reason: string, message: string): RpcError {
  return new RpcError({ code: RpcCode.NOT_FOUND, reason, message });
}
