import { fails, holds, type Judgement, unknown } from '../judgement.ts';
import type { SubnetView } from '../market.ts';
import type { FunctionRun } from './function-run.ts';

/** `spec.policy.incentiveFunction`: the owner's own division among miners. */
export interface IncentiveFunctionSpec {
  /** Of the module, hexadecimal. */
  readonly sha256: string;
  readonly configMapRef?: { readonly name: string; readonly key: string } | undefined;
  readonly fuel?: number | undefined;
  readonly passWeights?: boolean | undefined;
}

/** What the named ConfigMap holds. */
export type FunctionFact =
  | { readonly kind: 'ok' }
  | { readonly kind: 'missing'; readonly message: string }
  | { readonly kind: 'mismatch'; readonly message: string };

/** It said itself that incentives stay as they are. */
const DECLINED = 'FUNCTION_DECLINED';
const MISSING = 'MODULE_MISSING';

/** Whether scoring had to do without the module in the newest epoch. */
export function isLost(spec: IncentiveFunctionSpec, market: SubnetView | undefined): boolean {
  return runsOf(spec, market).some(({ refusal }) => refusal?.code === MISSING);
}

/** Whether the function divided the newest epoch; undefined when the subnet has none. */
export function judgeFunction(
  spec: IncentiveFunctionSpec | undefined,
  market: SubnetView | undefined,
): Judgement | undefined {
  if (spec === undefined) return undefined;
  const runs = runsOf(spec, market);
  const index = market?.paid?.index ?? 0;
  if (runs.length === 0) {
    return unknown('IncentiveFunction', 'WaitingForFirstEpoch', 'no paid epoch has asked it yet');
  }
  const refused = runs.find(({ refusal }) => refusal !== undefined && refusal.code !== DECLINED);
  if (refused?.refusal !== undefined) {
    const { code, message } = refused.refusal;
    const where = runs.length === 1 ? '' : ` in mechanism ${refused.mechanismId}`;
    const words = `epoch ${index} was paid without it${where}: ${message} (${code})`;
    return fails('IncentiveFunction', 'FunctionFellBack', words);
  }
  const fuel = Math.max(...runs.map(({ fuelUsed }) => fuelUsed));
  return holds('IncentiveFunction', 'FunctionDecides', `epoch ${index}, with ${fuel} fuel`);
}

/** Of this module: an epoch under an earlier policy tells nothing of it. */
function runsOf({ sha256 }: IncentiveFunctionSpec, market: SubnetView | undefined): readonly FunctionRun[] {
  return (market?.paid?.functions ?? []).filter((run) => run.sha256 === sha256);
}
