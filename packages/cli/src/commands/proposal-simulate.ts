import { readFileSync, writeFileSync } from 'node:fs';
import { type MessageInitShape } from '@bufbuild/protobuf';
import { tokenTextFromRao } from '@subnetes/money/amount';
import type { SimulationSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { recomputeEpoch, sha256Hex } from '@subnetes/replay/recompute-epoch';
import { z } from 'zod';
import type { CommandContext } from '../command-context.ts';
import { print } from '../command-context.ts';
import { functionsOf } from '../epoch-function.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { changedDocument, compareEpochs, overrideOf } from '../what-if.ts';
import { readDocument } from './epoch.ts';

/** Epochs that one simulation runs at most. */
const EPOCHS_MAX = 100;
const RAO = z.string().regex(/^-?[0-9]{1,39}$/);

const documentSchema = z.strictObject({
  format: z.literal('subnetes/simulation/1'),
  netuid: z.int().min(0),
  set: z.array(z.string()),
  summary: z.string().max(1000),
  epochs: z
    .array(
      z.strictObject({
        epoch: z.int().min(1),
        inputsSha256: z.string(),
        outputsSha256: z.string(),
        neurons: z.array(z.strictObject({ uid: z.int(), hotkey: z.string(), paidRao: RAO, wouldBeRao: RAO })),
      }),
    )
    .min(1)
    .max(EPOCHS_MAX),
});

type SimulationDocument = z.infer<typeof documentSchema>;
type SimulatedEpoch = SimulationDocument['epochs'][number];

export interface SimulateOptions {
  readonly netuid: number;
  readonly set: readonly string[];
  readonly epochs: number;
  readonly out: string | undefined;
}

/**
 * `subnetes proposal simulate`: runs the newest epochs again under other rules, from what scoring has stored, and writes what each
 * neuron would have been paid. Whoever does it again gets the same bytes.
 */
export async function simulateProposal(context: CommandContext, options: SimulateOptions): Promise<void> {
  const { netuid, set, out } = options;
  if (set.length === 0) throw usageFailure('nothing would change', 'name a rule with --set NAME=VALUE');
  if (options.epochs < 1 || options.epochs > EPOCHS_MAX) throw usageFailure(`--epochs must be 1 to ${EPOCHS_MAX}`);
  const scoring = await context.market.scoring();
  const newest = await scoring.getEpoch({ netuid, index: 0n });
  const last = readDocument(newest.inputsJson).due.index;
  const first = Math.max(1, last - options.epochs + 1);
  const epochs: SimulatedEpoch[] = [];
  for (let epoch = first; epoch <= last; epoch += 1) {
    const { inputsJson } = epoch === last ? newest : await scoring.getEpoch({ netuid, index: BigInt(epoch) });
    epochs.push(await simulate(scoring, inputsJson, set));
  }
  const document: SimulationDocument = {
    format: 'subnetes/simulation/1',
    netuid,
    set: [...set],
    summary: summaryOf({ netuid, set }, epochs),
    epochs,
  };
  const text = `${JSON.stringify(document)}\n`;
  if (out !== undefined) writeFileSync(out, text);
  const sha256 = sha256Hex(text);
  print(context, {
    value: { sha256, ...document },
    lines: [
      document.summary,
      `sha256:${sha256}`,
      out === undefined
        ? 'Write it with --out FILE and attach it with proposal create --simulation FILE.'
        : `Written to ${out}; attach it with proposal create --simulation ${out}.`,
    ],
  });
}

/** What a proposal says of a simulation that lies in a file. */
export function readSimulation(file: string): MessageInitShape<typeof SimulationSchema> {
  try {
    const text = readFileSync(file, 'utf8');
    const { netuid, summary, epochs } = documentSchema.parse(JSON.parse(text));
    return {
      netuid,
      summary,
      firstEpoch: BigInt(epochs[0]?.epoch ?? 0),
      lastEpoch: BigInt(epochs.at(-1)?.epoch ?? 0),
      sha256: Uint8Array.from(Buffer.from(sha256Hex(text), 'hex')),
    };
  } catch (cause) {
    throw new Failure({
      code: 'SIMULATION_FILE',
      message: `${file} is nothing that proposal simulate wrote`,
      exitCode: EXIT.usage,
      cause,
    });
  }
}

async function simulate(
  scoring: Awaited<ReturnType<CommandContext['market']['scoring']>>,
  inputsJson: string,
  set: readonly string[],
): Promise<SimulatedEpoch> {
  const document = readDocument(inputsJson);
  const inputsSha256 = sha256Hex(inputsJson);
  const { runFunction } = await functionsOf(scoring, document);
  const changed = changedDocument(document, { overrides: set.map(overrideOf), without: [] });
  const before = recomputeEpoch(document, inputsSha256, { runFunction });
  const after = recomputeEpoch(changed.document, inputsSha256, { runFunction });
  const hotkeys = new Map(document.due.neurons.map(({ uid, hotkey }) => [uid, hotkey]));
  return {
    epoch: document.due.index,
    inputsSha256,
    outputsSha256: after.outputsSha256,
    neurons: compareEpochs(before, after)
      .toSorted((a, b) => a.before.uid - b.before.uid)
      .map(({ before: { uid }, paidBefore, paidAfter }) => ({
        uid,
        hotkey: hotkeys.get(uid) ?? '',
        paidRao: paidBefore.toString(),
        wouldBeRao: paidAfter.toString(),
      })),
  };
}

/** One sentence: what moved in all, and who would have gained and lost most. */
function summaryOf(
  { netuid, set }: Pick<SimulateOptions, 'netuid' | 'set'>,
  epochs: readonly SimulatedEpoch[],
): string {
  const differences = new Map<string, { uid: number; rao: bigint }>();
  let paid = 0n;
  for (const { neurons } of epochs) {
    for (const { uid, hotkey, paidRao, wouldBeRao } of neurons) {
      paid += BigInt(paidRao);
      const rao = (differences.get(hotkey)?.rao ?? 0n) + BigInt(wouldBeRao) - BigInt(paidRao);
      differences.set(hotkey, { uid, rao });
    }
  }
  const sorted = [...differences.values()].toSorted((a, b) => (a.rao > b.rao ? -1 : a.rao < b.rao ? 1 : a.uid - b.uid));
  const moved = sorted.reduce((sum, { rao }) => (rao > 0n ? sum + rao : sum), 0n);
  const [most] = sorted;
  const least = sorted.at(-1);
  const range = `epochs ${epochs[0]?.epoch ?? 0} to ${epochs.at(-1)?.epoch ?? 0} of subnet ${netuid}`;
  const head = `${set.join(', ')} in ${range}: ${tokenTextFromRao(moved)} of ${tokenTextFromRao(paid)} tokens would have gone elsewhere`;
  if (moved === 0n || most === undefined || least === undefined) return head;
  return `${head}; uid ${most.uid} gains most, ${tokenTextFromRao(most.rao)}, and uid ${least.uid} loses most, ${tokenTextFromRao(least.rao < 0n ? -least.rao : 0n)}`;
}
