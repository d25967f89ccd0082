import { explanationView, type Explained } from '#domain/explanation-view.ts';
import { metagraphView, type SubnetReading } from '#domain/metagraph-view.ts';
import { slashView } from '#domain/slash-view.ts';
import type { OutlookView, StakeAnswer } from '#domain/outlook.ts';
import { networkView } from '#domain/subnet-view.ts';
import type { MetagraphView, NetworkView } from '#domain/views.ts';
import { type ProposalsView, proposalsView } from '#domain/proposals-view.ts';
import type { GovernanceReader, LedgerReader, ScoringReader, SlashReader, StakeAsked } from './ports.ts';

/** A refusal of the page's question, with a stable code. */
export interface Refused {
  readonly ok: false;
  readonly code: 'SUBNET_NOT_FOUND' | 'NEURON_NOT_FOUND' | 'EPOCH_NOT_SCORED' | 'NOT_PROJECTED';
  readonly message: string;
}

/** The questions that the page asks. */
export interface Market {
  network(signal: AbortSignal): Promise<NetworkView>;
  proposals(signal: AbortSignal): Promise<ProposalsView>;
  metagraph(netuid: number, signal: AbortSignal): Promise<{ ok: true; view: MetagraphView } | Refused>;
  outlook(netuid: number, signal: AbortSignal): Promise<{ ok: true; view: OutlookView } | Refused>;
  projectedStake(question: StakeAsked, signal: AbortSignal): Promise<{ ok: true; view: StakeAnswer } | Refused>;
  explain(question: { netuid: number; uid: number; index: number }, signal: AbortSignal): Promise<Explained | Refused>;
}

/** Reads both services anew for each question: the console keeps no truth of its own. */
export function makeMarket({
  ledger,
  scoring,
  governance,
  slashes,
}: {
  ledger: LedgerReader;
  scoring: ScoringReader;
  governance: GovernanceReader;
  slashes: SlashReader;
}): Market {
  const read = async (netuid: number, signal: AbortSignal): Promise<SubnetReading | Refused> => {
    const [network, subnets] = await Promise.all([ledger.network(signal), ledger.subnets(signal)]);
    const subnet = subnets.find((candidate) => candidate.netuid === netuid);
    if (subnet === undefined) return unknownSubnet(netuid);
    const [neurons, metagraph] = await Promise.all([ledger.neurons(netuid, signal), scoring.metagraph(netuid, signal)]);
    return { network, subnet, neurons, metagraph };
  };
  return {
    async network(signal) {
      const [network, subnets, pools] = await Promise.all([
        ledger.network(signal),
        ledger.subnets(signal),
        ledger.pools(signal),
      ]);
      return networkView(network, subnets, pools);
    },
    async proposals(signal) {
      const { symbol } = await ledger.network(signal);
      return proposalsView(await governance.governance(symbol, signal));
    },
    async metagraph(netuid, signal) {
      const [reading, open] = await Promise.all([read(netuid, signal), slashes.openIn(netuid, signal)]);
      return 'ok' in reading ? reading : { ok: true, view: metagraphView(reading, open) };
    },
    async outlook(netuid, signal) {
      const view = await ledger.outlook(netuid, signal);
      return view === undefined ? unknownSubnet(netuid) : { ok: true, view };
    },
    async projectedStake(question, signal) {
      const view = await ledger.projectedStake(question, signal);
      return view === undefined ? notProjected(question) : { ok: true, view };
    },
    async explain(question, signal) {
      const reading = await read(question.netuid, signal);
      if ('ok' in reading) return reading;
      const explanation = await scoring.explain(question, signal);
      if (explanation === undefined) return notScored(question);
      const explained = explanationView(reading, question.uid, explanation);
      if (!explained.ok) return explained;
      const neuron = { netuid: question.netuid, hotkey: explained.view.neuron.hotkey };
      const found = await slashes.ofNeuron(neuron, signal);
      const accusations = found.map((slash) => slashView(slash, reading.network));
      return { ok: true, view: { ...explained.view, slashes: accusations } };
    },
  };
}

function notProjected({ netuid, hotkey }: StakeAsked): Refused {
  return {
    ok: false,
    code: 'NOT_PROJECTED',
    message: `the ledger projects nothing of ${hotkey} in subnet ${netuid}`,
  };
}

function notScored({ netuid, uid }: { readonly netuid: number; readonly uid: number }): Refused {
  return { ok: false, code: 'EPOCH_NOT_SCORED', message: `no scored epoch of subnet ${netuid} has uid ${uid} yet` };
}

function unknownSubnet(netuid: number): Refused {
  return { ok: false, code: 'SUBNET_NOT_FOUND', message: `the ledger has no subnet ${netuid}` };
}
