import { BURNED, INSURANCE, SLASH_DEPOSITS } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import type { Ledger } from '../economy/ledger.ts';
import { writeRegistration } from '../economy/registration.ts';
import { neuronAt, poolNameOf } from '../keys/pool-name.ts';
import { releaseUnbonding, takeDue } from '../unbonding/release.ts';
import { forgetSlashes, leavesAtBlock } from './forget-slashes.ts';
import { isOpen, type Slash } from './slash.ts';
import { rulesOfSlash } from './slash-table.ts';
import { PPM } from './slashing-terms.ts';
import { seize, type Seized, stakeAtFault } from './stake-at-fault.ts';

/** Slashes that one block carries out or drops at most: each looks at all that is unbonding from its neuron. */
export const DECISIONS_MAX = 4;

export const STATEMENT_CHARACTERS_MAX = 512;

export interface DisputeOrder {
  readonly slashId: string;
  readonly statement: string;
}

export interface VoteOrder {
  readonly slashId: string;
  readonly upholds: boolean;
}

/** The owner says that it was not so: now others decide. */
export function disputeSlash(ledger: Ledger, wallet: string, { slashId, statement }: DisputeOrder): Decision<Slash> {
  const slash = ledger.slashes.get(slashId);
  if (slash === undefined) return slashUnknown(slashId);
  // Of today: a coldkey that another follows has no say any more.
  const owner = ledger.hotkeys.get(slash.hotkey) ?? slash.owner;
  if (owner !== wallet) {
    return refuse('NOT_OWNER', `${slash.hotkey} belongs to ${owner}: its owner disputes its slashes`);
  }
  if (slash.status !== 'Pending' || ledger.block > slash.disputeUntilBlock) {
    return refuse(
      'DISPUTE_OVER',
      `slash ${slashId} is ${slash.status}, and could be disputed until block ${slash.disputeUntilBlock}`,
    );
  }
  if (statement.length > STATEMENT_CHARACTERS_MAX) {
    return refuse('INVALID_ARGUMENT', `a statement has ${STATEMENT_CHARACTERS_MAX} characters at most`);
  }
  const { decisionBlocks = 0 } = rulesOfSlash(ledger, slash) ?? {};
  const disputed: Slash = {
    ...slash,
    status: 'Disputed',
    statement,
    dueBlock: slash.disputeUntilBlock + decisionBlocks,
  };
  ledger.slashes.put(slashId, disputed);
  return accept(disputed);
}

/** A word of somebody who decides; it is final. */
export function voteOnSlash(ledger: Ledger, wallet: string, { slashId, upholds }: VoteOrder): Decision<Slash> {
  const slash = ledger.slashes.get(slashId);
  if (slash === undefined) return slashUnknown(slashId);
  if (slash.status !== 'Disputed' || ledger.block >= slash.dueBlock) {
    return refuse(
      'VOTE_CLOSED',
      `slash ${slashId} is ${slash.status}: only what is disputed is voted on, before its block`,
    );
  }
  const own = slash.voters.find(({ voter }) => voter === wallet);
  if (own === undefined) return refuse('NO_VOTE', `${wallet} has no vote on slash ${slashId}`);
  if (own.upholds !== null) return refuse('VOTED_ALREADY', `${wallet} has voted on slash ${slashId}: a vote is final`);
  const voted: Slash = {
    ...slash,
    voters: slash.voters.map((each) => (each === own ? { ...own, upholds } : each)),
  };
  ledger.slashes.put(slashId, voted);
  return accept(voted);
}

/** What ends with this block: slashes are carried out or dropped, what has waited long enough is released, old slashes leave. */
export function passStakeTime(ledger: Ledger): Decision<undefined> {
  for (const slash of takeDue(ledger, { table: ledger.slashes, limit: DECISIONS_MAX })) {
    const ended = slash.status === 'Pending' || isUpheld(slash) ? execute(ledger, slash) : drop(ledger, slash);
    if (!ended.ok) return ended;
  }
  releaseUnbonding(ledger);
  forgetSlashes(ledger);
  return accept(undefined);
}

/** Weight that has said it was so. */
export function upheldBy({ voters }: Slash): bigint {
  return voters.reduce((sum, { weight, upholds }) => sum + (upholds === true ? weight : 0n), 0n);
}

function isUpheld(slash: Slash): boolean {
  return upheldBy(slash) >= slash.needed;
}

