import { readFileSync, statSync, writeFileSync } from 'node:fs';
import type { InclusionProof } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { checkEntryProof, formatEntryProof, type ProvenEntry } from '@subnetes/transparency/entry-proof';
import { payoutOf, paymentsOn } from '@subnetes/transparency/ledger-entry';
import { LOG_PROOF_BYTES_MAX } from '@subnetes/transparency/log-proof';
import type { Decision } from '@subnetes/transparency/refusal';
import { type TrustPolicy, trustPolicy } from '@subnetes/transparency/trust-policy';
import { parseVerifierKey } from '@subnetes/transparency/verifier-key';
import { checkFailed, type CommandContext, print } from '../command-context.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { entryText } from '../journal-verifier.ts';
import { findNeuron } from '../neuron-finder.ts';
import { factLines } from '../table.ts';

export interface ProveOptions {
  readonly entry: number | undefined;
  readonly key: string | undefined;
  readonly epoch: number | undefined;
  readonly miner: string | undefined;
  readonly netuid: number | undefined;
  readonly namespace: string | undefined;
  readonly out: string | undefined;
}

export interface CheckOptions {
  readonly logKey: string;
  readonly witness: readonly string[];
  readonly witnessesMin: number | undefined;
  readonly netuid: number | undefined;
  readonly epoch: number | undefined;
  readonly registration: string | undefined;
  readonly account: string | undefined;
}

const POSTINGS_SHOWN = 20;

/** `subnetes ledger prove`: a file that shows an entry, a payout or an invoice's line to anybody, without a network. */
export async function proveEntry(context: CommandContext, options: ProveOptions): Promise<void> {
  const asked = await askedOf(context, options);
  const ledger = await context.market.ledger();
  const answer = await ledger.getInclusionProof({ by: asked.by });
  const file = fileOf(answer);
  const verifierKey = answer.checkpoint?.verifierKey ?? '';
  // A file that would not pass its own check is not handed out.
  judged(checkEntryProof(file, policyOf({ logKey: verifierKey, witness: [], witnessesMin: 0 })));
  const text = Buffer.from(file).toString('utf8');
  if (options.out !== undefined) writeProof(options.out, file);
  print(context, {
    value: { sequence: answer.entry?.sequence, logKey: verifierKey, file: options.out ?? text },
    lines:
      options.out === undefined
        ? text.split('\n').slice(0, -1)
        : [`✔ ${options.out} shows entry ${answer.entry?.sequence ?? ''}.`],
  });
  if (context.options.json === true) return;
  const wanted = asked.check.map((part) => ` ${part}`).join('');
  context.io.err(`check it: subnetes ledger check ${options.out ?? 'FILE'} --log-key '${verifierKey}'${wanted}`);
}

/** `subnetes ledger check`: judges a proof from its bytes and the keys given; asks no server. */
export async function checkProof(context: CommandContext, path: string, options: CheckOptions): Promise<void> {
  const proven = judged(checkEntryProof(readProof(path), policyOf(options)));
  const shown = shownBy(proven, options);
  const { checkpoint, logKey, witnesses } = proven.trusted;
  const { kind, block } = proven.entry;
  print(context, {
    value: {
      sequence: proven.sequence,
      hash: proven.hash,
      block,
      kind,
      payload: proven.entry.payload,
      postings: proven.entry.postings,
      log: { origin: checkpoint.origin, size: checkpoint.size, root: Buffer.from(checkpoint.root).toString('hex') },
      witnesses,
      ...shown.value,
      ok: true,
    },
    lines: [
      ...factLines([
        ['entry', `${proven.sequence}, ${kind} at block ${block}, sha256:${proven.hash.slice(0, 16)}…`],
        ['log', `${checkpoint.origin}, ${checkpoint.size} entries under the checkpoint`],
        ['signed by', [logKey.name, ...witnesses.map(({ name }) => name)].join(', ')],
        ...shown.facts,
      ]),
      '✔ The ledger has this entry, and cannot take it back unseen.',
    ],
  });
}

interface Asked {
  readonly by: { readonly case: 'sequence'; readonly value: bigint } | { readonly case: 'key'; readonly value: string };
  /** Options of `check` that show what was asked for. */
  readonly check: readonly string[];
}

