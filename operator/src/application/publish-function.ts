import { fails, type Judgement } from '#domain/judgement.ts';
import type { MandateFact } from '#domain/neuron/facts.ts';
import { type IncentiveFunctionSpec, isLost } from '#domain/subnet/incentive-function.ts';
import type { Subnet } from '#domain/subnet/subnet.ts';
import type { Ports } from './ports.ts';

/**
 * By the uid of a Subnet: the module that scoring has, and the paid epoch whose word for its loss was looked into last. Empty
 * after a start: asking again changes nothing there.
 */
export type PublishedFunctions = Map<string, { readonly sha256: string; readonly lostAtEpoch: number }>;

type Mandate = Extract<MandateFact, { kind: 'found' }>;

/**
 * Looks after the module that the policy names: scoring has it, or gets it out of the ConfigMap. Undefined when all is well,
 * else what stands against taking the spec. Without a netuid nothing can be published yet, and only the ConfigMap is judged.
 */
export async function ensureFunction(
  ports: Ports,
  input: { subnet: Subnet; mandate: Mandate; netuid: number | undefined; published: PublishedFunctions },
  signal: AbortSignal,
): Promise<Judgement | undefined> {
  const { subnet, mandate, netuid, published } = input;
  const spec = subnet.spec.policy.incentiveFunction;
  if (spec === undefined) return undefined;
  const { uid, namespace } = subnet.metadata;
  const known = published.get(uid);
  const market = netuid === undefined ? undefined : ports.market.view(netuid);
  const lostAtEpoch = isLost(spec, market) ? (market?.paid?.index ?? 0) : (known?.lostAtEpoch ?? 0);
  if (known?.sha256 === spec.sha256 && known.lostAtEpoch === lostAtEpoch) return undefined;
  if (!(await ports.scoring.hasFunction(spec.sha256, signal))) {
    const trouble = judgeSource(ports, namespace, spec);
    if (trouble !== undefined) return trouble;
    if (netuid === undefined) return undefined;
    const refused = await publish(ports, { namespace, spec, mandate, netuid }, signal);
    if (refused !== undefined) return refused;
  }
  published.set(uid, { sha256: spec.sha256, lostAtEpoch });
  return undefined;
}

function judgeSource(ports: Ports, namespace: string, spec: IncentiveFunctionSpec): Judgement | undefined {
  if (spec.configMapRef === undefined) {
    const advice = 'Publish it with `subnetes function publish`, or name a ConfigMap in configMapRef.';
    return fails('Accepted', 'FunctionMissing', `scoring has no incentive function ${spec.sha256}. ${advice}`);
  }
  const fact = ports.cluster.functionFile(namespace, spec.configMapRef, spec.sha256);
  switch (fact.kind) {
    case 'ok':
      return undefined;
    case 'missing':
      return fails('Accepted', 'FunctionMissing', fact.message);
    case 'mismatch':
      return fails('Accepted', 'FunctionHashMismatch', fact.message);
  }
}

async function publish(
  ports: Ports,
  input: { namespace: string; spec: IncentiveFunctionSpec; mandate: Mandate; netuid: number },
  signal: AbortSignal,
): Promise<Judgement | undefined> {
  const { namespace, spec, mandate, netuid } = input;
  const module = await ports.cluster.readFile(namespace, spec.configMapRef ?? { name: '', key: '' }, signal);
  if (module === undefined) return fails('Accepted', 'FunctionMissing', 'the ConfigMap with the module is gone');
  const answer = await ports.scoring.publishFunction({ netuid, module, mandate: mandate.envelope }, signal);
  if (answer.kind === 'published') return undefined;
  const code = answer.message.includes(answer.code) ? '' : ` (${answer.code})`;
  return fails('Accepted', 'FunctionRefused', `scoring refused the incentive function: ${answer.message}${code}`);
}
