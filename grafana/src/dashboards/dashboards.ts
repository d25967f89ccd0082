import type { DashboardSpec } from '../dashboard.ts';
import { emissionProjections } from './emission-projections.ts';
import { networkOverview } from './network-overview.ts';
import { subnetHealth } from './subnet-health.ts';

/** All dashboards, in the order in which people open them. */
export const DASHBOARDS: readonly DashboardSpec[] = [networkOverview, subnetHealth, emissionProjections];
