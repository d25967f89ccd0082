import type { Hyperparameters, PolicyDraft } from './policy.ts';
import { type Beacon, COMMIT_REVEAL_TYPES, MISSED_REVEALS, QUICKNET } from './weights-terms.ts';

const GENESIS_TIME_MAX = 4_294_967_295;
const PERIOD_SECONDS_MAX = 86_400;

/** The beacon that is meant where the owner names none. */
export function withBeacon(values: Hyperparameters): Hyperparameters {
  if (values.commitReveal !== 'Timelock' || values.timelockBeacon !== undefined) return values;
  return { ...values, timelockBeacon: QUICKNET };
}

/** What is wrong with the rules about weights on the wire; the message begins with the field. */
export function weightsFinding(values: Hyperparameters, draft: PolicyDraft['hyperparameters']): string | undefined {
  if (draft?.commitRevealEnabled === false && draft.commitReveal === undefined) {
    return 'hyperparameters.commitRevealEnabled is no longer read: set commitReveal to Off';
  }
  if (!(COMMIT_REVEAL_TYPES as readonly string[]).includes(values.commitReveal)) {
    return `hyperparameters.commitReveal must be ${COMMIT_REVEAL_TYPES.join(', ')}, not "${values.commitReveal}"`;
  }
  if (!(MISSED_REVEALS as readonly string[]).includes(values.missedReveal)) {
    return `hyperparameters.missedReveal must be ${MISSED_REVEALS.join(' or ')}, not "${values.missedReveal}"`;
  }
  if ((values.commitReveal === 'Timelock') !== (values.timelockBeacon !== undefined)) {
    return 'hyperparameters.timelockBeacon goes with commitReveal Timelock alone';
  }
  return values.timelockBeacon === undefined ? undefined : beaconFinding(values.timelockBeacon);
}

function beaconFinding(beacon: Beacon): string | undefined {
  const at = 'hyperparameters.timelockBeacon';
  if (!/^[0-9a-f]{64}$/.test(beacon.chainHash)) return `${at}.chainHash must be 64 hexadecimal digits`;
  if (!/^[0-9a-f]{192}$/.test(beacon.publicKey)) return `${at}.publicKey must be 192 hexadecimal digits: a point of G2`;
  if (!isWithin(beacon.genesisTime, 1, GENESIS_TIME_MAX)) return `${at}.genesisTime must be 1 to ${GENESIS_TIME_MAX}`;
  if (!isWithin(beacon.periodSeconds, 1, PERIOD_SECONDS_MAX)) {
    return `${at}.periodSeconds must be 1 to ${PERIOD_SECONDS_MAX}`;
  }
  return undefined;
}

/** Epochs that pass between a commit and its reveal; none where weights are set in the open. */
export function revealEpochs(values: Pick<Hyperparameters, 'commitReveal' | 'revealPeriodEpochs'>): number {
  return values.commitReveal === 'Off' ? 0 : values.revealPeriodEpochs;
}

function isWithin(value: number, low: number, high: number): boolean {
  return Number.isInteger(value) && value >= low && value <= high;
}
