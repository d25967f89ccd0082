import { fromBinary } from '@bufbuild/protobuf';
import { verifyEnvelope } from '@subnetes/keys/envelope';
import { EnvelopeType, SignedEnvelopeSchema } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import {
  LedgerUnavailableError,
  type LedgerPort,
  type MarketPort,
  type NeuronRegistered,
  type Register,
  type RegistrationWaits,
} from '#application/ports.ts';
import type { ProposalsPort } from '#application/reconcile-proposals.ts';
import type { NetworkView, NeuronView, PaidEpoch, SubnetView } from '#domain/market.ts';
import type { SlashNews, SlashView } from '#domain/slashed.ts';
import type { ProposalView } from '#domain/proposal-status.ts';
import { namesOf } from '#domain/subnet/countermeasures.ts';
import { MemoryScoring } from './memory-scoring.ts';
import type { LedgerRefusal } from '#domain/neuron/refusal.ts';

const TAO = 1_000_000_000n;
export const NETWORK_ID = 'ab'.repeat(32);

const WAITS = { kind: 'waits', dueBlock: 112, costRao: TAO } as const;

const refused = (code: string, message: string): LedgerRefusal => ({ kind: 'refused', code, message });

/** A ledger and its market in memory, with the rules that the operator meets; tests turn its knobs. */
export class MemoryLedger implements LedgerPort, ProposalsPort {
  /** Undefined: the network has no governance. */
  proposals: readonly ProposalView[] | undefined;
  readonly network_: NetworkView = {
    networkId: NETWORK_ID,
    displaySymbol: 'TAO',
    symbol: 'TAO',
    decimals: 9,
    capRao: 21_000_000n * TAO,
    issuedRao: 1_000n * TAO,
    blockTimeMs: 1_000,
    block: 12,
    emissionPolicy: { name: 'Equal', version: 1 },
  };
  readonly scoring = new MemoryScoring();
  readonly views = new Map<number, SubnetView>();
  readonly ended = new Map<string, number>();
  /** Who waits for a place, by subnet and hotkey. */
  readonly waiting = new Map<string, Register>();
  hasNotice = false;
  /** Slashes by hotkey; undefined: the network does not slash. */
  slashed: Map<string, readonly SlashView[]> | undefined;
  readonly calls: string[] = [];
  funds = 100_000n * TAO;
  mandateLeft = 100_000n * TAO;
  maxUids = 256;
  isDown = false;
  #listener: (netuid: number) => void = () => undefined;
  readonly #policies = new Map<number, { policy: string; version: number }>();
  readonly #netuids = new Map<string, { netuid: number; managedBy: string }>();

  async newest(limit: number): Promise<readonly ProposalView[] | undefined> {
    return this.proposals?.slice(0, limit);
  }

  /** As streams do, it knows nothing of a subnet when it is followed, and tells a moment later. */
  openMarket = (onChange: (netuid: number) => void): MarketPort & AsyncDisposable => {
    this.#listener = onChange;
    const heard = new Set<number>();
    const hear = (netuid: number): void => {
      heard.add(netuid);
      onChange(netuid);
    };
    return {
      follow(netuid) {
        if (!heard.has(netuid)) setTimeout(hear, 20, netuid);
      },
      view: (netuid) => (heard.has(netuid) ? this.views.get(netuid) : undefined),
      async [Symbol.asyncDispose]() {},
    };
  };

  async network(): Promise<NetworkView> {
    this.#answer('network');
    return this.network_;
  }

  async putSubnet({ subnet, cause }: Parameters<LedgerPort['putSubnet']>[0]) {
    this.#answer(`putSubnet ${subnet.metadata.name}`);
    const { handle } = subnet.spec;
    const holder = this.#netuids.get(handle);
    const object = `${cause.namespace}/${cause.name}`;
    if (holder !== undefined && holder.managedBy !== object) {
      return refused('HANDLE_TAKEN', `handle ${handle} belongs to ${holder.managedBy}`);
    }
    if (this.mandateLeft === 0n) return refused('MANDATE_EXHAUSTED', 'nothing is left on the mandate');
    const netuid = holder?.netuid ?? this.#netuids.size + 1;
    this.#netuids.set(handle, { netuid, managedBy: object });
    const tempo = subnet.spec.policy.hyperparameters?.tempo ?? 360;
    const before = this.views.get(netuid);
    const known = this.#policies.get(netuid);
    const policy = JSON.stringify(subnet.spec.policy);
    // The same policy again is the same version.
    const version = known?.policy === policy ? known.version : (known?.version ?? 0) + 1;
    this.#policies.set(netuid, { policy, version });
    const commitReveal = subnet.spec.policy.hyperparameters?.commitReveal?.type ?? 'Salted';
    const names = namesOf(subnet.spec.policy.countermeasures ?? {});
    const named = subnet.spec.policy.incentiveFunction?.sha256;
    const active = {
      version,
      sha256: 'cd'.repeat(32),
      commitReveal,
      ...(names.length === 0 ? {} : { countermeasures: names }),
      ...(named === undefined ? {} : { incentiveFunction: named }),
    };
    this.set(netuid, { ...(before ?? emptyView(netuid, handle)), tempo, maxUids: this.maxUids, policy: { active } });
    const mandate = { usedRao: 2n * TAO, maxRao: 100n * TAO, notAfterBlock: 210_000 };
    return { kind: 'put' as const, netuid, policyVersion: version, mandate };
  }

