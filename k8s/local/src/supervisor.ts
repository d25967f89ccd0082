import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemProcsFile } from '#cgroups.ts';
import { clusterLayout } from '#cluster-layout.ts';
import { readSpec, writeJson } from '#cluster-spec.ts';
import type { ClusterSpec, ProcessStatus } from '#cluster-spec.ts';
import { NETWORK } from '#cluster-layout.ts';
import type { ClusterLayout } from '#cluster-layout.ts';
import { clusterComponents } from '#components.ts';
import type { Component } from '#components.ts';
import { HostPorts } from '#host-ports.ts';
import { inNamespace } from '#node-network.ts';
import { identifyProcess } from '#process-identity.ts';
import { SupervisedProcess } from '#supervised-process.ts';

const PORT_RETRY_MS = 2_000;
const STOP_GRACE_MS = 2_000;

/** All processes of one cluster. Started detached by `up`; ends them on SIGTERM, reads its forwards again on SIGHUP. */
async function main(checkoutDir: string, name: string): Promise<void> {
  const layout = clusterLayout(checkoutDir, name);
  const spec = readSpec(layout);
  if (spec === undefined) throw new Error(`${layout.specFile} is missing or damaged: start the cluster again`);
  // From here on every process that this one starts, however deep, is in the cluster's group and can be found again.
  writeFileSync(systemProcsFile(layout.cgroup), String(process.pid));
  const self = identifyProcess(process.pid);
  await writeJson(layout.supervisorFile, self);

  const ports = new HostPorts();
  let writing: Promise<void> = Promise.resolve();
  const onChange = (): void => {
    writing = writing.then(() => writeJson(layout.statusFile, statusOf(processes, ports)));
  };
  const processes: SupervisedProcess[] = supervise(layout, spec, { ports, onChange });
  await ports.set(forwardsOf(spec));
  for (const supervised of processes) supervised.start();

  const retry = setInterval(() => void ports.retry().then(onChange), PORT_RETRY_MS);
  process.on('SIGHUP', () => void ports.set(forwardsOf(readSpec(layout) ?? spec)).then(onChange));
  await new Promise<void>((resolve) => {
    for (const signalName of ['SIGTERM', 'SIGINT'] as const) process.on(signalName, () => resolve());
  });
  clearInterval(retry);
  await Promise.all(processes.map((supervised) => supervised.stop(STOP_GRACE_MS)));
  await writing;
}

function supervise(
  layout: ClusterLayout,
  spec: ClusterSpec,
  context: { readonly ports: HostPorts; readonly onChange: () => void },
): SupervisedProcess[] {
  const shared = { logsDir: layout.logsDir, cwd: layout.stateDir, onChange: context.onChange };
  const forwarder: Component = {
    name: 'forwarder',
    command: inNamespace(layout, [process.execPath, join(import.meta.dirname, 'forwarder.ts'), layout.pkiDir]),
  };
  return [
    ...clusterComponents(layout, { etcdFsync: spec.etcdFsync }).map(
      (component) => new SupervisedProcess(component, shared),
    ),
    new SupervisedProcess(forwarder, {
      ...shared,
      ipc: true,
      onStart: (child) => void context.ports.useForwarder(child).then(context.onChange),
    }),
  ];
}

/** The API server's port comes first and cannot be taken away by the list. */
function forwardsOf(spec: ClusterSpec): ClusterSpec['forwards'] {
  return [{ hostPort: spec.apiHostPort, target: `127.0.0.1:${NETWORK.apiPort}` }, ...spec.forwards];
}

function statusOf(processes: readonly SupervisedProcess[], ports: HostPorts): ProcessStatus {
  return {
    processes: processes.map((supervised) => ({
      name: supervised.component.name,
      identity: supervised.identity,
      restarts: supervised.restarts,
      lastExit: supervised.lastExit,
    })),
    forwards: ports.state,
  };
}

await main(process.argv[2] ?? '', process.argv[3] ?? '');
