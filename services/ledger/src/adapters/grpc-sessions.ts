import { invalidField } from '@subnetes/proto/rpc-error';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { RpcHandlers } from '@subnetes/proto/grpc-handlers';
import {
  type Ledger as LedgerService,
  type SpendSessionSchema,
  SessionScope as WireScope,
} from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { makeOpenSession, makeSubmitBatch, type SessionPorts } from '#application/spend-session.ts';
import { refuse } from '#domain/book/refusal.ts';
import { sessionKey, type SessionRecord, type SessionScope } from '#domain/economy/session.ts';
import { callerOf } from './caller.ts';
import { answered, type CountRefusal, refusalError, valueOf } from './grpc-refusals.ts';
import { bytesOfHex, hexOf } from './wire.ts';
import { stateToWire } from './wire-accounts.ts';

type Handlers = RpcHandlers<typeof LedgerService>;

const SCOPES: Readonly<Record<SessionScope, WireScope>> = {
  Fund: WireScope.FUND,
  Transfer: WireScope.TRANSFER,
  Stake: WireScope.STAKE,
};

/** Wallets' sessions: authorised by signatures alone, whoever carries them here. */
export function sessionHandlers(
  ports: SessionPorts & { readonly countRefusal: CountRefusal },
): Pick<Handlers, 'openSession' | 'submitSessionBatch' | 'getSession'> {
  const [openSession, submitBatch] = [makeOpenSession(ports), makeSubmitBatch(ports)];
  return {
    openSession: async ({ session }, call) =>
      sessionToWire(await valueOf(openSession(session, callerOf(call)), ports.countRefusal)),
    submitSessionBatch: async ({ batch }) => {
      const done = await valueOf(submitBatch(batch), ports.countRefusal);
      return {
        firstSequence: BigInt(done.firstSequence),
        lastSequence: BigInt(done.lastSequence),
        usedRao: done.used.toString(),
        wallet: stateToWire(done.wallet),
      };
    },
    getSession: async ({ wallet, sessionId }) => {
      if (sessionId.length !== 32) throw invalidField('session_id', 'must be 32 bytes');
      const key = sessionKey(wallet, hexOf(sessionId));
      const found = await answered(ports.sequencer.read((ledger) => ledger.sessions.get(key)));
      if (found === undefined) throw refusalError(refuse('SESSION_UNKNOWN', `${wallet} has no such session`));
      return sessionToWire(found);
    },
  };
}

function sessionToWire(session: SessionRecord): MessageInitShape<typeof SpendSessionSchema> {
  return {
    sessionId: bytesOfHex(session.id),
    wallet: session.wallet,
    publicKey: bytesOfHex(session.publicKey),
    scopes: session.scopes.map((scope) => SCOPES[scope]),
    maxPerOrderRao: session.maxPerOrder.toString(),
    maxTotalRao: session.maxTotal.toString(),
    usedRao: session.used.toString(),
    expiresAtBlock: BigInt(session.expiresAtBlock),
    lastSequence: BigInt(session.sequence),
    revoked: session.revoked,
  };
}
