/** Pages under `docs/runbooks` that panels and alerts point at, named without `.md`; a test holds them against the folder. */
export const RUNBOOKS = [
  'audit-found',
  'audit-silent',
  'blocks-stopped',
  'clock-skew',
  'conservation-broken',
  'emission-off-plan',
  'epoch-overdue',
  'epoch-unwitnessed',
  'gateway-errors',
  'incentive-function-fell-back',
  'miners-not-earning',
  'service-resources',
  'validator-weights-overdue',
  'witness-refused',
] as const;

/** Name of a page under `docs/runbooks`. */
export type Runbook = (typeof RUNBOOKS)[number];
