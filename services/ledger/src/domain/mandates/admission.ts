import { accept, type Decision, refuse } from '../book/refusal.ts';
import { burnPriceAt } from '../economy/burn-price.ts';
import type { Ledger } from '../economy/ledger.ts';
import { pinScheme, type Scheme } from '../keys/scheme.ts';
import { registrationKey } from '../economy/neuron.ts';
import type { RegistrationTerms } from '../economy/registration-terms.ts';
import type { Subnet } from '../economy/subnet.ts';

/** A subnet owner's word that somebody may register, after its signature was verified. */
export interface Invitation {
  /** Hex; the invitation's name in the journal. */
  readonly sha256: string;
  /** SS58 of the coldkey that signed. */
  readonly signer: string;
  /** Of the signature; absent: sr25519. */
  readonly scheme?: Scheme;
  readonly netuid: number;
  /** SS58; empty: whoever has it may use it. */
  readonly hotkey: string;
  readonly maxUses: number;
  /** Its last block. */
  readonly expiresAtBlock: number;
}

/** What the ledger remembers of an invitation that was used or revoked. */
export interface InvitationUse {
  readonly used: number;
  readonly revoked: boolean;
}

/** A hotkey whose owner wants it registered. */
export interface AdmissionRequest {
  readonly hotkey: string;
  readonly coldkey: string;
  readonly block: number;
}

/** A hotkey that the subnet's owner lets in. */
export interface Approval {
  readonly hotkey: string;
  /** Its last block. */
  readonly untilBlock: number;
}

/** Of one subnet, each in the order in which they came. */
export interface Admissions {
  readonly requests: readonly AdmissionRequest[];
  readonly approvals: readonly Approval[];
}

/** Requests and approvals of a subnet, each at most. */
export const ADMISSIONS_MAX = 256;
/** Requests of one coldkey in a subnet at most. */
export const REQUESTS_OF_COLDKEY_MAX = 8;
/** How long a request waits and an approval holds: a week of blocks of 12 s. */
export const ADMISSION_BLOCKS = 50_400;

const NOBODY: Admissions = { requests: [], approvals: [] };

/** Requests that wait and approvals that hold. */
export function admissionsOf(ledger: Ledger, netuid: number): Admissions {
  const { requests, approvals } = ledger.admissions.get(String(netuid)) ?? NOBODY;
  return {
    requests: requests.filter(({ block }) => block + ADMISSION_BLOCKS >= ledger.block),
    approvals: approvals.filter(({ untilBlock }) => untilBlock >= ledger.block),
  };
}

/** Whether somebody may register in a subnet now. What lets them in is used up; a refusal of the whole command gives it back. */
export function admit(ledger: Ledger, subnet: Subnet, terms: RegistrationTerms): Decision<undefined> {
  const { registration, handle, owner, netuid } = subnet;
  switch (registration) {
    case 'Open':
      return accept(undefined);
    case 'Closed':
      return refuse('REGISTRATION_CLOSED', `subnet ${handle} takes no registrations: its owner closed them`);
    case 'Sponsored':
      return terms.payer === owner
        ? accept(undefined)
        : refuse(
            'SPONSOR_NEEDED',
            `registrations in subnet ${handle} are paid by its owner ${owner}: ask for a mandate`,
          );
    case 'Approval': {
      if (terms.coldkey === owner && terms.payer === owner) return accept(undefined);
      if (terms.invitation !== undefined) return useInvitation(ledger, subnet, terms.invitation, terms.hotkey);
      const admissions = admissionsOf(ledger, netuid);
      if (!admissions.approvals.some(({ hotkey }) => hotkey === terms.hotkey)) {
        return refuse(
          'APPROVAL_NEEDED',
          `the owner of subnet ${handle} approves who registers: ask with \`subnetes subnet request\`, or bring an invitation`,
        );
      }
      putAdmissions(ledger, netuid, without(admissions, terms.hotkey));
      return accept(undefined);
    }
  }
}

