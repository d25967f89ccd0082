import { signEnvelope } from '@subnetes/keys/envelope';
import type { Sr25519Pair } from '@subnetes/keys/sr25519-pair';
import { policyMessage } from '@subnetes/operator/adapters/policy-message';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { EmissionState, RegistrationMode } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import type { Neuron } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import type { ServiceClients } from '../endpoints.ts';
import { sampleMandate } from '../genesis.ts';
import { MARKET_NAMESPACE } from '../market.ts';
import type { WalletName } from '../market.ts';
import type { DevFolder } from './dev-folder.ts';
import type { SampleMarket, SampleNeuron } from './sample-market.ts';

/** Stands where mandates and the journal name the cluster. */
const CLUSTER = 'dev';
const BINDING_BLOCKS = 1000n;

type Ledger = ServiceClients['ledger'];

const MODES = {
  Open: RegistrationMode.OPEN,
  Closed: RegistrationMode.CLOSED,
  Approval: RegistrationMode.APPROVAL,
  Sponsored: RegistrationMode.SPONSORED,
} as const;

export interface RegisteredNeuron {
  readonly sample: SampleNeuron;
  readonly hotkey: string;
  readonly hotkeyFile: string;
  readonly uid: number;
  /** Hex. */
  readonly registrationId: string;
}

export interface RegisteredMarket {
  readonly netuid: number;
  readonly neurons: readonly RegisteredNeuron[];
}

/** Does at the ledger what the operator does for the sample's Subnet, Miners and Validators. Repeats safely. */
export async function registerSample(
  ledger: Ledger,
  folder: DevFolder,
  market: SampleMarket,
): Promise<RegisteredMarket> {
  const { name, wallet, spec } = market.subnet;
  const { subnet } = await ledger.putSubnet({
    handle: spec.handle,
    policy: policyMessage(spec.policy),
    emission: spec.emission === 'Held' ? EmissionState.HELD : EmissionState.STARTED,
    registration: MODES[spec.registration?.type ?? 'Open'],
    mandate: mandate(folder, wallet),
    cause: cause('Subnet', name),
  });
  if (subnet === undefined) throw new Error('the ledger took the subnet without telling its netuid');
  const neurons: RegisteredNeuron[] = [];
  // One after the other: uids are given in the order of the manifests.
  for (const sample of market.neurons) {
    const { pair, file } = await folder.hotkey(sample.name);
    const neuron = await ensureRegistered(ledger, folder, { netuid: subnet.netuid, sample, pair });
    const registrationId = Buffer.from(neuron.registrationId).toString('hex');
    neurons.push({ sample, hotkey: pair.address, hotkeyFile: file, uid: neuron.uid, registrationId });
  }
  return { netuid: subnet.netuid, neurons };
}

interface Wanted {
  readonly netuid: number;
  readonly sample: SampleNeuron;
  readonly pair: Sr25519Pair;
}

async function ensureRegistered(ledger: Ledger, folder: DevFolder, wanted: Wanted): Promise<Neuron> {
  const { netuid, sample, pair } = wanted;
  const known = await registrationOf(ledger, netuid, pair.address);
  if (known.neuron !== undefined) return known.neuron;
  const attempt = known.ended + 1n;
  const { block } = await ledger.getNetwork({});
  const binding = signEnvelope(
    {
      networkId: Buffer.from(folder.networkId, 'hex'),
      type: EnvelopeType.HOTKEY_BINDING,
      sequence: attempt,
      expiresAtBlock: block + BINDING_BLOCKS,
      payload: new TextEncoder().encode(folder.wallets[sample.wallet].address),
    },
    pair,
  );
  const { neuron } = await ledger.register({
    netuid,
    binding,
    mandate: mandate(folder, sample.wallet),
    maxCostRao: sample.maxCostRao.toString(),
    initialStakeRao: sample.kind === 'Validator' ? sample.stakeRao.toString() : '0',
    attempt,
    cause: cause(sample.kind, sample.name),
  });
  if (neuron === undefined) throw new Error(`the ledger registered ${sample.name} without telling the neuron`);
  return neuron;
}

async function registrationOf(ledger: Ledger, netuid: number, hotkey: string) {
  try {
    const { neuron, endedRegistrations } = await ledger.getRegistration({ netuid, hotkey });
    return { neuron, ended: endedRegistrations };
  } catch (error) {
    if (error instanceof RpcError && error.code === RpcCode.NOT_FOUND) return { neuron: undefined, ended: 0n };
    throw error;
  }
}

function mandate({ wallets, networkId }: DevFolder, wallet: WalletName) {
  return sampleMandate(wallet, { wallets, networkId, cluster: CLUSTER });
}

function cause(kind: string, name: string) {
  const objectUid = `${kind.toLowerCase()}-${name}`;
  return { cluster: CLUSTER, kind, namespace: MARKET_NAMESPACE, name, objectUid, generation: 1n };
}