  async registration(netuid: number, hotkey: string) {
    this.#answer(`registration ${netuid}`);
    const active = this.views.get(netuid)?.neurons.get(hotkey);
    const ended = this.ended.get(`${netuid}/${hotkey}`) ?? 0;
    const waits = this.waiting.has(`${netuid}/${hotkey}`) ? WAITS : undefined;
    const spentRao = BigInt(ended) * TAO;
    return { active, ended, endReason: ended > 0 ? 'Pruned' : '', spentRao, waits };
  }

  async register(request: Register): Promise<NeuronRegistered | RegistrationWaits | LedgerRefusal> {
    this.#answer(`register ${request.cause.name}`);
    const view = this.views.get(request.netuid);
    if (view === undefined) return refused('SUBNET_UNKNOWN', `there is no subnet ${request.netuid}`);
    const envelope = fromBinary(SignedEnvelopeSchema, request.binding);
    const demand = {
      networkId: Buffer.from(NETWORK_ID, 'hex'),
      type: EnvelopeType.HOTKEY_BINDING,
      block: BigInt(view.block),
    };
    const verified = verifyEnvelope(envelope, demand);
    if (!verified.ok) return refused(verified.reason, verified.message);
    const mandate = { usedRao: 2n * TAO, maxRao: 100n * TAO, notAfterBlock: 210_000 };
    const known = view.neurons.get(verified.signer);
    if (known !== undefined) return { kind: 'registered', neuron: known, costRao: TAO, mandate, already: true };
    const cost = TAO + request.initialStakeRao;
    if (this.hasNotice && view.neurons.size >= this.maxUids) {
      this.waiting.set(`${request.netuid}/${verified.signer}`, request);
      return { ...WAITS, mandate };
    }
    if (view.neurons.size >= this.maxUids) return refused('SUBNET_FULL', 'all neurons are immune');
    if (this.mandateLeft < cost) return refused('MANDATE_EXHAUSTED', 'Register needs more than is left on the mandate');
    if (this.funds < cost) return refused('INSUFFICIENT_FUNDS', `the payer has ${this.funds} rao, ${cost} are needed`);
    this.funds -= cost;
    const neuron: NeuronView = {
      uid: view.neurons.size,
      hotkey: verified.signer,
      coldkey: new TextDecoder().decode(verified.payload),
      registrationId: Buffer.from(verified.publicKey).toString('hex'),
      registeredAtBlock: view.block,
      immuneUntilBlock: view.block + 5_000,
      stakeRao: request.initialStakeRao,
      managedByUid: request.cause.objectUid,
      managedByName: request.cause.name,
    };
    this.set(request.netuid, { ...view, neurons: new Map([...view.neurons, [neuron.hotkey, neuron]]) });
    return { kind: 'registered', neuron, costRao: TAO, mandate, already: false };
  }

  async dissolveSubnet({ netuid }: Parameters<LedgerPort['dissolveSubnet']>[0]) {
    this.#answer(`dissolveSubnet ${netuid}`);
    if (this.mandateLeft === 0n) return refused('MANDATE_NOT_GRANTED', 'the mandate does not name DissolveSubnet');
    this.dissolve(netuid, 'Announced');
    return { kind: 'announced' as const, atBlock: 7212 };
  }

