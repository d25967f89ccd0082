import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import { Calculators } from '@subnetes/proto/gen/subnetes/ledger/v1/calculators_pb';
import { Governance } from '@subnetes/proto/gen/subnetes/ledger/v1/governance_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { Lifecycle } from '@subnetes/proto/gen/subnetes/ledger/v1/lifecycle_pb';
import { Mandates } from '@subnetes/proto/gen/subnetes/ledger/v1/mandates_pb';
import { Pools } from '@subnetes/proto/gen/subnetes/ledger/v1/pools_pb';
import { Preview } from '@subnetes/proto/gen/subnetes/ledger/v1/preview_pb';
import { Root } from '@subnetes/proto/gen/subnetes/ledger/v1/root_pb';
import { Slashing } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { rpcService } from '@subnetes/runtime/grpc-server';
import { accountHandlers, type AccountPorts } from './grpc-accounts.ts';
import { calculatorHandlers } from './grpc-calculators.ts';
import { type ChangePorts, operatorHandlers, signedHandlers } from './grpc-changes.ts';
import { governanceHandlers } from './grpc-governance.ts';
import { lifecycleHandlers } from './grpc-lifecycle.ts';
import { mandateHandlers } from './grpc-mandates.ts';
import { billingHandlers, type MoneyPorts } from './grpc-money.ts';
import { poolHandlers, type PoolPorts } from './grpc-pools.ts';
import { previewHandlers } from './grpc-preview.ts';
import { proofHandlers, type ProofPorts } from './grpc-proofs.ts';
import { readHandlers, type ReadPorts } from './grpc-reads.ts';
import { rootHandlers } from './grpc-root.ts';
import { sessionHandlers } from './grpc-sessions.ts';
import { slashingHandlers } from './grpc-slashing.ts';

export type LedgerPorts = ReadPorts & AccountPorts & ProofPorts & ChangePorts & MoneyPorts & PoolPorts;

/** All services of `subnetes.ledger.v1`; their calls have different names. */
export type LedgerHandlers = RpcHandlers<typeof Ledger> &
  RpcHandlers<typeof Calculators> &
  RpcHandlers<typeof Governance> &
  RpcHandlers<typeof Lifecycle> &
  RpcHandlers<typeof Mandates> &
  RpcHandlers<typeof Pools> &
  RpcHandlers<typeof Preview> &
  RpcHandlers<typeof Root> &
  RpcHandlers<typeof Slashing>;

export function ledgerHandlers(ports: LedgerPorts): LedgerHandlers {
  return {
    ...calculatorHandlers(ports),
    ...governanceHandlers(ports),
    ...lifecycleHandlers(ports),
    ...mandateHandlers(ports),
    ...poolHandlers(ports),
    ...previewHandlers(ports),
    ...rootHandlers(ports),
    ...slashingHandlers(ports),
    ...readHandlers(ports),
    ...accountHandlers(ports),
    ...proofHandlers(ports),
    ...operatorHandlers(ports),
    ...signedHandlers(ports),
    ...sessionHandlers(ports),
    ...billingHandlers(ports),
  };
}

/** The services as a server has them. */
export function ledgerServices(handlers: LedgerHandlers) {
  return [
    rpcService(Ledger, handlers),
    rpcService(Calculators, handlers),
    rpcService(Governance, handlers),
    rpcService(Lifecycle, handlers),
    rpcService(Mandates, handlers),
    rpcService(Pools, handlers),
    rpcService(Preview, handlers),
    rpcService(Root, handlers),
    rpcService(Slashing, handlers),
  ];
}