/** By which of them a newcomer comes in where its subnet's owner approves who registers. */
export type AdmittedBy = 'Approval' | 'Invitation';

export function admittedByOf({ registration, owner }: Subnet, terms: RegistrationTerms): AdmittedBy | undefined {
  if (registration !== 'Approval' || (terms.coldkey === owner && terms.payer === owner)) return undefined;
  return terms.invitation === undefined ? 'Approval' : 'Invitation';
}

/** A newcomer that got no place has used nothing up: the invitation counts one use less, an approval holds anew. */
export function giveAdmissionBack(ledger: Ledger, terms: RegistrationTerms, by: AdmittedBy): void {
  const { netuid, hotkey, invitation } = terms;
  if (by === 'Approval') {
    const rest = without(admissionsOf(ledger, netuid), hotkey);
    if (rest.approvals.length >= ADMISSIONS_MAX) return;
    const untilBlock = ledger.block + ADMISSION_BLOCKS;
    putAdmissions(ledger, netuid, { ...rest, approvals: [...rest.approvals, { hotkey, untilBlock }] });
    return;
  }
  const key = invitationKey(netuid, invitation?.sha256 ?? '');
  const use = ledger.invitations.get(key);
  if (use !== undefined && use.used > 0) ledger.invitations.put(key, { ...use, used: use.used - 1 });
}

function useInvitation(ledger: Ledger, subnet: Subnet, invitation: Invitation, hotkey: string): Decision<undefined> {
  const invalid = (why: string): Decision<never> => refuse('INVITATION_INVALID', `the invitation ${why}`);
  if (invitation.signer !== subnet.owner) {
    return invalid(`is signed by ${invitation.signer}, subnet ${subnet.handle} belongs to ${subnet.owner}`);
  }
  if (invitation.netuid !== subnet.netuid)
    return invalid(`is for subnet ${invitation.netuid}, not for ${subnet.netuid}`);
  if (invitation.hotkey !== '' && invitation.hotkey !== hotkey) {
    return invalid(`is for ${invitation.hotkey}, not for ${hotkey}`);
  }
  if (invitation.expiresAtBlock < ledger.block) {
    return invalid(`ended at block ${invitation.expiresAtBlock}, this is block ${ledger.block}`);
  }
  const other = pinScheme(ledger, invitation.signer, invitation.scheme);
  if (other !== undefined) return other;
  const key = invitationKey(subnet.netuid, invitation.sha256);
  const { used, revoked } = ledger.invitations.get(key) ?? { used: 0, revoked: false };
  if (revoked) return invalid('was revoked');
  if (used >= invitation.maxUses) return invalid(`was used ${used} times, as often as it may be`);
  ledger.invitations.put(key, { used: used + 1, revoked });
  putAdmissions(ledger, subnet.netuid, without(admissionsOf(ledger, subnet.netuid), hotkey));
  return accept(undefined);
}

/** What the owner of a hotkey and the owner of a subnet do about registrations. */
export type AdmissionOrder =
  | { readonly type: 'RequestRegistration'; readonly netuid: number; readonly hotkey: string }
  | { readonly type: 'ApproveRegistration'; readonly netuid: number; readonly hotkey: string }
  | { readonly type: 'DenyRegistration'; readonly netuid: number; readonly hotkey: string }
  | { readonly type: 'RevokeInvitation'; readonly netuid: number; readonly invitationSha256: string };

