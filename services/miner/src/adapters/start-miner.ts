import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { NeuronFile } from '@subnetes/neuron/neuron-file';
import { readHotkey } from '@subnetes/neuron/neuron-file';
import type { MarketView } from '@subnetes/neuron/market-view';
import { CLOCK_SKEW_MS_MAX } from '@subnetes/keys/request-session';
import type { SignedEnvelope } from '@subnetes/proto/gen/subnetes/common/v1/common_pb';
import type { Clock } from '@subnetes/runtime/clock';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import { startAnnouncer } from './announcer.ts';
import { httpApp } from './http-app.ts';
import { ledgerMarket } from './ledger-market.ts';
import { serverIdentity } from './server-identity.ts';
import { sessionSeal } from './session-seal.ts';
import { sessionSigner } from './session-signer.ts';
import { makeAnswer } from '#application/answer.ts';
import { makeAuthorize } from '#application/authorize.ts';
import { makeOpenSession } from '#application/open-session.ts';
import type { Model } from '#application/ports.ts';
import { replayWindow } from '#domain/replay-window.ts';

/** Twice the clock skew: a request is fresh for that long at most, from the earliest to the latest clock. */
const REMEMBERED_MS = 2 * CLOCK_SKEW_MS_MAX + 1000;
const HANDSHAKES_MAX = 4096;
const REQUESTS_MAX = 200_000;

export type MinerOptions = {
  readonly neuron: NeuronFile;
  readonly models: readonly Model[];
  readonly maxInFlight: number;
  readonly view: MarketView;
  readonly announce: (announcement: SignedEnvelope, signal: AbortSignal) => Promise<void>;
  readonly listen: { readonly host: string; readonly port: number };
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
};

/** Serves models to validators and gateways and tells the ledger where. Disposing waits for the answers in work. */
export async function startMiner(
  options: MinerOptions,
): Promise<{ readonly port: number; readonly spkiSha256: Uint8Array } & AsyncDisposable> {
  const { neuron, models, view, clock, metrics, log } = options;
  const { networkId, registrationId } = neuron;
  const hotkey = readHotkey(neuron.hotkeyFile);
  const identity = serverIdentity(hotkey.secretText, clock.nowMs());
  const seal = sessionSeal(hotkey.secretText);
  const nowMs = () => clock.nowMs();
  const sign = sessionSigner({ hotkey: hotkey.pair, networkId, registrationId, nowMs });
  const market = ledgerMarket(view);
  const modelOf = (name: string) => models.find(({ mechanismId }) => mechanismId === market.mechanismOf(name));
  const app = httpApp({
    tls: { key: identity.keyPem, cert: identity.certificatePem },
    openSession: makeOpenSession({
      networkId,
      hotkey: hotkey.pair.address,
      gatewayPublicKeys: neuron.gatewayPublicKeys,
      market,
      seal,
      sign,
      seen: replayWindow({ keepMs: REMEMBERED_MS, keysMax: HANDSHAKES_MAX }),
      randomBytes,
    }),
    authorize: makeAuthorize({
      seal,
      seen: replayWindow({ keepMs: REMEMBERED_MS, keysMax: REQUESTS_MAX }),
      isEqual: (one, other) => one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other)),
    }),
    answer: makeAnswer({ modelOf, maxInFlight: options.maxInFlight }),
    modelOf,
    block: () => market.block() ?? 0n,
    sign,
    nowMs,
    metrics,
    log,
  });
  await app.listen(options.listen);
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const endpoint = { urls: neuron.publicUrls, spkiSha256: identity.spkiSha256 };
  const announcer = startAnnouncer({ view, registrationId, endpoint, sign, send: options.announce, log });
  return {
    port,
    spkiSha256: identity.spkiSha256,
    async [Symbol.asyncDispose]() {
      await announcer[Symbol.asyncDispose]();
      await app.close();
    },
  };
}
