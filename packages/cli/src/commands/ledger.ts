import type { AuditReport, Checkpoint } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { RpcError } from '@subnetes/proto/rpc-error';
import type { ArchiveFiles } from '../archive-files.ts';
import type { CommandContext } from '../command-context.ts';
import { checkFailed, print } from '../command-context.ts';
import { followJournal } from '../follow-journal.ts';
import { JournalTreeCheck } from '../journal-tree-check.ts';
import type { Finding, JournalProof } from '../journal-verifier.ts';
import { raoOf } from '../number-text.ts';
import { factLines } from '../table.ts';

/** What `subnetes ledger verify` goes by beside the ledger. */
export interface VerifyOptions {
  readonly logKey: string | undefined;
  /** What the ledger does not keep any more. */
  readonly archives: ArchiveFiles | undefined;
}

/**
 * `subnetes ledger verify`: the whole journal, followed on this machine, compared with the ledger's own audit and with its
 * newest signed checkpoint.
 */
export async function verifyLedger(context: CommandContext, { logKey, archives }: VerifyOptions): Promise<void> {
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  // Before the audit, so that its entries are among those that are followed.
  const checkpoint = await newestCheckpoint(context);
  const audit = await ledger.audit({ verifyChain: true }, { deadlineMs: 600_000 });
  const tree = checkpoint === undefined ? undefined : new JournalTreeCheck(checkpoint);
  const { proof, archived } = await followJournal(context, { until: audit.entries, tree, archives });
  const sums = sumsOf(proof, network.symbol);
  const networkId = Buffer.from(network.networkId).toString('hex');
  const broken = tree?.findings(networkId, logKey) ?? unsigned(logKey);
  const findings: Finding[] = [...proof.findings, ...disagreements(proof, sums, audit), ...broken];
  const facts = factLines([
    ['entries', `${proof.entries}, followed from the first; head sha256:${proof.headHash.slice(0, 16)}…`],
    ...(archived === 0 ? [] : [['archived', `${archived} of them, out of files`] as const]),
    [
      'hash chain',
      proof.findings.some(({ code }) => code === 'HASH_MISMATCH' || code === 'SEQUENCE_GAP') ? 'BROKEN' : 'whole',
    ],
    ['checkpoint', checkpointFact(checkpoint, broken, logKey)],
    ['accounts', `${proof.balances.size}, each balance recomputed`],
    ['issued', `${sums.issued} rao`],
    ['burned', `${sums.burned} rao`],
    ['difference', `${sums.difference} rao here, ${audit.differenceRao} rao in the ledger's own audit`],
  ]);
  const verdict =
    findings.length === 0
      ? ['✔ The journal holds: nothing was created, lost or changed.']
      : findings.map((finding) => `✘ entry ${finding.sequence}: ${finding.message} (${finding.code})`);
  print(context, {
    value: {
      entries: proof.entries,
      archivedEntries: archived,
      headHash: proof.headHash,
      accounts: proof.balances.size,
      issuedRao: sums.issued,
      burnedRao: sums.burned,
      differenceRao: sums.difference,
      audit: {
        entries: audit.entries,
        differenceRao: audit.differenceRao,
        chainVerified: audit.chainVerified,
        findings: audit.findings,
      },
      checkpoint: checkpoint === undefined ? null : { entries: checkpoint.size, logKey: checkpoint.verifierKey },
      findings,
      ok: findings.length === 0,
    },
    lines: [...facts, ...verdict],
  });
  if (findings.length > 0)
    throw checkFailed(
      'JOURNAL_BROKEN',
      `the journal does not hold, first at entry ${findings[0]?.sequence ?? '?'}`,
      'see docs/runbooks/conservation-broken.md; stop the ledger before anything else',
    );
}

/** Undefined for a ledger that has signed none. */
async function newestCheckpoint(context: CommandContext): Promise<Checkpoint | undefined> {
  const ledger = await context.market.ledger();
  try {
    return await ledger.getCheckpoint({});
  } catch (error) {
    if (error instanceof RpcError && error.reason === 'NO_CHECKPOINT') return undefined;
    throw error;
  }
}

/** Whoever names a key expects something signed by it. */
function unsigned(logKey: string | undefined): readonly Finding[] {
  const message = 'the ledger has signed no checkpoint';
  return logKey === undefined ? [] : [{ sequence: '0', code: 'CHECKPOINT_BROKEN', message }];
}

function checkpointFact(
  checkpoint: Checkpoint | undefined,
  broken: readonly Finding[],
  logKey: string | undefined,
): string {
  if (checkpoint === undefined) return 'none is signed';
  if (broken.length > 0) return 'BROKEN';
  const by = logKey === undefined ? `the key that the ledger names, ${checkpoint.verifierKey}` : 'the key given';
  return `the tree of ${checkpoint.size} entries has the signed root; signed by ${by}`;
}

function sumsOf(proof: JournalProof, asset: string) {
  return {
    issued: -(proof.balances.get(`${asset}/mint`) ?? 0n),
    burned: proof.balances.get(`${asset}/burned`) ?? 0n,
    difference: sumOf(proof, asset),
  };
}

function sumOf(proof: JournalProof, asset: string): bigint {
  return [...proof.balances]
    .filter(([key]) => key.startsWith(`${asset}/`))
    .reduce((sum, [, balance]) => sum + balance, 0n);
}

function disagreements(
  proof: JournalProof,
  sums: { issued: bigint; burned: bigint; difference: bigint },
  audit: AuditReport,
): Finding[] {
  const compare = (what: string, here: bigint, there: bigint): Finding[] =>
    here === there
      ? []
      : [
          {
            sequence: proof.lastSequence.toString(),
            code: 'BALANCE_MISMATCH',
            message: `${what} is ${here} by the journal and ${there} by the ledger's audit`,
          },
        ];
  return [
    ...compare('the number of entries', BigInt(proof.entries), audit.entries),
    ...compare('issued rao', sums.issued, raoOf(audit.issuedRao)),
    ...compare('burned rao', sums.burned, raoOf(audit.burnedRao)),
    ...compare('the difference', sums.difference, 0n),
    ...compare("the audit's difference", raoOf(audit.differenceRao), 0n),
    ...audit.findings.map((message): Finding => ({
      sequence: audit.firstBrokenSequence.toString(),
      code: 'BALANCE_MISMATCH',
      message: `the ledger's audit: ${message}`,
    })),
  ];
}
