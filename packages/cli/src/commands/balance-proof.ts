import type { BalanceLeaf } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { checkBalanceProof, formatBalanceProof } from '@subnetes/transparency/balance-proof-file';
import type { ProvenText } from '@subnetes/transparency/balance-tree';
import { checkFailed, type CommandContext, print } from '../command-context.ts';
import { usageFailure } from '../failure.ts';
import { entryProofOf, judged, policyOf, type TrustOptions, writeProof } from '../proof-file.ts';
import { factLines } from '../table.ts';

interface BalanceOptions {
  readonly epoch: number | undefined;
  readonly netuid: number | undefined;
  readonly out: string | undefined;
}

/** `subnetes ledger prove --balance`: a file that shows what an account had when an epoch was paid. */
export async function proveBalance(context: CommandContext, account: string, options: BalanceOptions): Promise<void> {
  const { epoch, netuid, out } = options;
  if (epoch === undefined || netuid === undefined) {
    throw usageFailure(
      '--balance needs --netuid and --epoch',
      'balances are shown as they were when an epoch was paid',
    );
  }
  const ledger = await context.market.ledger();
  const answer = await ledger.getBalanceProof({ account, netuid, epoch: BigInt(epoch) });
  if (answer.root === undefined || answer.header === undefined) {
    throw checkFailed('PROOF_MISSING', 'the ledger gave no proof');
  }
  const proof = { header: leafOf(answer.header), leaves: answer.leaves.map(leafOf) };
  const file = formatBalanceProof(proof, entryProofOf(answer.root));
  const logKey = answer.root.checkpoint?.verifierKey ?? '';
  // A file that would not pass its own check is not handed out.
  const proven = judged(checkBalanceProof(file, policyOf({ logKey, witness: [], witnessesMin: 0 }), account));
  const text = Buffer.from(file).toString('utf8');
  if (out !== undefined) writeProof(out, file);
  print(context, {
    value: { account, balanceRao: proven.balance, sequence: proven.sequence, logKey, file: out ?? text },
    lines:
      out === undefined
        ? text.split('\n').slice(0, -1)
        : [`✔ ${out} shows that ${account} had ${proven.balance} rao after entry ${proven.sequence}.`],
  });
  if (context.options.json === true) return;
  context.io.err(`check it: subnetes ledger check ${out ?? 'FILE'} --log-key '${logKey}' --account ${account}`);
}

/** `subnetes ledger check` of such a file; asks no server. */
export function checkBalance(
  context: CommandContext,
  file: Uint8Array,
  options: TrustOptions & { readonly account: string | undefined },
): void {
  const { account } = options;
  if (account === undefined) throw usageFailure('the file shows a balance', 'say whose it is: --account NAME');
  const proven = judged(checkBalanceProof(file, policyOf(options), account));
  const { balance, asset, netuid, epoch, sequence, root } = proven;
  const { checkpoint, logKey, witnesses } = root.trusted;
  print(context, {
    value: {
      account,
      asset,
      balance,
      netuid,
      epoch,
      sequence,
      rootSequence: root.sequence,
      log: { origin: checkpoint.origin, size: checkpoint.size, root: Buffer.from(checkpoint.root).toString('hex') },
      witnesses,
      ok: true,
    },
    lines: [
      ...factLines([
        ['balance', `${account} had ${balance} of ${asset}'s smallest unit`],
        ['when', `right after entry ${sequence}, which paid epoch ${epoch} of subnet ${netuid}`],
        ['root', `in entry ${root.sequence}, sha256:${root.hash.slice(0, 16)}…`],
        ['log', `${checkpoint.origin}, ${checkpoint.size} entries under the checkpoint`],
        ['signed by', [logKey.name, ...witnesses.map(({ name }) => name)].join(', ')],
      ]),
      '✔ The ledger has committed itself to this balance, and cannot take it back unseen.',
    ],
  });
}

function leafOf({ text, index, hashes }: BalanceLeaf): ProvenText {
  return { text, index: Number(index), proof: hashes };
}
