import { waitingOf } from '../book/account.ts';
import { accept, type Decision, refuse } from '../book/refusal.ts';
import { afterRegistration, burnPriceAt } from '../economy/burn-price.ts';
import type { Ledger } from '../economy/ledger.ts';
import { type MandateUse, useOf } from '../economy/mandate.ts';
import { describe, differs } from '../economy/cause-words.ts';
import { register, type Registered, refusalOf, spend } from '../economy/registration.ts';
import type { RegistrationTerms } from '../economy/registration-terms.ts';
import { ROOT_NETUID } from '../economy/root-netuid.ts';
import { admittedByOf } from '../mandates/admission.ts';
import { checkMandate } from '../economy/spend-mandate.ts';
import type { Subnet } from '../economy/subnet.ts';
import { announce, type Challenge, CHALLENGES_MAX, challengesOf, putChallenges } from './challenge.ts';
import { firstToGo, noticeBlocksOf } from './eviction-order.ts';
import { freeUids } from './free-uids.ts';

/** A registration that is paid and waits until the neuron whose place it takes had its notice. */
export interface Waiting {
  readonly challenge: Challenge;
  /** null for wallets. */
  readonly mandate: MandateUse | null;
  readonly alreadyWaiting: boolean;
}

export type Enrolled =
  | { readonly kind: 'Registered'; readonly registered: Registered }
  | { readonly kind: 'Waiting'; readonly waiting: Waiting };

/**
 * Registers a hotkey, or lets it wait where that would push somebody out who has a right to notice. Repeats do nothing. Whoever
 * waits has paid: the price is of this block, and rises with it for the next.
 */
export function registerOrWait(ledger: Ledger, terms: RegistrationTerms): Decision<Enrolled> {
  const subnet = ledger.subnet(terms.netuid);
  const waits = challengesOf(ledger, terms.netuid).find(({ terms: { hotkey } }) => hotkey === terms.hotkey);
  if (waits !== undefined) return repeat(ledger, waits, terms);
  if (subnet === undefined || !hasToWait(ledger, subnet, terms)) {
    const registered = register(ledger, terms);
    return registered.ok ? accept({ kind: 'Registered', registered: registered.value }) : registered;
  }
  const waiting = wait(ledger, subnet, terms);
  return waiting.ok ? accept({ kind: 'Waiting', waiting: waiting.value }) : waiting;
}

/** Who waits comes before who comes: a free place is theirs. */
function hasToWait(ledger: Ledger, subnet: Subnet, { netuid, hotkey }: RegistrationTerms): boolean {
  if (netuid === ROOT_NETUID || ledger.neuronByHotkey(netuid, hotkey) !== undefined) return false;
  const before = challengesOf(ledger, netuid).length;
  if (before === 0 && noticeBlocksOf(subnet) === 0) return false;
  return freeUids(ledger, subnet).length <= before;
}

function wait(ledger: Ledger, subnet: Subnet, terms: RegistrationTerms): Decision<Waiting> {
  const { netuid, hotkey, coldkey, payer, initialStake } = terms;
  const cost = burnPriceAt(subnet, ledger.block);
  const admittedBy = admittedByOf(subnet, terms);
  const refusal = refusalOf(ledger, { subnet, terms, cost });
  if (refusal !== undefined) return refusal;
  const queue = challengesOf(ledger, netuid);
  const neuron = firstToGo(ledger, subnet);
  if (queue.length >= CHALLENGES_MAX || neuron === undefined) {
    const why =
      neuron === undefined ? 'all its neurons are immune or have their notice' : `${CHALLENGES_MAX} wait already`;
    return refuse('SUBNET_FULL', `subnet ${subnet.handle} is full and ${why}: try again later`);
  }
  const mandate = spend(ledger, terms, cost);
  if (!mandate.ok) return mandate;
  const parts = [{ to: waitingOf(netuid, hotkey), amount: cost + initialStake }];
  const paid = ledger.book.pay({ asset: ledger.asset, from: payer, parts });
  if (!paid.ok) return paid;
  ledger.hotkeys.put(hotkey, coldkey);
  ledger.putSubnet(afterRegistration(subnet, ledger.block));
  ledger.journal.write({
    block: ledger.block,
    kind: 'RegistrationWaits',
    payload: { netuid, hotkey, coldkey, payer, cost, initialStake, mandateSha256: terms.mandate?.sha256 ?? '' },
  });
  const opened = {
    terms,
    cost,
    openedAtBlock: ledger.block,
    matches: 0,
    rises: 0,
    ...(admittedBy === undefined ? {} : { admittedBy }),
  };
  const challenge = announce(ledger, subnet, { neuron, challenge: opened });
  putChallenges(ledger, netuid, [...queue, challenge]);
  return accept({ challenge, mandate: mandate.value, alreadyWaiting: false });
}

/** The hotkey waits: the same manager learns of it again, everybody else is told whose it is. */
function repeat(ledger: Ledger, challenge: Challenge, terms: RegistrationTerms): Decision<Enrolled> {
  const { hotkey, coldkey, cause } = challenge.terms;
  if (coldkey !== terms.coldkey) {
    return refuse('HOTKEY_OWNED_BY_OTHER', `${hotkey} belongs to ${coldkey}, not to ${terms.coldkey}`);
  }
  if (terms.cause === null || terms.mandate === null || (cause !== null && differs(cause, terms.cause))) {
    const whose = cause === null ? '' : ` for ${describe(cause)}`;
    return refuse('ALREADY_WAITING', `${hotkey} waits for a place already${whose}, until block ${challenge.dueBlock}`);
  }
  const request = { operation: 'Register', netuid: terms.netuid, cause: terms.cause } as const;
  const allowed = checkMandate(ledger, terms.mandate, request);
  if (!allowed.ok) return allowed;
  const mandate = useOf(terms.mandate, allowed.value.used);
  return accept({ kind: 'Waiting', waiting: { challenge, mandate, alreadyWaiting: true } });
}
