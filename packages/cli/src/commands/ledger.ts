import type { AuditReport } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { CommandContext } from '../command-context.ts';
import { checkFailed, print } from '../command-context.ts';
import { JournalVerifier, type Finding, type JournalProof } from '../journal-verifier.ts';
import { raoOf } from '../number-text.ts';
import { factLines } from '../table.ts';

const PAGE = 1000;
const PROGRESS_EVERY = 20_000;

/** `subnetes ledger verify`: the whole journal, followed on this machine and compared with the ledger's own audit. */
export async function verifyLedger(context: CommandContext): Promise<void> {
  const ledger = await context.market.ledger();
  const network = await ledger.getNetwork({});
  const audit = await ledger.audit({ verifyChain: true }, { deadlineMs: 600_000 });
  const proof = await followJournal(context, audit.entries);
  const asset = network.symbol;
  const sums = {
    issued: -(proof.balances.get(`${asset}/mint`) ?? 0n),
    burned: proof.balances.get(`${asset}/burned`) ?? 0n,
    difference: sumOf(proof, asset),
  };
  const findings: Finding[] = [...proof.findings, ...disagreements(proof, sums, audit)];
  const facts = factLines([
    ['entries', `${proof.entries}, followed from the first; head sha256:${proof.headHash.slice(0, 16)}…`],
    [
      'hash chain',
      proof.findings.some(({ code }) => code === 'HASH_MISMATCH' || code === 'SEQUENCE_GAP') ? 'BROKEN' : 'whole',
    ],
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

/** Up to the entry at which the audit stood; what came later is for the next verification. */
async function followJournal(context: CommandContext, until: bigint): Promise<JournalProof> {
  const ledger = await context.market.ledger();
  const verifier = new JournalVerifier();
  let after = 0n;
  while (after < until) {
    const left = until - after;
    const page = await ledger.listEntries({ afterSequence: after, limit: left < BigInt(PAGE) ? Number(left) : PAGE });
    if (page.entries.length === 0) break; // the proof then has fewer entries than the audit, which is a finding
    for (const entry of page.entries) verifier.take(entry);
    after = page.entries.at(-1)?.sequence ?? after;
    if (
      context.options.json !== true &&
      after % BigInt(PROGRESS_EVERY) < BigInt(PAGE) &&
      after > BigInt(PROGRESS_EVERY)
    )
      context.io.err(`  ${after} of ${until} entries followed`);
  }
  return verifier.proof();
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
