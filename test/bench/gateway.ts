import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { clusterLayout } from '@subnetes/local-cluster/cluster-layout';
import { loopbackEndpoints, openServices } from '@subnetes/start/endpoints';
import type { ClusterTools } from '@subnetes/start/kubectl';
import type { ClientInput, ClientFigures } from './gateway-client.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MODEL = 'sp500.forecast';

/**
 * Latency through the gateway against the same miners called directly, by a client in the cluster's own network
 * namespace, so that no forwarder stands in between. Calls alternate, so that both see the same machine.
 */
export async function measureGateway(tools: ClusterTools, localDir: string): Promise<ClientFigures> {
  using services = await openServices(loopbackEndpoints(localDir));
  const { networkId, block } = await services.ledger.getNetwork({});
  const { neurons } = await services.ledger.listNeurons({ netuid: 1, page: { size: 1000 } });
  const serving = neurons.filter(({ endpoint, incentiveU16 }) => endpoint !== undefined && incentiveU16 > 0);
  const secret = JSON.parse(
    await tools.kubectl(['-n', 'subnetes-system', 'get', 'secret', 'subnetes-gateway-identity', '-o', 'json']),
  ) as { data: Record<string, string> };
  const addresses = await serviceAddresses(tools);
  const input: ClientInput = {
    gateway: `http://${addresses.get('subnetes-system/serving-gateway')}:8080`,
    apiKey: (await readFile(path.join(localDir, 'api-key'), 'utf8')).trim(),
    model: MODEL,
    networkIdHex: Buffer.from(networkId).toString('hex'),
    block: block.toString(),
    gatewaySecretHex: Buffer.from(secret.data['secret-key'] ?? '', 'base64')
      .toString('utf8')
      .trim(),
    miners: serving.map(({ netuid, uid, hotkey, registrationId, endpoint }) => {
      const host = new URL(endpoint?.urls[0] ?? '').hostname.split('.');
      return {
        id: Buffer.from(registrationId).toString('hex'),
        netuid,
        uid,
        hotkey,
        spkiSha256: Buffer.from(endpoint?.spkiSha256 ?? []).toString('hex'),
        address: addresses.get(`${host[1]}/${host[0]}`) ?? '',
      };
    }),
  };
  const client = promisify(execFile)(
    'nsenter',
    [`--net=${clusterLayout(ROOT).netnsPath}`, process.execPath, path.join(import.meta.dirname, 'gateway-client.ts')],
    { maxBuffer: 16 << 20 },
  );
  client.child.stdin?.end(JSON.stringify(input));
  const { stdout } = await client;
  return JSON.parse(stdout) as ClientFigures;
}

/** Cluster addresses of Services by `namespace/name`. */
async function serviceAddresses(tools: ClusterTools): Promise<ReadonlyMap<string, string>> {
  const { items } = JSON.parse(await tools.kubectl(['get', 'services', '-A', '-o', 'json'])) as {
    items: { metadata: { namespace: string; name: string }; spec: { clusterIP: string } }[];
  };
  return new Map(items.map(({ metadata, spec }) => [`${metadata.namespace}/${metadata.name}`, spec.clusterIP]));
}
