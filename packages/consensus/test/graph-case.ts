import { boolean, CaseMalformed, integer, type JsonObject, number, object, string } from './vector-case.ts';

/** The recipe of the graph cases: who validates, who rates whom. */
export function graphValidators(graph: JsonObject): number[] {
  const n = number(graph['n']);
  const validators = number(graph['validators']);
  const layout = string(graph['layout']);
  if (layout === 'blockwise') return Array.from({ length: validators }, (_, uid) => uid);
  if (layout !== 'interleaved') throw new CaseMalformed(`layout ${layout}`);
  const step = Math.floor(n / validators);
  return Array.from({ length: n }, (_, uid) => uid).filter((uid) => uid % step === 0);
}

/** The state of every epoch of a graph case: everything at block 1. */
export function graphStates(inputs: JsonObject): JsonObject[] {
  const graph = object(inputs['graph']);
  const n = number(graph['n']);
  const validators = new Set(graphValidators(graph));
  const uids = Array.from({ length: n }, (_, uid) => uid);
  const servers = uids.filter((uid) => !validators.has(uid)).map((uid) => [uid, 65_535]);
  const selfWeight = boolean(graph['server_self_weight']);
  const state: JsonObject = {
    block: 1,
    stake: uids.map((uid) => (validators.has(uid) ? integer(graph['stake_per_validator']) : 0n)),
    last_update: uids.map((uid) => (validators.has(uid) || selfWeight ? 1 : 0)),
    block_at_registration: uids.map(() => 0),
    validator_permits: uids.map((uid) => validators.has(uid)),
    weights: uids.map((uid) => (validators.has(uid) ? servers : selfWeight ? [[uid, 65_535]] : [])),
  };
  return Array.from({ length: number(graph['epochs']) }, () => state);
}
