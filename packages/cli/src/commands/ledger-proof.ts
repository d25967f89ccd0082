import { isBalanceProof } from '@subnetes/transparency/balance-proof-file';
import { checkEntryProof, type ProvenEntry } from '@subnetes/transparency/entry-proof';
import { payoutOf, paymentsOn } from '@subnetes/transparency/ledger-entry';
import { type CommandContext, print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { findNeuron } from '../neuron-finder.ts';
import { entryProofOf, judged, policyOf, readProof, type TrustOptions, writeProof } from '../proof-file.ts';
import { factLines } from '../table.ts';
import { checkBalance, proveBalance } from './balance-proof.ts';

export interface ProveOptions {
  readonly entry: number | undefined;
  readonly key: string | undefined;
  readonly epoch: number | undefined;
  readonly miner: string | undefined;
  /** Account whose balance at an epoch is to be shown. */
  readonly balance: string | undefined;
  readonly netuid: number | undefined;
  readonly namespace: string | undefined;
  readonly out: string | undefined;
}

export interface CheckOptions extends TrustOptions {
  readonly netuid: number | undefined;
  readonly epoch: number | undefined;
  readonly registration: string | undefined;
  readonly account: string | undefined;
}

const POSTINGS_SHOWN = 20;

/** `subnetes ledger prove`: a file that shows an entry, a payout, a balance or an invoice's line to anybody, without a network. */
export async function proveEntry(context: CommandContext, options: ProveOptions): Promise<void> {
  if (options.balance !== undefined) return proveBalance(context, options.balance, options);
  const asked = await askedOf(context, options);
  const ledger = await context.market.ledger();
  const answer = await ledger.getInclusionProof({ by: asked.by });
  const file = entryProofOf(answer);
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
  const file = readProof(path);
  if (isBalanceProof(file)) return checkBalance(context, file, options);
  const proven = judged(checkEntryProof(file, policyOf(options)));
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
    throw usageFailure(
      'say what to prove',
      'one of --entry N, --key KEY, or --epoch E with --miner NAME or --balance ACCOUNT',
    );
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
