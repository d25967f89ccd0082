import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import type { Ledger as LedgerService } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { billingHandlers, type ChangePorts, operatorHandlers, signedHandlers } from './grpc-changes.ts';
import { proofHandlers, type ProofPorts } from './grpc-proofs.ts';
import { readHandlers, type ReadPorts } from './grpc-reads.ts';

/** The whole service `subnetes.ledger.v1.Ledger`. */
export function ledgerHandlers(ports: ReadPorts & ProofPorts & ChangePorts): RpcHandlers<typeof LedgerService> {
  return {
    ...readHandlers(ports),
    ...proofHandlers(ports),
    ...operatorHandlers(ports),
    ...signedHandlers(ports),
    ...billingHandlers(ports),
  };
}