async function askedOf(context: CommandContext, options: ProveOptions): Promise<Asked> {
  const { entry, key, epoch, miner, netuid, namespace } = options;
  const wanted = [entry, key, epoch].filter((one) => one !== undefined);
  if (wanted.length !== 1 || (epoch === undefined) !== (miner === undefined)) {
    throw usageFailure('say what to prove', 'one of --entry N, --key KEY, or --epoch E with --miner NAME');
  }
  if (entry !== undefined) return { by: { case: 'sequence', value: BigInt(entry) }, check: [] };
  if (key !== undefined) return { by: { case: 'key', value: key }, check: [] };
  const found = await findNeuron(context.market, { name: miner ?? '', kind: 'Miner', netuid, namespace });
  const subnet = found.subnet.netuid;
  const registration = Buffer.from(found.neuron.registrationId).toString('hex');
  return {
    by: { case: 'key', value: `epoch:${subnet}:${epoch}` },
    check: [`--netuid ${subnet}`, `--epoch ${epoch}`, `--registration ${registration}`],
  };
}

function fileOf({ checkpoint, entry, previousHash, hashes }: InclusionProof): Uint8Array {
  if (checkpoint === undefined || entry === undefined) {
    throw new Failure({ code: 'PROOF_MISSING', message: 'the ledger gave no proof', exitCode: EXIT.checkFailed });
  }
  return formatEntryProof({
    sequence: Number(entry.sequence),
    previousHash: Buffer.from(previousHash).toString('hex'),
    text: entryText(entry),
    proof: hashes,
    note: checkpoint.note,
  });
}

/** What a person asked to see in the entry. */
function shownBy(
  { entry }: ProvenEntry,
  options: CheckOptions,
): { readonly value: object; readonly facts: readonly (readonly [string, string])[] } {
  const { netuid, epoch, registration, account } = options;
  if (registration !== undefined) {
    if (netuid === undefined || epoch === undefined) {
      throw usageFailure('--registration needs --netuid and --epoch', 'name the epoch that was paid');
    }
    const payout = judged(payoutOf(entry, { netuid, index: epoch, registrationId: registration }));
    const { uid, incentive, dividend, accounts } = payout;
    const to = accounts.length === 0 ? '' : ` to ${accounts.join(' or ')}`;
    return {
      value: { payout },
      facts: [['payout', `uid ${uid}: ${incentive} rao incentive, ${dividend} rao dividend${to}`]],
    };
  }
  const postings = account === undefined ? entry.postings : judged(paymentsOn(entry, account));
  const shown = postings.slice(0, POSTINGS_SHOWN);
  const facts = shown.map(
    (leg) => ['posting', `${leg.delta} ${leg.asset} on ${leg.account}, then ${leg.balanceAfter}`] as const,
  );
  const rest = postings.length - shown.length;
  return { value: {}, facts: rest > 0 ? [...facts, ['postings', `${rest} more; --json shows them`]] : facts };
}

function policyOf(options: Pick<CheckOptions, 'logKey' | 'witness' | 'witnessesMin'>): TrustPolicy {
  const logKey = keyOf(options.logKey);
  const witnesses = options.witness.map(keyOf);
  const policy = trustPolicy({
    origin: logKey.name,
    logKeys: [logKey],
    witnesses,
    witnessesMin: options.witnessesMin ?? witnesses.length,
  });
  if (policy.ok) return policy.value;
  throw usageFailure(policy.message);
}

function keyOf(text: string) {
  const key = parseVerifierKey(text);
  if (key.ok) return key.value;
  throw usageFailure(
    key.message,
    'a key looks like <name>+<8 hex digits>+<base64>; subnetes ledger prove names the ledger’s',
  );
}

function judged<T>(decision: Decision<T>): T {
  if (decision.ok) return decision.value;
  throw checkFailed(decision.code, decision.message);
}

function readProof(path: string): Uint8Array {
  try {
    if (statSync(path).size <= LOG_PROOF_BYTES_MAX) return readFileSync(path);
  } catch (cause) {
    throw fileFailure(`${path} cannot be read`, cause);
  }
  throw checkFailed('PROOF_MALFORMED', `${path} is larger than any proof`);
}

function writeProof(path: string, file: Uint8Array): void {
  try {
    writeFileSync(path, file);
  } catch (cause) {
    throw fileFailure(`${path} cannot be written`, cause);
  }
}

function fileFailure(message: string, cause: unknown): Failure {
  return new Failure({ code: 'PROOF_FILE', message, exitCode: EXIT.noPermission, cause });
}