/** Answers what the journal tells of it. */
export function orderAdmission(
  ledger: Ledger,
  signer: string,
  order: AdmissionOrder,
): Decision<Readonly<Record<string, string | number>>> {
  const subnet = ledger.subnet(order.netuid);
  if (subnet === undefined) return refuse('SUBNET_UNKNOWN', `there is no subnet ${order.netuid}`);
  if (order.type === 'RequestRegistration') return request(ledger, subnet, { hotkey: order.hotkey, coldkey: signer });
  if (subnet.owner !== signer) {
    return refuse('NOT_OWNER', `subnet ${subnet.handle} belongs to ${subnet.owner}: only that key lets neurons in`);
  }
  const { netuid } = subnet;
  if (order.type === 'RevokeInvitation') {
    // An invitation that was never used is unknown here, and can be revoked all the same.
    const key = invitationKey(netuid, order.invitationSha256);
    ledger.invitations.put(key, { used: ledger.invitations.get(key)?.used ?? 0, revoked: true });
    return accept({ netuid, invitationSha256: order.invitationSha256 });
  }
  const { hotkey } = order;
  const rest = without(admissionsOf(ledger, netuid), hotkey);
  if (order.type === 'DenyRegistration') {
    putAdmissions(ledger, netuid, rest);
    return accept({ netuid, hotkey });
  }
  if (rest.approvals.length >= ADMISSIONS_MAX) {
    return refuse('REQUEST_COUNT', `${ADMISSIONS_MAX} approvals of subnet ${subnet.handle} wait to be used already`);
  }
  const untilBlock = ledger.block + ADMISSION_BLOCKS;
  putAdmissions(ledger, netuid, { ...rest, approvals: [...rest.approvals, { hotkey, untilBlock }] });
  return accept({ netuid, hotkey, untilBlock });
}

function request(
  ledger: Ledger,
  subnet: Subnet,
  { hotkey, coldkey }: { readonly hotkey: string; readonly coldkey: string },
): Decision<Readonly<Record<string, string | number>>> {
  const { netuid, handle } = subnet;
  if (subnet.registration !== 'Approval') {
    return refuse(
      'INVALID_ARGUMENT',
      `subnet ${handle} asks for no approval: its registration is ${subnet.registration}`,
    );
  }
  const owner = ledger.hotkeys.get(hotkey);
  if (owner !== undefined && owner !== coldkey) {
    return refuse('HOTKEY_OWNED_BY_OTHER', `${hotkey} belongs to ${owner}: use another hotkey`);
  }
  if (ledger.neuronByHotkey(netuid, hotkey) !== undefined) {
    return refuse('ALREADY_REGISTERED', `${hotkey} is registered in subnet ${netuid}`);
  }
  // Or anybody could fill the list with keys that never had anything.
  const cost = burnPriceAt(subnet, ledger.block);
  if (ledger.book.spendable(ledger.asset, coldkey) < cost) {
    return refuse('INSUFFICIENT_FUNDS', `${coldkey} cannot pay the ${cost} rao that a registration costs`);
  }
  const admissions = admissionsOf(ledger, netuid);
  if ([...admissions.requests, ...admissions.approvals].some((each) => each.hotkey === hotkey)) {
    return accept({ netuid, hotkey });
  }
  const own = admissions.requests.filter((each) => each.coldkey === coldkey).length;
  if (own >= REQUESTS_OF_COLDKEY_MAX || admissions.requests.length >= ADMISSIONS_MAX) {
    return refuse(
      'REQUEST_COUNT',
      `${own} requests of ${coldkey} and ${admissions.requests.length} of all wait in subnet ${handle}: ${REQUESTS_OF_COLDKEY_MAX} and ${ADMISSIONS_MAX} may`,
    );
  }
  const asked = { hotkey, coldkey, block: ledger.block };
  putAdmissions(ledger, netuid, { ...admissions, requests: [...admissions.requests, asked] });
  return accept({ netuid, hotkey });
}

function without({ requests, approvals }: Admissions, hotkey: string): Admissions {
  const others = (each: { readonly hotkey: string }): boolean => each.hotkey !== hotkey;
  return { requests: requests.filter(others), approvals: approvals.filter(others) };
}

function putAdmissions(ledger: Ledger, netuid: number, admissions: Admissions): void {
  const isEmpty = admissions.requests.length + admissions.approvals.length === 0;
  if (isEmpty) ledger.admissions.remove(String(netuid));
  else ledger.admissions.put(String(netuid), admissions);
}

function invitationKey(netuid: number, sha256: string): string {
  return registrationKey(netuid, sha256);
}