  /** The end of a subnet gets so far. */
  dissolve(netuid: number, phase: 'Announced' | 'Settling' | 'Dissolved'): void {
    const dissolution = { phase, announcedAtBlock: 12, atBlock: 7212 };
    this.set(netuid, { ...this.#view(netuid), dissolution });
  }

  /** A newcomer has paid for the place of a neuron; undefined: no longer. */
  tell(netuid: number, hotkey: string, eviction: NeuronView['eviction']): void {
    const view = this.#view(netuid);
    const { eviction: _before, ...neuron } = view.neurons.get(hotkey) ?? expectedNeuron(hotkey);
    const told = eviction === undefined ? neuron : { ...neuron, eviction };
    this.set(netuid, { ...view, neurons: new Map([...view.neurons, [hotkey, told]]) });
  }

  /** The one slash that there is of a neuron, as it is now; its subnet has news. */
  slash(netuid: number, hotkey: string, slash: SlashView): void {
    this.slashed = new Map([[hotkey, [slash]]]);
    this.set(netuid, { ...this.#view(netuid) });
  }

  /** Who waits gets its place. */
  seat(netuid: number, hotkey: string): void {
    const request = this.waiting.get(`${netuid}/${hotkey}`);
    if (request === undefined) throw new Error(`${hotkey} does not wait`);
    this.waiting.delete(`${netuid}/${hotkey}`);
    const view = this.#view(netuid);
    const neuron: NeuronView = {
      uid: 7,
      hotkey,
      coldkey: 'owner',
      registrationId: 'ee'.repeat(32),
      registeredAtBlock: view.block,
      immuneUntilBlock: view.block + 5_000,
      stakeRao: request.initialStakeRao,
      managedByUid: request.cause.objectUid,
      managedByName: request.cause.name,
    };
    this.set(netuid, { ...view, neurons: new Map([...view.neurons, [hotkey, neuron]]) });
  }

  async slashes(netuid: number, hotkey: string): Promise<SlashNews | undefined> {
    if (this.slashed === undefined) return undefined;
    this.#answer(`slashes ${netuid}`);
    return { block: this.network_.block, windowBlocks: 1000, slashes: this.slashed.get(hotkey) ?? [] };
  }

  async addStake() {
    this.#answer('addStake');
    return { kind: 'staked' as const, mandate: undefined };
  }

  async deregister({ netuid, hotkey }: Parameters<LedgerPort['deregister']>[0]) {
    this.#answer(`deregister ${netuid}`);
    this.end(netuid, hotkey);
    return { kind: 'deregistered' as const };
  }

  /** Takes a neuron out, as an eviction does. */
  end(netuid: number, hotkey: string): void {
    const view = this.#view(netuid);
    const neurons = new Map(view.neurons);
    neurons.delete(hotkey);
    this.ended.set(`${netuid}/${hotkey}`, (this.ended.get(`${netuid}/${hotkey}`) ?? 0) + 1);
    this.set(netuid, { ...view, neurons });
  }

  /** The neuron announces its endpoint. */
  announce(netuid: number, hotkey: string, endpoint: string): void {
    const view = this.#view(netuid);
    const neuron = view.neurons.get(hotkey);
    if (neuron === undefined) throw new Error(`${hotkey} is not registered`);
    this.set(netuid, { ...view, neurons: new Map([...view.neurons, [hotkey, { ...neuron, endpoint }]]) });
  }

  /** An epoch is paid. */
  pay(netuid: number, paid: PaidEpoch): void {
    const view = this.#view(netuid);
    const epoch = { index: paid.index, block: paid.block, nextBlock: paid.nextBlock, lastPaid: paid.index };
    this.set(netuid, { ...view, block: paid.block + 1, epoch, paid });
  }

  set(netuid: number, view: SubnetView): void {
    this.views.set(netuid, view);
    this.#listener(netuid);
  }

  #view(netuid: number): SubnetView {
    const view = this.views.get(netuid);
    if (view === undefined) throw new Error(`no subnet ${netuid}`);
    return view;
  }

  #answer(call: string): void {
    this.calls.push(call);
    if (this.isDown) throw new LedgerUnavailableError('the ledger does not answer');
  }
}

function expectedNeuron(hotkey: string): never {
  throw new Error(`${hotkey} is not registered`);
}

function emptyView(netuid: number, handle: string): SubnetView {
  return {
    netuid,
    handle,
    registrationId: '01'.repeat(32),
    block: 12,
    tempo: 20,
    maxUids: 256,
    policy: {},
    epoch: { index: 0, block: 0, nextBlock: 32, lastPaid: 0 },
    emission: 'Started',
    registrationCostRao: TAO,
    neurons: new Map(),
  };
}
