import { resetBonds } from '../src/bonds.ts';
import type { EpochInput, EpochOutput, EpochParameters, Formula } from '../src/epoch-types.ts';
import type { Matrix } from '../src/sparse.ts';
import { checkExpectedEpoch, checkSummary } from './epoch-expectations.ts';
import { graphStates } from './graph-case.ts';
import {
  boolean,
  CaseMalformed,
  integer,
  type Json,
  type JsonObject,
  list,
  number,
  numbers,
  object,
  optional,
  string,
  type VectorCase,
} from './vector-case.ts';

/** The reference or the kernel. */
export type RunEpoch = (input: EpochInput) => EpochOutput;

/** Runs the epochs of a case, each from the bonds that the one before stored, and compares what the case states. */
export function checkEpochCase({ inputs, expected }: VectorCase, run: RunEpoch): string[] {
  const params = object(inputs['params']);
  const states = inputs['graph'] === undefined ? list(inputs['epochs']).map(object) : graphStates(inputs);
  const outputs = runAll(params, states, run);
  if (expected['summary'] !== undefined) {
    const last = outputs.at(-1);
    if (last === undefined) throw new CaseMalformed('no epochs');
    return checkSummary(
      object(expected['summary']),
      { output: last, pot: integer(params['rao_emission']) },
      object(inputs['graph']),
    );
  }
  const stated = list(expected['epochs']).map(object);
  if (stated.length !== outputs.length) throw new CaseMalformed('inputs and expected differ in their epochs');
  return outputs.flatMap((output, index) =>
    checkExpectedEpoch({
      where: `epoch ${index}`,
      scored: { output, pot: integer(params['rao_emission']) },
      expected: stated[index] ?? {},
      tolerance: object(expected['tolerance']),
      columns: optional(inputs['server_uids']) === undefined ? [] : numbers(inputs['server_uids']),
    }),
  );
}

function runAll(params: JsonObject, states: readonly JsonObject[], run: RunEpoch): EpochOutput[] {
  const outputs: EpochOutput[] = [];
  let bonds: Matrix<number> = Array.from({ length: number(params['n']) }, () => []);
  for (const state of states) {
    const dropped = state['reset_bonds_of'] === undefined ? [] : numbers(state['reset_bonds_of']);
    const output = run(epochInput(params, state, resetBonds(bonds, new Set(dropped))));
    bonds = output.bonds;
    outputs.push(output);
  }
  return outputs;
}

function epochInput(params: JsonObject, state: JsonObject, bonds: Matrix<number>): EpochInput {
  const stake = list(state['stake']).map(integer);
  const lastUpdate = numbers(state['last_update']);
  const registeredAt = numbers(state['block_at_registration']);
  const permits = list(state['validator_permits']).map(boolean);
  const weights = list(state['weights']).map((row) => list(row).map(entry));
  const commits = state['commit_blocks'] === undefined ? [] : list(state['commit_blocks']);
  const ownerUid = optional(params['owner_uid']);
  const lastStep = optional(state['last_step_block']);
  return {
    block: number(state['block']),
    lastEpochBlock: lastStep === undefined ? null : number(lastStep),
    ownerUid: ownerUid === undefined ? null : number(ownerUid),
    parameters: parameters(params),
    neurons: stake.map((units, uid) => ({
      stake: units,
      lastUpdate: lastUpdate[uid] ?? 0,
      registeredAt: registeredAt[uid] ?? 0,
      permit: permits[uid] ?? false,
      oldestCommit: optional(commits[uid]) === undefined ? null : number(commits[uid]),
      weights: weights[uid] ?? [],
      bonds: bonds[uid] ?? [],
    })),
  };
}

function entry(pair: Json): readonly [number, number] {
  const [uid, value] = numbers(pair);
  if (uid === undefined || value === undefined) throw new CaseMalformed('a weight is not a pair');
  return [uid, value];
}

function parameters(params: JsonObject): EpochParameters {
  if (!boolean(params['sparse'])) throw new CaseMalformed('the dense form does not run anywhere and is not built');
  const bondMask = string(params['bond_mask']);
  const permitRule = string(params['permit_rule']);
  if (bondMask !== 'epoch' && bondMask !== 'row') throw new CaseMalformed(`bond_mask ${bondMask}`);
  if (permitRule !== 'topk_nonzero' && permitRule !== 'topk') throw new CaseMalformed(`permit_rule ${permitRule}`);
  const low = optional(params['alpha_low_u16']);
  return {
    formula: formula(string(params['bonds']), boolean(params['liquid_alpha'])),
    kappaU16: number(params['kappa_u16']),
    bondsPenaltyU16: number(params['bonds_penalty_u16']),
    bondsMovingAveragePpm: number(params['bonds_moving_average_ppm']),
    liquidAlpha:
      low === undefined
        ? undefined
        : {
            lowU16: number(low),
            highU16: number(params['alpha_high_u16']),
            steepnessHundredths: number(optional(params['alpha_sigmoid_steepness']) ?? 1000),
          },
    tempo: number(params['tempo']),
    activityCutoffBlocks: number(params['activity_cutoff']),
    maxValidators: number(params['max_allowed_validators']),
    minStake: integer(params['min_stake']),
    bondMask,
    permitRule: permitRule === 'topk' ? 'plain' : 'nonzero',
    clearBonds: boolean(params['clear_all']) ? 'without-next-permit' : 'permit-lost',
  };
}

function formula(bonds: string, liquid: boolean): Formula {
  if (bonds === 'classic') return 'yuma2'; // ignores the liquid switch
  if (bonds === 'liquid1') return liquid ? 'yuma2-liquid' : 'yuma2';
  if (bonds === 'yuma3') return liquid ? 'yuma3-liquid' : 'yuma3';
  throw new CaseMalformed(`bonds ${bonds}`);
}
