import type { DashboardSpec } from '../dashboard.ts';
import { proposals, treasury } from '../panels/governance-panels.ts';
import { brokenInvariants, ledgers } from '../panels/ledger-panels.ts';
import {
  blockAge,
  blockRate,
  conservation,
  minersEarning,
  overdueEpochs,
  paidByRecipient,
  subnetCount,
  validatorsRevealed,
} from '../panels/network-panels.ts';
import { eventLoop, memory, services } from '../panels/process-panels.ts';
import { charged, healthyEndpoints, requestCount, requestDuration, requestRate } from '../panels/traffic-panels.ts';

/** The first board that people open. */
export const networkOverview: DashboardSpec = {
  uid: 'subnetes-network-overview',
  title: 'Network overview',
  description: 'Is the network all right: blocks, money, epochs, and the traffic of applications.',
  rows: [
    {
      title: 'Is it all right?',
      panels: [blockAge, conservation, overdueEpochs, subnetCount, minersEarning, validatorsRevealed],
    },
    { title: 'Blocks and payments', panels: [blockRate, paidByRecipient] },
    { title: 'The ledger', panels: [brokenInvariants, ledgers] },
    { title: 'What is decided', panels: [proposals, treasury] },
    {
      title: 'Applications',
      panels: [requestCount, charged, healthyEndpoints, services].map((panel) => ({ ...panel, width: 6 })),
    },
    { title: 'Applications over time', panels: [requestRate, requestDuration] },
    { title: 'Processes', panels: [memory, eventLoop] },
  ],
};
