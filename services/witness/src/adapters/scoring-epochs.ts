import { setImmediate as nextTurn } from 'node:timers/promises';
import { create, fromBinary } from '@bufbuild/protobuf';
import { unitsFromText } from '@subnetes/money/amount';
import { type EpochScored, EpochScoredSchema } from '@subnetes/proto/gen/subnetes/events/v1/events_pb';
import type { Scoring } from '@subnetes/proto/gen/subnetes/scoring/v1/scoring_pb';
import type { RpcClient } from '@subnetes/proto/grpc-client';
import { RpcCode, RpcError } from '@subnetes/proto/rpc-error';
import { OutageError } from '@subnetes/runtime/errors';
import type { EpochName, ScoringEpochs, ShownRow, ToldPayment } from '#application/ports.ts';
import type { Refusal } from '#domain/refusal.ts';
import { answered } from './rpc-outage.ts';

/** All rows of a full subnet are megabytes, and each is verified as it comes. */
const ROWS_DEADLINE_MS = 60_000;

/** Scoring over gRPC. It shows no certificate: epochs are open to all, and a signature speaks for itself. */
export function scoringEpochs(client: RpcClient<typeof Scoring>): ScoringEpochs {
  return {
    epoch: ({ netuid, index }, signal) =>
      whereFound(async () => {
        const request = { netuid, index: BigInt(index), withoutMetagraph: true };
        const epoch = await client.getEpoch(request, { signal });
        const { inputsJson, outputsJson, scored } = epoch;
        return { inputsJson, outputsJson, payment: readPayment(scored) };
      }),
    signedRows: (name, signal) => signedRows(client, name, signal),
    module: (sha256, signal) =>
      whereFound(
        async () => (await client.getIncentiveFunction({ sha256: Buffer.from(sha256, 'hex') }, { signal })).module,
      ),
    submit: async (name: EpochName, witness, signal) => {
      const request = { netuid: name.netuid, index: BigInt(name.index), witness };
      try {
        await answered('scoring', client.submitWitness(request, { signal }));
        return undefined;
      } catch (error) {
        if (!(error instanceof RpcError)) throw error;
        return refusalOf(error);
      }
    },
  };
}

/** A scoring that gives no rows, or breaks off, is away: the rows that are missing then would look like invented ones. */
async function* signedRows(
  client: RpcClient<typeof Scoring>,
  { netuid, index }: EpochName,
  signal: AbortSignal,
): AsyncGenerator<ShownRow> {
  const request = { netuid, index: BigInt(index) };
  try {
    for await (const row of client.getSignedRows(request, { signal, deadlineMs: ROWS_DEADLINE_MS })) {
      const { validatorUid, mechanismId, weights, commit, missed, roundSignature } = row;
      const [sealedBefore, sealedAfter] = [Number(row.sealedBefore), Number(row.sealedAfter)];
      yield { validatorUid, mechanismId, weights, commit, missed, roundSignature, sealedBefore, sealedAfter };
      await nextTurn(); // a row takes up to 80 ms to verify, and health and connections want their turn
    }
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    throw new OutageError('scoring', `scoring does not show what validators signed: ${error.message}`, error);
  }
}

/** Whatever else scoring answers is an outage: it must not end the process that watches it. */
async function whereFound<Found>(ask: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    if (error.code === RpcCode.NOT_FOUND) return undefined;
    throw new OutageError('scoring', `scoring does not give what was asked for: ${error.message}`, error);
  }
}

/** What the ledger is told, as it reads it. What cannot be read differs from all that is right: nothing is paid, or -1. */
export function readPayment(scored: Uint8Array): ToldPayment {
  const message = messageOf(scored);
  return {
    dueSequence: Number(message.dueSequence),
    inputsSha256: hexOf(message.inputsSha256),
    outputsSha256: hexOf(message.outputsSha256),
    neurons: message.neurons.map((neuron) => ({
      uid: neuron.uid,
      registrationId: hexOf(neuron.registrationId),
      incentive: raoOf(neuron.incentiveRao),
      dividend: raoOf(neuron.dividendRao),
      incentiveU16: neuron.incentiveU16,
      dividendsU16: neuron.dividendsU16,
      permit: neuron.validatorPermit,
    })),
    ...(message.shares.length === 0
      ? {}
      : { shares: message.shares.map(({ netuid, sharePpm }) => ({ netuid, sharePpm })) }),
  };
}

function messageOf(scored: Uint8Array): EpochScored {
  try {
    return fromBinary(EpochScoredSchema, scored);
  } catch {
    return create(EpochScoredSchema); // bytes from outside that are no message
  }
}

function refusalOf(error: RpcError): Refusal {
  const reason = error.reason === 'UNKNOWN_WITNESS' ? 'KEY_UNKNOWN' : 'SIGNATURE_REFUSED';
  return { reason, field: '', message: `${error.reason}: ${error.message}` };
}

function raoOf(text: string): bigint {
  const units = unitsFromText(text === '' ? '0' : text);
  return units.ok ? units.value : -1n;
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
