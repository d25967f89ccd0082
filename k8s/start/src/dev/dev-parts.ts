import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { binaryPath } from '@subnetes/local-cluster/binaries';
import type { DevFolder } from './dev-folder.ts';
import type { DevPorts } from './dev-ports.ts';
import type { DevPart } from './dev-processes.ts';
import type { RegisteredMarket, RegisteredNeuron } from './register-sample.ts';

/** Who ends last has the lowest number. */
const STAGES = { bus: 0, ledger: 1, service: 2, seller: 3, neuron: 4 } as const;
const HEALTH = { ledger: 0, scoring: 1, billing: 2, 'serving-gateway': 3, console: 4, firstNeuron: 5 } as const;
const ASK_MS = 2000;

export interface DevPartsContext {
  readonly root: string;
  readonly folder: DevFolder;
  readonly ports: DevPorts;
  readonly watch: boolean;
  /** What every process gets from ours. */
  readonly env: Readonly<Record<string, string>>;
}

const at = (port: number): string => `127.0.0.1:${port}`;

/** The bus, from the cache of compiled programs. */
export function natsPart({ folder, ports, env }: DevPartsContext): DevPart {
  return {
    name: 'nats-server',
    command: binaryPath('nats-server'),
    args: ['-a', '127.0.0.1', '-p', String(ports.nats), '-js', '-sd', folder.at('nats')],
    env,
    stage: STAGES.bus,
    ready: () => greets(ports.nats),
  };
}

/** nats-server sends each client a line about itself. */
async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'data');
    return true;
  } finally {
    socket.destroy();
  }
}

export function ledgerPart(context: DevPartsContext): DevPart {
  const { folder, ports } = context;
  return nodePart(context, 'ledger', {
    stage: STAGES.ledger,
    healthPort: ports.health(HEALTH.ledger),
    env: {
      NATS_URL: `nats://${at(ports.nats)}`,
      DATABASE_URL: `pglite:${folder.at('ledger')}`,
      GENESIS_FILE: folder.at('genesis.json'),
      LOG_KEY_FILE: folder.at('log-key'),
      GRPC_PORT: String(ports.ledger),
    },
  });
}

/** Scoring, billing, the gateway and the console: they need bus and ledger only, so they start at once. */
export function servicesAfterLedger(context: DevPartsContext): readonly DevPart[] {
  const { folder, ports } = context;
  const common = { NATS_URL: `nats://${at(ports.nats)}`, LEDGER_URL: at(ports.ledger) };
  return [
    nodePart(context, 'scoring', {
      stage: STAGES.service,
      healthPort: ports.health(HEALTH.scoring),
      env: {
        ...common,
        DATABASE_URL: `pglite:${folder.at('scoring')}`,
        GRPC_PORT: String(ports.scoring),
      },
    }),
    nodePart(context, 'billing', {
      stage: STAGES.service,
      healthPort: ports.health(HEALTH.billing),
      env: {
        ...common,
        DATABASE_URL: `pglite:${folder.at('billing')}`,
        HTTP_PORT: String(ports.invoices),
        GRPC_PORT: String(ports.billing),
      },
    }),
    nodePart(context, 'serving-gateway', {
      stage: STAGES.seller,
      healthPort: ports.health(HEALTH['serving-gateway']),
      env: {
        ...common,
        BILLING_URL: at(ports.billing),
        GATEWAY_KEY_FILE: folder.at('gateway-key'),
        SPOOL_DIR: folder.at('spool'),
        HTTP_PORT: String(ports.gateway),
        INFERENCE_GRPC_PORT: String(ports.inference),
        ENDPOINT_ALLOW_NETWORKS: '127.0.0.1/32',
      },
    }),
    nodePart(context, 'console', {
      stage: STAGES.seller,
      healthPort: ports.health(HEALTH.console),
      env: {
        LEDGER_URL: at(ports.ledger),
        SCORING_URL: at(ports.scoring),
        HTTP_HOST: '127.0.0.1',
        HTTP_PORT: String(ports.console),
        PAGE_DIR: folder.at('page'),
      },
    }),
  ];
}

/** Miners and validators, each with the file that the operator would mount. */
export async function neuronParts(context: DevPartsContext, market: RegisteredMarket): Promise<readonly DevPart[]> {
  return await Promise.all(market.neurons.map((neuron, index) => neuronPart(context, market, { neuron, index })));
}

async function neuronPart(
  context: DevPartsContext,
  { netuid }: RegisteredMarket,
  { neuron, index }: { readonly neuron: RegisteredNeuron; readonly index: number },
): Promise<DevPart> {
  const { folder, ports } = context;
  const { sample } = neuron;
  const neuronFile = folder.at('neurons', sample.name, 'neuron.json');
  const content = {
    networkId: folder.networkId,
    registrationId: neuron.registrationId,
    netuid,
    uid: neuron.uid,
    ledgerUrl: at(ports.ledger),
    scoringUrl: at(ports.scoring),
    hotkeyFile: neuron.hotkeyFile,
    publicUrls: sample.kind === 'Miner' ? [`https://${at(ports.miner(index))}`] : [],
    gatewayPublicKeys: [folder.gatewayPublicKey],
  };
  await writeFile(neuronFile, `${JSON.stringify(content, undefined, 2)}\n`);
  const common = { stage: STAGES.neuron, name: sample.name, healthPort: ports.health(HEALTH.firstNeuron + index) };
  const env = { NEURON_FILE: neuronFile, HOST: '127.0.0.1' };
  if (sample.kind === 'Miner') {
    const models = JSON.stringify(sample.models);
    return nodePart(context, 'miner', { ...common, env: { ...env, MODELS: models, PORT: String(ports.miner(index)) } });
  }
  const stateDir = folder.at('neurons', sample.name, 'state');
  await mkdir(stateDir, { recursive: true });
  const drill = sample.drill === undefined ? {} : { DRILL: sample.drill };
  return nodePart(context, 'validator', {
    ...common,
    env: { ...env, ...drill, STATE_DIR: stateDir, ENDPOINT_ALLOW_NETWORKS: '127.0.0.1/32' },
  });
}

interface NodePart {
  readonly stage: number;
  readonly healthPort: number;
  readonly env: Readonly<Record<string, string>>;
  /** The service's by default. */
  readonly name?: string;
}

function nodePart(context: DevPartsContext, service: string, part: NodePart): DevPart {
  const main = path.join(context.root, 'services', service, 'src/main.ts');
  return {
    name: part.name ?? service,
    command: process.execPath,
    args: context.watch ? ['--watch', '--watch-preserve-output', main] : [main],
    env: {
      ...context.env,
      INSECURE_MODE: 'loopback',
      ORT_DISABLE_TELEMETRY: '1',
      ...part.env,
      HEALTH_PORT: String(part.healthPort),
    },
    stage: part.stage,
    async ready() {
      const answer = await fetch(`http://${at(part.healthPort)}/readyz`, { signal: AbortSignal.timeout(ASK_MS) });
      return answer.ok;
    },
  };
}

/** Every port that such a market listens on. */
export function portsOf(ports: DevPorts, counts: { readonly miners: number; readonly neurons: number }): number[] {
  const { nats, ledger, scoring, billing, gateway, inference, invoices } = ports;
  const ofServices = [nats, ledger, scoring, billing, gateway, inference, invoices, ports.console];
  const ofMiners = Array.from({ length: counts.miners }, (_, index) => ports.miner(index));
  const ofHealth = Array.from({ length: HEALTH.firstNeuron + counts.neurons }, (_, index) => ports.health(index));
  return [...ofServices, ...ofMiners, ...ofHealth];
}
