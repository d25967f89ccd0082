import { type Decision, refuse } from '../book/refusal.ts';
import { type Place, poolAt } from '../economy/delegation-rows.ts';
import type { Ledger } from '../economy/ledger.ts';
import { placeText } from '../unbonding/bond.ts';
import type { Slash, SlashRules, SlashTrace } from './slash.ts';
import type { SlashingTerms } from './slashing-terms.ts';

/** Slashes of a place that are not decided, whatever registration they are of. */
export function openSlashes(ledger: Ledger, place: Place): readonly Slash[] {
  const group = `open/${placeText(poolAt(ledger, place))}`;
  return ledger.slashes.has(group) ? ledger.slashes.find(group) : [];
}

/** All slashes of a place that are kept; of older ones there are traces. */
export function slashesOf(ledger: Ledger, place: Place): readonly Slash[] {
  return ledger.slashes.find(`place/${placeText(poolAt(ledger, place))}`);
}

/** What is left of older slashes of a place, as long as their registrations can be reported. */
export function tracesOf(ledger: Ledger, place: Place): readonly SlashTrace[] {
  return ledger.slashTraces.find(`place/${placeText(poolAt(ledger, place))}`);
}

/** Traces of one registration that are looked for as it goes. */
const TRACES_MAX = 256;

/** A registration that nobody can report any more needs no traces. Those beyond `TRACES_MAX` stay, and nobody asks for them. */
export function forgetTraces(ledger: Ledger, registrationId: string): void {
  for (const { id } of ledger.slashTraces.find(`registration/${registrationId}`, TRACES_MAX)) {
    ledger.slashTraces.remove(id);
  }
}

/** While a slash is not decided nobody joins a pool: they would answer for what was before them. */
export function joinRefusal(ledger: Ledger, place: Place): Decision<never> | undefined {
  const [slash] = openSlashes(ledger, place);
  if (slash === undefined) return undefined;
  return refuse(
    'SLASH_PENDING',
    `a slash of ${place.hotkey} is decided by block ${slash.dueBlock}: delegate when it is over`,
  );
}

/** The block after which stake that left is free, where a slash that it answers for is open. */
export function holdBlockOf(
  ledger: Ledger,
  left: Place & { readonly registrationId: string; readonly startedAtBlock: number },
): number | undefined {
  const open = openSlashes(ledger, left).filter((slash) => answersFor(left, slash));
  if (open.length === 0) return undefined;
  return Math.max(ledger.block + 1, ...open.map(({ dueBlock }) => dueBlock));
}

/**
 * Whether stake that left a place was there when the offence happened. An owner's answers for its own registration, what was
 * delegated for the hotkey: or a new registration would put a pool out of reach.
 */
export function answersFor(
  left: { readonly registrationId: string; readonly startedAtBlock: number },
  slash: Pick<Slash, 'registrationId' | 'offenceBlock'>,
): boolean {
  const isOfIt = left.registrationId === '' || left.registrationId === slash.registrationId;
  return isOfIt && left.startedAtBlock >= slash.offenceBlock;
}

export function rulesOf({ decisionBlocks, distribution, deciders }: SlashingTerms): SlashRules {
  return { decisionBlocks, distribution, decidedBy: deciders.type };
}

/** What a slash goes by: the terms of its report. Undefined: it kept none, and the network has none. */
export function rulesOfSlash(ledger: Ledger, { rules }: Slash): SlashRules | undefined {
  const { slashing } = ledger.network.genesis;
  return rules ?? (slashing === undefined ? undefined : rulesOf(slashing));
}
