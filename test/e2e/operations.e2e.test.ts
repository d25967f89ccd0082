import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { binaryPath } from '@subnetes/local-cluster/binaries';
import { expect, test } from 'vitest';
import { LOCAL, ROOT, services, startedMarket, tools } from './market.ts';

const SYSTEM = 'subnetes-system';
const run = promisify(execFile);
const env = {
  ...process.env,
  KUBECONFIG: path.join(LOCAL, 'kubeconfig'),
  PATH: `${path.join(ROOT, 'node_modules/.bin')}:${path.dirname(binaryPath('kubectl'))}:${process.env['PATH']}`,
};

/** What the command line prints with --json. */
async function cli(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout } = await run('subnetes', [...args, '--json'], { cwd: ROOT, env });
  return JSON.parse(stdout) as Record<string, unknown>;
}

function mayOperator(verb: string, resource: string): Promise<string> {
  const account = `system:serviceaccount:${SYSTEM}:subnetes-operator`;
  return tools().kubectl(['auth', 'can-i', verb, resource, '--as', account, '-A']);
}

async function lastPaid(): Promise<bigint> {
  using clients = await services();
  return (await clients.ledger.getSubnet({ by: { case: 'handle', value: 'sp500' } })).lastPaidIndex;
}

test('the command line shows, explains, replays and verifies', async () => {
  expect(JSON.stringify(await cli('status'))).toContain('sp500');
  expect(JSON.stringify(await cli('explain', 'miner', 'garch'))).toMatch(/consensus/i);
  const replay = await cli('epoch', 'replay', '--netuid', '1', '--epoch', '4');
  expect(replay).toMatchObject({ equal: true });
  const verified = await cli('ledger', 'verify');
  expect(JSON.stringify(verified)).toMatch(/"difference\w*":"?0/i);
});

test('kubectl finds the command line as a plugin', async () => {
  const { stdout } = await run('kubectl', ['subnetes', 'status'], { cwd: ROOT, env });
  expect(stdout).toMatch(/sp500/);
});

test('kubectl get shows the columns of the resources', async () => {
  const { stdout } = await run('kubectl', ['get', 'sn,mnr,vld'], { cwd: ROOT, env });
  expect(stdout).toMatch(/NETUID +NEURONS +EPOCH +NEXT +EMISSION\/DAY +HEALTH +READY/);
  expect(stdout).toMatch(/SUBNET +UID +INCENTIVE +EARNED\/DAY +READY +EARNING/);
  expect(stdout).toMatch(/SUBNET +UID +PERMIT +STAKE +TRUST +DIVIDENDS +WEIGHTS +READY/);
});

test.for([
  ['get', 'secrets'],
  ['list', 'secrets'],
  ['update', 'secrets'],
  ['create', 'pods'],
  ['create', 'clusterrolebindings'],
  ['delete', 'namespaces'],
] as const)('the operator may not %s %s', async ([verb, resource]) => {
  const asked = mayOperator(verb, resource);
  // kubectl says "no" with exit code 1; the test below shows that it can say "yes".
  await expect(asked).rejects.toMatchObject({ exitCode: 1 });
});

test('the operator may list what it reconciles', async () => {
  expect((await mayOperator('list', 'miners.subnetes.io')).trim()).toBe('yes');
});

test('a stranger in the cluster reaches the gateway, and neither database, bus nor ledger', async () => {
  const script = `
    const { connect } = require('node:net');
    const dial = (host, port) => new Promise((resolve) => {
      const socket = connect({ host, port, timeout: 2000 });
      for (const [event, word] of [['connect', 'open'], ['error', 'closed'], ['timeout', 'closed']]) {
        socket.on(event, () => { socket.destroy(); resolve(host.split('.')[0] + ' ' + word); });
      }
    });
    Promise.all([['serving-gateway', 8080], ['postgres', 5432], ['nats', 4222], ['ledger', 9443], ['scoring', 9443], ['billing', 9443], ['console', 8080]]
      .map(([name, port]) => dial(name + '.${SYSTEM}.svc.cluster.local', port))).then((lines) => console.log(lines.join('\\n')));`;
  const overrides = {
    spec: {
      securityContext: { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'stranger',
          image: 'localhost/subnetes/operator:0.1.0',
          command: ['node', '-e', script],
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
  const kubectl = tools();
  await kubectl.kubectl([
    'run',
    'stranger',
    '-n',
    'default',
    '--image',
    'localhost/subnetes/operator:0.1.0',
    '--restart=Never',
    '--overrides',
    JSON.stringify(overrides),
  ]);
  try {
    await kubectl.kubectl([
      '-n',
      'default',
      'wait',
      'pod/stranger',
      '--for=jsonpath={.status.phase}=Succeeded',
      '--timeout=120s',
    ]);
    const lines = (await kubectl.kubectl(['-n', 'default', 'logs', 'stranger'])).trim().split('\n');
    expect(lines).toEqual([
      'serving-gateway open',
      'postgres closed',
      'nats closed',
      'ledger closed',
      'scoring closed',
      'billing closed',
      'console closed',
    ]);
  } finally {
    await kubectl.kubectl(['-n', 'default', 'delete', 'pod', 'stranger', '--wait=false']);
  }
});

test('helm upgrade of the running market loses nothing', async () => {
  const before = await lastPaid();
  const entries = async (): Promise<string[]> => {
    using clients = await services();
    const page = await clients.ledger.listEntries({ afterSequence: 0n, limit: 100 });
    return page.entries.map(({ hash }) => Buffer.from(hash).toString('hex'));
  };
  const journal = await entries();
  const values = path.join(LOCAL, 'values.yaml');
  await tools().helm([
    'upgrade',
    'subnetes',
    path.join(ROOT, 'charts/subnetes'),
    '-n',
    SYSTEM,
    '-f',
    values,
    '--set',
    'log.level=warn',
    '--wait',
    '--timeout',
    '5m',
  ]);
  await expect.poll(entries, { timeout: 120_000, interval: 1000 }).toEqual(journal);
  await expect.poll(lastPaid, { timeout: 120_000, interval: 1000 }).toBeGreaterThanOrEqual(before + 2n);
  using clients = await services();
  expect(await clients.ledger.audit({ verifyChain: true })).toMatchObject({
    differenceRao: '0',
    chainVerified: true,
    findings: [],
  });
});

test('npm start on a running market goes on with it', async () => {
  const { stdout } = await run(process.execPath, ['k8s/start/start.mjs', 'start', '--json'], {
    cwd: ROOT,
    env,
    maxBuffer: 16 << 20,
  });
  const again = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as ReturnType<typeof startedMarket>;
  expect(again.conservation.differenceRao).toBe('0');
  expect(again.conservation.entries).toBeGreaterThan(startedMarket().conservation.entries);
});