function execute(ledger: Ledger, slash: Slash): Decision<undefined> {
  const stake = stakeAtFault(ledger, slash);
  const part = (stake.total * BigInt(slash.ppm)) / PPM;
  const seized = seize(ledger, slash, { stake, amount: part < slash.amount ? part : slash.amount });
  if (!seized.ok) return seized;
  const shared = share(ledger, slash, seized.value.total);
  if (!shared.ok) return shared;
  const { places, total, ...sources } = seized.value;
  const { id, netuid, hotkey, type, evidenceSha256 } = slash;
  ledger.slashes.put(id, { ...slash, status: 'Executed', taken: total, leavesAtBlock: leavesAtBlock(ledger, slash) });
  ledger.journal.write({
    block: ledger.block,
    kind: 'SlashExecuted',
    payload: {
      id,
      netuid,
      hotkey,
      type,
      evidenceSha256,
      taken: total,
      sources,
      ...shared.value,
      deposit: slash.deposit,
    },
  });
  tellStake(ledger, slash, places);
  return accept(undefined);
}

/** Out of the insurance account, into which all of it went. What nobody reported goes to nobody: the insurance keeps it. */
function share(
  ledger: Ledger,
  slash: Slash,
  taken: bigint,
): Decision<{ readonly burned: bigint; readonly reward: bigint; readonly insured: bigint }> {
  const { reporter, deposit } = slash;
  const { burnPpm = 0, reporterPpm = 0 } = rulesOfSlash(ledger, slash)?.distribution ?? {};
  const burned = (taken * BigInt(burnPpm)) / PPM;
  const reward = reporter === null ? 0n : (taken * BigInt(reporterPpm)) / PPM;
  const payments = [
    { from: INSURANCE, to: BURNED, amount: burned },
    { from: INSURANCE, to: reporter ?? '', amount: reward },
    { from: SLASH_DEPOSITS, to: reporter ?? '', amount: deposit },
  ];
  for (const { from, ...part } of payments) {
    if (part.amount === 0n) continue;
    const paid = ledger.book.pay({ asset: ledger.asset, from, parts: [part] });
    if (!paid.ok) return paid;
  }
  return accept({ burned, reward, insured: taken - burned - reward });
}

/** It was disputed and not upheld: nothing is taken, and the reporter's deposit is burned. */
function drop(ledger: Ledger, slash: Slash): Decision<undefined> {
  const { id, netuid, hotkey, type, evidenceSha256, deposit, needed } = slash;
  if (deposit > 0n) {
    const parts = [{ to: BURNED, amount: deposit }];
    const paid = ledger.book.pay({ asset: ledger.asset, from: SLASH_DEPOSITS, parts });
    if (!paid.ok) return paid;
  }
  ledger.slashes.put(id, { ...slash, status: 'Dropped', leavesAtBlock: leavesAtBlock(ledger, slash) });
  const payload = { id, netuid, hotkey, type, evidenceSha256, deposit, upheldBy: upheldBy(slash), needed };
  ledger.journal.write({ block: ledger.block, kind: 'SlashDropped', payload });
  return accept(undefined);
}

function tellStake(ledger: Ledger, slash: Slash, places: Seized['places']): void {
  const changed = new Map([slash, ...places].map((place) => [`${place.netuid}/${place.hotkey}`, place]));
  for (const { netuid, hotkey } of changed.values()) {
    const neuron = neuronAt(ledger, netuid, hotkey);
    if (neuron !== undefined) writeRegistration(ledger, neuron, 'StakeChanged');
  }
}

export function slashUnknown(slashId: string): Decision<never> {
  return refuse('SLASH_UNKNOWN', `there is no slash ${slashId}: old ones that are decided are in the journal alone`);
}

/** Texts in the order of `listSlashes`: where a page ended is found again when the slash that it ended with has left. */
export function placeInList({ reportedAtBlock, id }: Slash): string {
  return `${String(Number.MAX_SAFE_INTEGER - reportedAtBlock).padStart(16, '0')}/${id}`;
}

/** How many decided ones have left the table, of one subnet or of all. */
export function leftSlashes(ledger: Ledger, netuid: number | undefined): number {
  const netuids = netuid === undefined ? [...ledger.subnets.values()].map((subnet) => subnet.netuid) : [netuid];
  return netuids.reduce(
    (sum, each) => sum + ledger.leftSlashes(each, 'Executed') + ledger.leftSlashes(each, 'Dropped'),
    0,
  );
}

/** All that are kept, the newest report first; of one subnet or of open ones alone where asked. */
export function listSlashes(
  ledger: Ledger,
  {
    netuid,
    hotkey,
    openOnly,
  }: { readonly netuid: number | undefined; readonly hotkey: string; readonly openOnly: boolean },
): readonly Slash[] {
  return [...ledger.slashes.values()]
    .filter((slash) => netuid === undefined || slash.netuid === netuid)
    .filter((slash) => hotkey === '' || slash.hotkey === poolNameOf(ledger, slash.netuid, hotkey))
    .filter((slash) => !openOnly || isOpen(slash))
    .toSorted((a, b) => b.reportedAtBlock - a.reportedAtBlock || (a.id < b.id ? -1 : 1));
}
