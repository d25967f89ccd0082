import type { DashboardSpec } from '../dashboard.ts';
import {
  behindPlan,
  blockReward,
  burned,
  emissionByUse,
  issued,
  issuedShare,
  mintedAgainstPlan,
  nextDay,
  nextHalving,
  nextWeek,
  paidInRange,
  pots,
  projectedBySubnet,
} from '../panels/emission-panels.ts';

/** Where the emission goes and will go. */
export const emissionProjections: DashboardSpec = {
  uid: 'subnetes-emission-projections',
  title: 'Emission projections',
  description:
    'Where the emission goes, and where it will go in a day, a week and until the next halving. Each projection states what it assumes.',
  rows: [
    { title: 'Is it on plan?', panels: [behindPlan, nextDay, nextWeek, nextHalving, blockReward, issuedShare] },
    { title: 'Supply', panels: [issued, burned] },
    { title: 'Projected and measured', panels: [projectedBySubnet, mintedAgainstPlan, emissionByUse] },
    { title: 'Payments', panels: [paidInRange, pots] },
  ],
};
