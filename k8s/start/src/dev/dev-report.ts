import path from 'node:path';
import { marketEndpoints, type ServiceAddresses } from '../endpoints.ts';
import { MODEL } from '../market.ts';
import { fixedTokens } from '../report.ts';
import type { DevFolder } from './dev-folder.ts';
import type { DevPorts } from './dev-ports.ts';
import type { PaidEpoch } from './paid-epochs.ts';

const U16_MAX = 65_535;

export interface DevEndpoints extends ServiceAddresses {
  readonly gateway: string;
  readonly inference: string;
  readonly invoices: string;
  readonly console: string;
  readonly nats: string;
}

/** Written to `endpoints.json` in the data folder. All of it is plain text on loopback. */
export function devEndpoints(ports: DevPorts): DevEndpoints {
  return { ...marketEndpoints(ports), nats: `nats://127.0.0.1:${ports.nats}` };
}

/** One paid epoch in one line: what was in its pot and who of the miners got which share. */
export function epochLine(epoch: PaidEpoch, names: ReadonlyMap<string, string>): string {
  const shares = epoch.neurons
    .filter(({ incentiveU16 }) => incentiveU16 > 0)
    .map(({ hotkey, incentiveU16 }) => `${names.get(hotkey) ?? hotkey} ${(incentiveU16 / U16_MAX).toFixed(3)}`);
  const who = epoch.paysMiners ? shares.join(' ') : 'no weights revealed yet, validators alone';
  return `epoch ${epoch.index}: ${fixedTokens(epoch.potRao, 1)} ${epoch.token}   ${who}`;
}

/** What a person can do with the market, once it pays. */
export function marketText(market: {
  readonly endpoints: DevEndpoints;
  readonly folder: DevFolder;
  readonly root: string;
  readonly watch: boolean;
}): string {
  const { endpoints, folder, root } = market;
  const shown = (file: string): string => {
    const relative = path.relative(root, file);
    return relative.startsWith('..') ? file : relative;
  };
  const key = `authorization: Bearer $(cat ${shown(folder.at('api-key'))})`;
  return [
    '',
    `Console   ${endpoints.console}      Gateway   ${endpoints.gateway} (REST), ${endpoints.inference} (gRPC)`,
    `Invoices  ${endpoints.invoices}      NATS      ${endpoints.nats}`,
    `gRPC      ledger ${endpoints.ledger}  scoring ${endpoints.scoring}  billing ${endpoints.billing}`,
    `Logs      ${shown(folder.at('logs'))}/<part>.log, one JSON object a line`,
    '',
    `Try:  curl -H "${key}" -H 'content-type: application/json' -d @${shown(folder.at('forecast.json'))} ${endpoints.gateway}/v2/models/${MODEL}/infer`,
    `      SUBNETES_LEDGER=${endpoints.ledger} SUBNETES_SCORING=${endpoints.scoring} npx subnetes status`,
    market.watch
      ? '      Edit a service: it starts again by itself.'
      : '      npm run dev -- --watch starts services again when their files change.',
    '',
    'Ctrl-C ends it and keeps its data; npm run dev -- --fresh starts over.',
    '',
  ].join('\n');
}
