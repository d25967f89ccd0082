import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { Governance as GovernanceService } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import type { Ledger as LedgerService } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { accountHandlers, type AccountPorts } from './grpc-accounts.ts';
import { type ChangePorts, operatorHandlers, signedHandlers } from './grpc-changes.ts';
import { governanceHandlers } from './grpc-governance.ts';
import { billingHandlers, type MoneyPorts } from './grpc-money.ts';
import { sessionHandlers } from './grpc-sessions.ts';
import { proofHandlers, type ProofPorts } from './grpc-proofs.ts';
import { readHandlers, type ReadPorts } from './grpc-reads.ts';

export type LedgerPorts = ReadPorts & AccountPorts & ProofPorts & ChangePorts & MoneyPorts;

/** The whole services `Ledger` and `Governance` of `subnetes.ledger.v1`; their calls have different names. */
export function ledgerHandlers(
  ports: LedgerPorts,
): RpcHandlers<typeof LedgerService> & RpcHandlers<typeof GovernanceService> {
  return {
    ...governanceHandlers(ports),
    ...readHandlers(ports),
    ...accountHandlers(ports),
    ...proofHandlers(ports),
    ...operatorHandlers(ports),
    ...signedHandlers(ports),
    ...sessionHandlers(ports),
    ...billingHandlers(ports),
  };
}
