import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { Ledger as LedgerService } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { accountHandlers, type AccountPorts } from './grpc-accounts.ts';
import { type ChangePorts, operatorHandlers, signedHandlers } from './grpc-changes.ts';
import { billingHandlers, type MoneyPorts } from './grpc-money.ts';
import { sessionHandlers } from './grpc-sessions.ts';
import { proofHandlers, type ProofPorts } from './grpc-proofs.ts';
import { readHandlers, type ReadPorts } from './grpc-reads.ts';

export type LedgerPorts = ReadPorts & AccountPorts & ProofPorts & ChangePorts & MoneyPorts;

/** The whole service `subnetes.ledger.v1.Ledger`. */
export function ledgerHandlers(ports: LedgerPorts): RpcHandlers<typeof LedgerService> {
  return {
    ...readHandlers(ports),
    ...accountHandlers(ports),
    ...proofHandlers(ports),
    ...operatorHandlers(ports),
    ...signedHandlers(ports),
    ...sessionHandlers(ports),
    ...billingHandlers(ports),
  };
}
