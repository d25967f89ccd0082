import type { AlertRule } from '../alert-rule.ts';
import { auditFound } from './audit-found.ts';
import { auditSilent } from './audit-silent.ts';
import { clockSkew } from './clock-skew.ts';
import { conservationBroken } from './conservation-broken.ts';
import { epochOverdue } from './epoch-overdue.ts';
import { epochUnwitnessed } from './epoch-unwitnessed.ts';
import { incentiveFunctionFellBack } from './incentive-function-fell-back.ts';
import { validatorWeightsOverdue } from './validator-weights-overdue.ts';
import { witnessRefused } from './witness-refused.ts';

/** All alerts, in the order of the rule file. */
export const ALERTS: readonly AlertRule[] = [
  epochOverdue,
  conservationBroken,
  validatorWeightsOverdue,
  epochUnwitnessed,
  witnessRefused,
  auditFound,
  auditSilent,
  incentiveFunctionFellBack,
  clockSkew,
];
