import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { REPRESENTED_MAX } from '../governance/vote-delegation.ts';
import { putChallenges } from '../life/challenge.ts';
import { tokenOf } from '../pools/token-terms.ts';
import { isOpen, type Slash } from '../slashing/slash.ts';
import { rulesOfSlash } from '../slashing/slash-table.ts';

/** Two coldkeys, the second of which follows the first. */
interface Followed {
  readonly from: string;
  readonly to: string;
}

/** All that a wallet holds, in every asset. What is held for something stays until it is freed: such a wallet waits. */
export function moveBalances(ledger: Ledger, { from, to }: Followed): Decision<undefined> {
  const tokens = Array.from(ledger.subnets.values(), ({ netuid }) => netuid)
    .toSorted((a, b) => a - b)
    .map(tokenOf);
  for (const asset of [ledger.asset, ...tokens]) {
    const { posted, held } = ledger.book.account(asset, from);
    if (held > 0n) return refuse('KEY_IN_USE', `${held} ${asset} of ${from} are held: swap when they are free`);
    if (posted === 0n) continue;
    const paid = ledger.book.pay({ asset, from, parts: [{ to, amount: posted }] });
    if (!paid.ok) return paid;
  }
  return accept(undefined);
}

/** What is unbonding is released to the new key, what was moved answers on, and earnings go on being staked. */
export function moveBonds(ledger: Ledger, { from, to }: Followed): void {
  for (const row of ledger.unbondings.find(`wallet/${from}`)) {
    ledger.unbondings.put(String(row.id), { ...row, wallet: to });
  }
  for (const row of ledger.movedBonds.find(`wallet/${from}`)) {
    ledger.movedBonds.put(String(row.id), { ...row, wallet: to });
  }
  for (const row of ledger.autoStakes.find(`owner/${from}`)) {
    ledger.autoStakes.put(`${row.netuid}/${row.hotkey}`, { ...row, owner: to });
  }
}

/** In slashes that are open: whose it is, who reported it and gets the deposit back, and the voice of a validator's stake. */
export function moveSlashes(ledger: Ledger, { from, to }: Followed): void {
  const of = (wallet: string): string => (wallet === from ? to : wallet);
  const names = ({ owner, reporter, voters }: Slash): boolean =>
    owner === from || reporter === from || voters.some(({ voter }) => voter === from);
  for (const slash of [...ledger.slashes.values()].filter((each) => isOpen(each) && names(each))) {
    // An arbiter was named by the terms, by its key.
    const isByStake = rulesOfSlash(ledger, slash)?.decidedBy === 'StakeVote';
    const voters = isByStake ? slash.voters.map((each) => ({ ...each, voter: of(each.voter) })) : slash.voters;
    const reporter = slash.reporter === null ? null : of(slash.reporter);
    ledger.slashes.put(slash.id, { ...slash, owner: of(slash.owner), reporter, voters });
  }
}

/** A newcomer that waits gets its place, or its money back, under the new key. */
export function moveChallenges(ledger: Ledger, { from, to }: Followed): void {
  for (const [netuid, challenges] of ledger.challenges.entries()) {
    if (!challenges.some(({ terms }) => terms.coldkey === from || terms.payer === from)) continue;
    const moved = challenges.map((challenge) => {
      const { terms } = challenge;
      const coldkey = terms.coldkey === from ? to : terms.coldkey;
      const payer = terms.payer === from ? to : terms.payer;
      return { ...challenge, terms: { ...terms, coldkey, payer } };
    });
    putChallenges(ledger, Number(netuid), moved);
  }
}

/**
 * Grants, deposits of proposals, the delegate that it named, and who named it. Votes that are open count stake as it was: they stay
 * with the old key, so that nothing votes twice.
 */
export function moveVoice({ governance }: Ledger, { from, to }: Followed): void {
  const { grants, voting, queued } = governance.record;
  for (const id of grants) {
    const grant = governance.grant(id);
    if (grant?.to === from) governance.grants.put(String(id), { ...grant, to });
  }
  for (const id of [...voting, ...queued]) {
    const proposal = governance.proposal(id);
    if (proposal?.proposer === from) governance.putProposal({ ...proposal, proposer: to });
  }
  const { voteDelegates, represented } = governance;
  const named = voteDelegates.get(from);
  if (named !== undefined) {
    voteDelegates.remove(from);
    const isFree = named !== to && voteDelegates.get(to) === undefined;
    if (isFree) voteDelegates.put(to, named);
    const others = (represented.get(named) ?? []).filter((each) => each !== from);
    putRepresented(represented, named, isFree ? [...others, to] : others);
  }
  const entrusted = represented.get(from);
  if (entrusted === undefined) return;
  represented.remove(from);
  const all = [...(represented.get(to) ?? [])];
  for (const wallet of entrusted) {
    // Nobody names itself, and a delegate stands for so many: who is too many votes for itself again.
    if (wallet === to || all.length >= REPRESENTED_MAX) {
      voteDelegates.remove(wallet);
      continue;
    }
    voteDelegates.put(wallet, to);
    all.push(wallet);
  }
  putRepresented(represented, to, all);
}

function putRepresented(
  represented: Ledger['governance']['represented'],
  delegate: string,
  wallets: readonly string[],
): void {
  if (wallets.length === 0) represented.remove(delegate);
  else represented.put(delegate, wallets);
}
