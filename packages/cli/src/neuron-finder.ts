import type { Neuron, SubnetState } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { EXIT, Failure } from './failure.ts';
import type { Market } from './market.ts';

const PAGE = 1000;

/** The root network, where there is one: it is no market, and not among those that are listed. */
export const ROOT_NETUID = 0;

/** All subnets of the network. */
export async function listSubnets(market: Market): Promise<SubnetState[]> {
  const ledger = await market.ledger();
  const subnets: SubnetState[] = [];
  for (let token = ''; ;) {
    const page = await ledger.listSubnets({ page: { size: PAGE, token } });
    subnets.push(...page.subnets);
    if (page.nextPageToken === '') return subnets;
    token = page.nextPageToken;
  }
}

/** All neurons of a subnet. */
export async function listNeurons(market: Market, netuid: number): Promise<Neuron[]> {
  const ledger = await market.ledger();
  const neurons: Neuron[] = [];
  for (let token = ''; ;) {
    const page = await ledger.listNeurons({ netuid, page: { size: PAGE, token } });
    neurons.push(...page.neurons);
    if (page.nextPageToken === '') return neurons;
    token = page.nextPageToken;
  }
}

/** The subnet of that number or handle. */
export async function findSubnet(market: Market, text: string): Promise<SubnetState> {
  const ledger = await market.ledger();
  return ledger.getSubnet({
    by: /^\d{1,5}$/.test(text) ? { case: 'netuid', value: Number(text) } : { case: 'handle', value: text },
  });
}

/** Name by which people know a neuron: its resource's, else the start of its hotkey. */
export function neuronName(neuron: Neuron): string {
  const name = neuron.managedBy?.name ?? '';
  return name === '' ? `${neuron.hotkey.slice(0, 8)}…` : name;
}

/** A neuron and its subnet. */
export interface Found {
  readonly subnet: SubnetState;
  readonly neuron: Neuron;
  readonly neighbours: readonly Neuron[];
}

/** Which neuron; `Neuron`: of either kind. */
interface Question {
  readonly name: string;
  readonly kind: 'Miner' | 'Validator' | 'Neuron';
  readonly netuid: number | undefined;
  readonly namespace: string | undefined;
}

/** Finds a neuron by resource name, hotkey or uid (with a netuid). Several or none are refused with what there is. */
export async function findNeuron(market: Market, question: Question): Promise<Found> {
  const { netuid } = question;
  const subnets = netuid === undefined ? await listSubnets(market) : [await findSubnet(market, String(netuid))];
  const all: Found[] = [];
  for (const subnet of subnets) {
    const neighbours = await listNeurons(market, subnet.netuid);
    all.push(...neighbours.map((neuron) => ({ subnet, neuron, neighbours })));
  }
  const matches = all.filter(({ neuron }) => isMeant(neuron, question));
  const [first, second] = matches;
  if (first === undefined) throw notFound(question, all);
  if (second !== undefined) {
    const where = matches
      .map(
        ({ subnet, neuron }) => `${neuron.managedBy?.namespace ?? ''}/${neuronName(neuron)} on netuid ${subnet.netuid}`,
      )
      .join(', ');
    throw new Failure({
      code: 'AMBIGUOUS_NAME',
      message: `${question.name} is the name of several: ${where}`,
      exitCode: EXIT.refused,
      remedy: 'choose one with --netuid or --namespace',
    });
  }
  return first;
}

function isMeant(neuron: Neuron, { name, kind, netuid, namespace }: Question): boolean {
  if (neuron.hotkey === name) return true;
  if (netuid !== undefined && /^\d{1,3}$/.test(name)) return neuron.uid === Number(name);
  const managed = neuron.managedBy;
  return (
    managed?.name === name && isOfKind(neuron, kind) && (namespace === undefined || managed.namespace === namespace)
  );
}

function isOfKind({ managedBy }: Neuron, kind: Question['kind']): boolean {
  return kind === 'Neuron' ? managedBy !== undefined : managedBy?.kind === kind;
}

function notFound({ name, kind }: Question, all: readonly Found[]): Failure {
  const known = [...new Set(all.filter(({ neuron }) => isOfKind(neuron, kind)).map(({ neuron }) => neuronName(neuron)))]
    .toSorted()
    .slice(0, 20);
  return new Failure({
    code: 'NEURON_NOT_FOUND',
    message: `no registered ${kind.toLowerCase()} is called ${name}`,
    exitCode: EXIT.refused,
    remedy:
      known.length === 0
        ? `none is registered; kubectl describe ${kind === 'Neuron' ? 'validator' : kind.toLowerCase()} ${name} says why`
        : `there are: ${known.join(', ')}; a hotkey or a uid with --netuid works too`,
  });
}
