import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FUEL_MAX } from '@subnetes/incentive/limits';
import { type IncentiveFunction, prepareFunction } from '@subnetes/incentive/prepare-function';
import type { ModuleRefusal } from '@subnetes/incentive/refusal';
import type { CommandContext } from '../command-context.ts';
import { checkFailed, print } from '../command-context.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { type Trial, tryFunction } from '../function-trial.ts';
import { readPassphrase } from '../io.ts';
import { findSubnet } from '../neuron-finder.ts';
import { factLines, tableLines } from '../table.ts';
import { signFunctionOrder } from '../wallet-order.ts';
import { readWallet, unlockWallet } from '../wallet-store.ts';

const GUIDE = 'docs/guides/incentive-functions.md says what to do about each code';

export interface FunctionQuestion {
  readonly file: string;
  readonly fuel: number;
  readonly passWeights: boolean;
}

/** `subnetes function check`: whether a module may run as an incentive function, and what it does to made-up networks. */
export async function checkFunction(context: CommandContext, question: FunctionQuestion): Promise<void> {
  if (question.fuel < 1 || question.fuel > FUEL_MAX) throw usageFailure(`--fuel is from 1 to ${FUEL_MAX}`);
  const target = preparedModule(context, question.file, readModule(question.file));
  const trials = tryFunction(target, question);
  const { digest, bytes, exports, meteredBytes, memoryPagesMax } = target;
  print(context, {
    value: { digest, bytes, meteredBytes, memoryPagesMax, exports, trials },
    lines: [...functionLines(target), '', ...trialLines(trials)],
  });
  const refused = trials.find(({ refusal }) => refusal !== null);
  if (refused?.refusal) {
    const { code, message } = refused.refusal;
    throw checkFailed(code, `with ${refused.neurons} neurons: ${message}`, GUIDE);
  }
}

export interface FunctionPublication {
  readonly file: string;
  /** Handle or netuid. */
  readonly subnet: string;
  readonly wallet: string;
}

/** `subnetes function publish`: hands a module to scoring, which keeps it by its hash; the subnet's owner signs. */
export async function publishFunction(context: CommandContext, wish: FunctionPublication): Promise<void> {
  const module = readModule(wish.file);
  const { digest } = preparedModule(context, wish.file, module);
  const file = readWallet(context.walletDir, wish.wallet);
  const { netuid, handle } = await findSubnet(context.market, wish.subnet);
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const { passphraseFile } = context.options;
  const coldkey = await unlockWallet(file, await readPassphrase(context.io, { file: passphraseFile, isNew: false }));
  const sha256 = Buffer.from(digest, 'hex');
  const order = signFunctionOrder({ netuid, sha256 }, coldkey, { ...network, nowMs: context.now() });
  const scoring = await context.market.scoring();
  const authority = { case: 'order' as const, value: order };
  const { repeatedCall, bytesPublished, bytesMax } = await scoring.publishIncentiveFunction({
    netuid,
    module,
    authority,
  });
  print(context, {
    value: { netuid, sha256: digest, bytes: module.length, repeatedCall, bytesPublished, bytesMax },
    lines: [
      `${repeatedCall ? 'Was there already' : 'Published'}: ${digest}, ${module.length} bytes; ${handle} has published ${bytesPublished} of ${bytesMax}.`,
      `Name it in the policy: spec.policy.incentiveFunction.sha256 of the Subnet.`,
    ],
  });
}

/** The module ready to run, or why it may not. */
function preparedModule(context: CommandContext, file: string, bytes: Uint8Array): IncentiveFunction {
  const prepared = prepareFunction(bytes, (content) => createHash('sha256').update(content).digest());
  if (!('refusal' in prepared)) return prepared.function;
  const { refusal } = prepared;
  const digest = sha256(bytes);
  print(context, { value: { digest, bytes: bytes.length, refusal }, lines: refusedLines(digest, refusal) });
  throw checkFailed(refusal.code, `${file} may not run`, GUIDE);
}

/** Throws a Failure where the file cannot be read. */
export function readModule(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Failure({
      code: 'FUNCTION_FILE',
      message: `${file} cannot be read`,
      exitCode: EXIT.noPermission,
      cause,
    });
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function refusedLines(digest: string, { code, message, offset }: ModuleRefusal): string[] {
  const place = offset === null ? [] : [['at byte', String(offset)] as const];
  return factLines([['digest', digest], ['refused', code], ['because', message], ...place]);
}

function functionLines({ digest, bytes, meteredBytes, exports, memoryPagesMax }: IncentiveFunction): string[] {
  return factLines([
    ['digest', digest],
    ['size', `${bytes} bytes, ${meteredBytes} with meters`],
    ['memory', `at most ${memoryPagesMax * 64} KiB`],
    ['exports', exports.join(', ')],
  ]);
}

function trialLines(trials: readonly Trial[]): string[] {
  const percent = (ppm: number): string => `${(ppm / 10_000).toFixed(2)} %`;
  return tableLines(
    [
      { head: 'NEURONS', align: 'right' },
      { head: 'FUEL', align: 'right' },
      { head: 'STATE', align: 'right' },
      { head: 'TOP BEFORE', align: 'right' },
      { head: 'TOP AFTER', align: 'right' },
      { head: 'RESULT' },
    ],
    trials.map(({ neurons, fuelUsed, stateBytes, topPpm, refusal }) => [
      String(neurons),
      String(fuelUsed),
      String(stateBytes),
      topPpm === null ? '-' : percent(topPpm.before),
      topPpm === null ? '-' : percent(topPpm.after),
      refusal === null ? 'shares' : refusal.code,
    ]),
  );
}
