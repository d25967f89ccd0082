import { create, toBinary } from '@bufbuild/protobuf';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { MarketState, MarketView } from '@subnetes/neuron/market-view';
import { EnvelopeType } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import { AnnouncementSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/policy_pb';
import { fromUnknown } from '@subnetes/runtime/errors';
import type { Logger } from '@subnetes/telemetry/logger';
import { ANNOUNCED_BLOCKS, mustAnnounce } from '#application/announce.ts';

/** What this miner can speak; names are the ledger's. */
const PROTOCOLS = ['kserve-v2-rest'];

export type AnnouncerOptions = {
  readonly view: MarketView;
  readonly registrationId: Uint8Array;
  readonly endpoint: { readonly urls: readonly string[]; readonly spkiSha256: Uint8Array };
  readonly sign: (type: EnvelopeType, payload: Uint8Array, expiresAtBlock: bigint) => SignedEnvelope;
  readonly send: (announcement: SignedEnvelope, signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
};

/** Looks with each block whether the ledger knows this miner's endpoint, and tells it where it does not. */
export function startAnnouncer(options: AnnouncerOptions): AsyncDisposable {
  const stop = new AbortController();
  const follow = async (): Promise<void> => {
    let block = -1n;
    while (!stop.signal.aborted) {
      const state = await options.view.blockAfter(block, stop.signal);
      block = state.block;
      await announceIfNeeded(options, state, stop.signal);
    }
  };
  const following = follow().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await following;
    },
  };
}

async function announceIfNeeded(options: AnnouncerOptions, state: MarketState, signal: AbortSignal): Promise<void> {
  const { endpoint, log } = options;
  const own = state.neurons.get(bytesToHex(options.registrationId));
  // Without a registration there is nothing to announce for; the operator configures this pod anew when there is one.
  if (own === undefined || !mustAnnounce(endpoint, own.endpoint, state.block)) return;
  const payload = toBinary(
    AnnouncementSchema,
    create(AnnouncementSchema, { urls: [...endpoint.urls], spkiSha256: endpoint.spkiSha256, protocols: PROTOCOLS }),
  );
  const announcement = options.sign(EnvelopeType.ANNOUNCE, payload, state.block + ANNOUNCED_BLOCKS);
  try {
    await options.send(announcement, signal);
    log.info(
      { urls: endpoint.urls, expires_at_block: String(state.block + ANNOUNCED_BLOCKS) },
      'the endpoint is announced',
    );
  } catch (error) {
    if (signal.aborted) return;
    log.warn({ err: fromUnknown(error) }, 'the ledger did not take the announcement; the next block tries again');
  }
}
