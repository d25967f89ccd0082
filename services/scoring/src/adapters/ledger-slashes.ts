import { Slashing, type SlashingTerms, SlashType } from '@subnetes/proto/gen/subnetes/ledger/v1/slashing_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { isOutage, RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { OutageError } from '@subnetes/runtime/errors';
import { grpcClientCredentials, grpcServerTrust, type TlsFiles } from '@subnetes/runtime/tls';
import type { FaultTerms } from '#application/evidence-store.ts';
import type { SlashReports } from '#application/submit-evidence.ts';
import type { FaultCondition, FaultType } from '#domain/faults/fault.ts';
import { fromHex, toHex } from './messages.ts';

const TYPES: Readonly<Record<FaultType, SlashType>> = {
  FailedAudits: SlashType.FAILED_AUDITS,
  Unavailable: SlashType.UNAVAILABLE,
};

/** The ledger's service for slashes, which takes evidence of scoring's certificate alone. */
export function ledgerSlashes(options: {
  readonly address: string;
  readonly tls: TlsFiles | undefined;
}): SlashReports & Disposable {
  const credentials = options.tls === undefined ? grpcServerTrust(undefined) : grpcClientCredentials(options.tls);
  const ledger = createRpcClient(Slashing, { address: options.address, credentials });
  return {
    terms: async (signal) => {
      try {
        return faultTermsOf(await ledger.getSlashingTerms({}, { signal }));
      } catch (error) {
        throw outageOf(error);
      }
    },
    report: async (evidence, signal) => {
      try {
        const { slash } = await ledger.submitEvidence(
          {
            type: TYPES[evidence.type],
            netuid: evidence.netuid,
            hotkey: evidence.hotkey,
            registrationId: fromHex(evidence.registrationId),
            offenceBlock: BigInt(evidence.offenceBlock),
            fromEpoch: BigInt(evidence.fromEpoch),
            toEpoch: BigInt(evidence.toEpoch),
            measured: BigInt(evidence.measured),
            evidenceSha256: fromHex(evidence.sha256),
          },
          { signal },
        );
        return { kind: 'reported', slashId: toHex(slash?.slashId ?? new Uint8Array()) };
      } catch (error) {
        if (isRefusal(error)) return { kind: 'refused', code: error.reason };
        throw outageOf(error);
      }
    },
    [Symbol.dispose]: () => ledger[Symbol.dispose](),
  };
}

/** The ledger judged what it was told. Whom it does not let in may come again, once that was put right. */
function isRefusal(error: unknown): error is RpcError {
  if (!(error instanceof RpcError) || error.isOutage || error.reason === '') return false;
  const { code } = error;
  return code !== RpcCode.PERMISSION_DENIED && code !== RpcCode.UNAUTHENTICATED && code !== RpcCode.INTERNAL;
}

function outageOf(error: unknown): unknown {
  const isMendable = isOutage(error) || error instanceof RpcError;
  return isMendable ? new OutageError('ledger', 'the ledger does not answer about slashes at present', error) : error;
}

/** What validators report. */
export function faultTermsOf({ conditions, unbondingBlocks }: SlashingTerms): FaultTerms {
  const known = Object.entries(TYPES) as readonly (readonly [FaultType, SlashType])[];
  return {
    unbondingBlocks: Number(unbondingBlocks),
    conditions: known.flatMap(([type, wire]): FaultCondition[] => {
      const found = conditions.find((condition) => condition.type === wire);
      if (found === undefined) return [];
      return [{ type, epochs: Math.max(1, found.epochs), atLeast: Number(found.atLeast) }];
    }),
  };
}
