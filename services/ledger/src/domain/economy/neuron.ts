import type { Cause } from './mandate.ts';

/** Where a neuron serves, as it announced itself. */
export interface Endpoint {
  /** https://host:port */
  readonly urls: readonly string[];
  /** Hex hash of the public key of the certificate that the endpoint serves. */
  readonly spkiSha256: string;
  readonly protocols: readonly string[];
  readonly sequence: number;
  readonly expiresAtBlock: number;
  /** Base64 of the signed announcement, for whoever wants to verify it. */
  readonly announcement: string;
}

/** A hotkey that another has followed. */
export interface FormerHotkey {
  readonly hotkey: string;
  /** The block of the swap. */
  readonly untilBlock: number;
}

/** A registered hotkey in a subnet. Everything keys on (netuid, hotkey, registeredAtBlock), so a uid inherits nothing. */
export interface Neuron {
  readonly netuid: number;
  readonly uid: number;
  /** SS58. */
  readonly hotkey: string;
  /** SS58 of the owner, who is paid. */
  readonly coldkey: string;
  /** SS58 of who paid the registration. */
  readonly payer: string;
  /** Hotkeys that it had before, oldest first; absent where there were none. What they signed then still counts. */
  readonly formerHotkeys?: readonly FormerHotkey[];
  /** Rao that the registration cost; absent where it was a flat token. */
  readonly cost?: bigint;
  readonly registeredAtBlock: number;
  /** Hex. */
  readonly registrationId: string;
  readonly attempt: number;
  /** Hex hash of the terms under which it was registered. */
  readonly termsSha256: string;
  /** null: registered by a wallet, managed by nobody. */
  readonly managedBy: Cause | null;
  readonly endpoint: Endpoint | null;
  /** Of the last paid epoch. */
  readonly incentiveU16: number;
  readonly dividendsU16: number;
  readonly permit: boolean;
  readonly earnedLastEpoch: bigint;
  readonly earnedTotal: bigint;
  /** Absent unless a newcomer waits for this place. */
  readonly notice?: EvictionNotice;
  /** Absent unless its owner paid to stay: immune until then, whatever the block of its registration. */
  readonly protectedUntilBlock?: number;
}

/** A neuron's warning that its place is wanted. Money in rao. */
export interface EvictionNotice {
  readonly announcedAtBlock: number;
  /** The block that ends it. */
  readonly dueBlock: number;
  /** What the newcomer paid, and what staying costs. */
  readonly price: bigint;
  /** SS58 of the newcomer's hotkey. */
  readonly newcomer: string;
}

/** What outlives a registration: how often a hotkey was registered in a subnet and how that ended. */
export interface RegistrationRecord {
  /** null while it is not registered. */
  readonly uid: number | null;
  readonly ended: number;
  readonly endReason: string;
  /** Rao that its registrations cost together; absent where it was registered before that was counted. */
  readonly spent?: bigint;
  /** Of the last one; absent where it began before that was kept, or took over from another hotkey. */
  readonly beganAtBlock?: number;
}

/** Why a registration ended. */
export type EndReason = 'Pruned' | 'Deregistered' | 'Dissolved';

export function neuronKey(netuid: number, uid: number): string {
  return `${netuid}/${uid}`;
}

export function registrationKey(netuid: number, hotkey: string): string {
  return `${netuid}/${hotkey}`;
}
