import { randomUUID } from 'node:crypto';
import { openNatsBus } from '@subnetes/bus/nats-bus';
import { AddressRule } from '@subnetes/dial/address-rule';
import { Billing } from '@subnetes/proto/gen/subnetes/billing/v1/billing_pb';
import { Ledger } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import { createRpcClient } from '@subnetes/proto/grpc-client';
import { systemClock } from '@subnetes/runtime/clock';
import { grpcClientCredentials, grpcServerTrust } from '@subnetes/runtime/tls';
import type { Logger } from '@subnetes/telemetry/logger';
import type { Metrics } from '@subnetes/telemetry/metrics';
import { Leases } from '#application/keep-leases.ts';
import { MinerTrack } from '#application/track-miners.ts';
import { Admission } from '#domain/admission.ts';
import { Market } from '#domain/market.ts';
import type { GatewayConfig } from '../config.ts';
import { KeyTable } from './api-keys.ts';
import { billingClient } from './billing-client.ts';
import { BusLink } from './bus-link.ts';
import type { GatewayIdentity } from './gateway-identity.ts';
import { gatewayObserver } from './metrics.ts';
import { Receipts } from './receipts.ts';
import { MinerLinks } from './upstream.ts';
import { DurableUsageSpool } from './usage-spool.ts';

/** How long a request waits for money that a lease of ours, just closed, still holds. */
const LEASE_PATIENCE_MS = 3000;

export interface PartsContext {
  readonly config: GatewayConfig;
  readonly identity: GatewayIdentity;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** Where what has to be closed is put, last opened first. */
  readonly teardown: AsyncDisposableStack;
  /** Returns early when the process ends. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

export type Parts = ReturnType<typeof openParts>;

/** Makes everything that serving a request leans on; nothing is dialled yet. */
export function openParts({ config, identity, log, metrics, teardown, sleep, failed }: PartsContext) {
  const nowMs = (): number => systemClock.nowMs();
  const monotonicMs = (): number => systemClock.monotonicMs();
  const credentials = config.tls === undefined ? grpcServerTrust(undefined) : grpcClientCredentials(config.tls);
  const ledger = teardown.use(createRpcClient(Ledger, { address: config.ledgerUrl, credentials }));
  const billing = teardown.use(createRpcClient(Billing, { address: config.billingUrl, credentials }));
  const market = new Market();
  const keys = new KeyTable((keyId, why) =>
    log.warn({ keyId, why }, 'an entry of the bucket of API keys is not taken'),
  );
  const observer = gatewayObserver(metrics);
  const network: { id: Uint8Array | undefined } = { id: undefined };
  const { spoolDir: folder, spoolBytesMax: bytesMax } = config;
  const spool = teardown.use(new DurableUsageSpool({ folder, bytesMax, nowMs, failed }));
  const nats = { url: config.natsUrl, name: config.instance, ...(config.tls && { tls: config.tls }) };
  const open = (): ReturnType<typeof openNatsBus> => openNatsBus(nats);
  const bus = teardown.use(new BusLink({ open, market, keys, spool, failed, sleep }));
  const links = teardown.use(
    new MinerLinks({
      market,
      rule: new AddressRule({ suffixes: config.allowSuffixes, networks: config.allowNetworks }),
      identity,
      receipts: new Receipts(identity),
      networkId: () => network.id,
      log,
      nowMs,
      monotonicMs,
      answerBytesMax: config.answerBytesMax,
    }),
  );
  const { inFlightMax, accountInFlightMax } = config;
  const admission = new Admission({ inFlightMax, accountInFlightMax });
  const leases = new Leases({
    billing: billingClient(billing, config.instance),
    spool,
    observer,
    settings: { leaseRao: config.leaseRao, patienceMs: LEASE_PATIENCE_MS },
    newLeaseId: () => randomUUID(),
    monotonicMs,
    sleep,
  });
  const track = new MinerTrack();
  return { ledger, market, keys, observer, network, spool, bus, links, admission, leases, track, nowMs, monotonicMs };
}
