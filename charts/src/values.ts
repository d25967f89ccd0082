import { z } from 'zod';
import { slashing, unbondingBlocks } from './slashing-values.ts';

const quantity = z.string().regex(/^[0-9]+(\.[0-9]+)?(m|[EPTGMk]i?)?$/);
const resources = z
  .strictObject({
    requests: z.record(z.string(), z.union([quantity, z.int()])),
    limits: z.record(z.string(), z.union([quantity, z.int()])),
  })
  .meta({ description: 'Requests and limits of the container.' });
const heapMib = z.int().min(64).max(65536).meta({ description: "Node's old space in MiB." });
const databaseUrl = z
  .string()
  .regex(/^$|^postgres(ql)?:\/\/[^:@/]+@/)
  .meta({ description: 'postgres:// URL with user, without password; empty: the PostgreSQL of the chart.' });
const duration = z.string().regex(/^[0-9]{1,9}(ms|s|m|h)$/);
const wholeTokens = z.string().regex(/^(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?$/);

/** What the ledger takes, said again where Helm can refuse it before anything is installed. */
const emissionPolicy = z.union([
  z.strictObject({ name: z.literal('Equal'), version: z.literal(1) }),
  z.strictObject({
    name: z.literal('RootWeights'),
    version: z.literal(1),
    tempo: z.int().min(10).max(50_400),
    kappaU16: z.int().min(32_767).max(65_535).optional(),
    activityCutoffBlocks: z.int().min(1).max(65_535).optional(),
    commitReveal: z.enum(['Off', 'Salted', 'Timelock']).optional(),
    weightsRateLimitBlocks: z.int().min(0).max(1_000_000).optional(),
  }),
  z.strictObject({
    name: z.literal('Utility'),
    version: z.literal(1),
    smoothingBlocks: z.int().min(1).max(1_000_000).optional(),
    fromBlock: z.int().min(1).max(1_000_000_000).optional(),
  }),
  z.strictObject({
    name: z.literal('MovingPrice'),
    version: z.literal(1),
    fromBlock: z.int().min(1).max(1_000_000_000).optional(),
  }),
  z.strictObject({
    name: z.literal('Flow'),
    version: z.literal(1),
    exponentPpm: z.int().min(1_000_000).max(2_000_000).optional(),
    net: z.boolean().optional(),
    fromBlock: z.int().min(1).max(1_000_000_000).optional(),
  }),
]);

const subnetTokens = z
  .union([
    z.strictObject({ type: z.literal('None') }),
    z.strictObject({
      type: z.enum(['Balancer', 'Product']),
      initialLiquidity: wholeTokens,
      feeU16: z.int().min(0).max(10_000).optional(),
      feeTo: z.enum(['Burned', 'Pool']).optional(),
      poolPpm: z.int().min(0).max(1_000_000).optional(),
      taoWeightPpm: z.int().min(0).max(1_000_000).optional(),
      movingPpm: z.int().min(1).max(1_000_000).optional(),
      movingHalvingBlocks: z.int().min(1).max(1_000_000_000).optional(),
    }),
  ])
  .meta({ description: 'Tokens of subnets and the curve of their pools; none if not given.' });

const governance = z
  .strictObject({
    deposit: wholeTokens.optional(),
    votingBlocks: z.int().min(1).max(10_000_000).optional(),
    timelockBlocks: z.int().min(1).max(10_000_000).optional(),
    quorumPpm: z.int().min(0).max(1_000_000).optional(),
    thresholdPpm: z.int().min(500_000).max(999_999).optional(),
    treasuryPpm: z.int().min(0).max(1_000_000).optional(),
    council: z
      .strictObject({
        members: z.array(z.string().min(40).max(60)).max(32),
        required: z.int().min(1).max(32),
      })
      .optional(),
  })
  .meta({ description: 'By what proposals change the network; nothing does if not given.' });

const subnetCreation = z
  .strictObject({
    minLock: wholeTokens,
    reductionIntervalBlocks: z.int().min(1).max(100_000_000),
    rateLimitBlocks: z.int().min(0).max(10_000_000),
    immunityBlocks: z.int().min(0).max(100_000_000),
    limit: z.int().min(1).max(1024),
  })
  .meta({ description: 'What a subnet costs; subnets are free if not given. See docs/guides/lifecycle.md.' });

const genesis = z
  .strictObject({
    token: z.strictObject({
      symbol: z.string().regex(/^[A-Z]{2,10}$/),
      decimals: z.literal(9),
      cap: wholeTokens,
    }),
    blockTimeMs: z.int().min(100).max(600_000),
    blockReward: wholeTokens,
    emissionPolicy,
    subnetTokens: subnetTokens.optional(),
    creditMax: wholeTokens
      .optional()
      .meta({ description: 'Whole tokens that all billing accounts together may owe; none may owe anything if not given.' }),
    governance: governance.optional(),
    rootStakeWeightPpm: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .meta({ description: 'What stake on root counts for in each subnet, in millionths; none is taken if not given.' }),
    unbondingBlocks,
    slashing,
    subnetCreation: subnetCreation.optional(),
    subnetRemoval: z
      .strictObject({ noticeBlocks: z.int().min(1).max(1_000_000) })
      .optional()
      .meta({ description: "Blocks from the announcement of a subnet's end to it at least; 7200 if not given." }),
    accounts: z.array(z.strictObject({ address: z.string().regex(/^(treasury|.{40,60})$/), amount: wholeTokens })).max(10_000),
  })
  .meta({ description: 'Read at block 0 only; its hash is the network id.' });

const service = z.strictObject({ heapMib, resources });
const storingService = service.extend({ databaseUrl });

/** Values of the chart `subnetes`. Unknown keys are refused, so that a typing error is told instead of ignored. */
export const valuesSchema = z.strictObject({
  images: z.strictObject({
    registry: z.string().min(1).max(255),
    tag: z.string().regex(/^[\w.-]{0,128}$/),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']),
    pullSecrets: z.array(z.strictObject({ name: z.string() })),
  }),
  crds: z.strictObject({ install: z.boolean(), keep: z.boolean() }),
  network: z.strictObject({ genesis }),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']) }),
  tracing: z.strictObject({
    otlpEndpoint: z
      .string()
      .regex(/^$|^https?:\/\/[^@\s]+$/)
      .meta({ description: 'OTLP/HTTP endpoint, without user and password: the environment of every pod shows it.' }),
  }),
  persistence: z.strictObject({ storageClass: z.string(), annotations: z.record(z.string(), z.string()) }),
  ledger: storingService.extend({
    replicas: z.int().min(1).max(3),
    rangeEntries: z.int().min(1000).max(1_000_000_000),
    audit: service.extend({
      enabled: z.boolean(),
      databaseUrl,
      every: duration,
      fullEvery: duration,
      archiveClaim: z.string().max(253),
    }),
    checkpointWitnesses: z
      .array(
        z.strictObject({
          url: z
            .string()
            .max(200)
            .regex(/^https?:\/\/[^@,\s]+$/),
          key: z
            .string()
            .max(400)
            .regex(/^[^+,\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/),
        }),
      )
      .max(16)
      .meta({ description: 'Witnesses of other owners that sign checkpoints: base URL, and the key that they show at their start.' }),
  }),
  scoring: storingService.extend({
    replicas: z.int().min(1).max(9),
    burstRoom: z.boolean(),
    beaconUrls: z
      .array(
        z
          .string()
          .max(200)
          .regex(/^https?:\/\/[^@,\s]+$/),
      )
      .max(8)
      .meta({ description: "Base URLs of drand's HTTP API, without user and password; {chain}: the chain hash." }),
  }),
  witnesses: z
    .strictObject({
      required: z.int().min(0).max(16),
      keys: z.array(z.string().regex(/^([0-9a-fA-F]{64}|5[1-9A-HJ-NP-Za-km-z]{45,47})$/)).max(16),
    })
    .meta({ description: 'Who has to sign an epoch beside scoring before the ledger pays it.' }),
  witness: service.extend({
    enabled: z.boolean(),
    replicas: z.int().min(1).max(9),
    unnamedRows: z.enum(['refuse', 'accept']),
  }),
  billing: storingService,
  servingGateway: service.extend({ replicas: z.int().min(1).max(100) }),
  console: service,
  operator: service,
  setup: z.strictObject({ renewalSchedule: z.string().min(9), resources }),
  postgres: z.strictObject({ enabled: z.boolean(), storage: quantity, resources }),
  nats: z.strictObject({
    enabled: z.boolean(),
    url: z.string().regex(/^$|^(nats|tls):\/\//),
    storage: quantity,
    maxFileStore: z.string().regex(/^[0-9]+[KMGT]?B?$/),
    resources,
  }),
  prometheus: z.strictObject({
    enabled: z.boolean(),
    scrapeInterval: z.string().regex(/^[0-9]+(ms|s|m)$/),
    retention: z.string().regex(/^[0-9]+[hdwy]$/),
    storage: quantity,
    resources,
  }),
  dashboards: z.strictObject({ enabled: z.boolean(), label: z.string(), labelValue: z.string(), folder: z.string() }),
  networkPolicies: z.strictObject({ enabled: z.boolean() }),
  nodeSelector: z.record(z.string(), z.string()),
  tolerations: z.array(z.record(z.string(), z.union([z.string(), z.int()]))),
  /** Helm adds it where the chart is a dependency. */
  global: z.record(z.string(), z.unknown()).optional(),
});
