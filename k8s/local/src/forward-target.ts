/** Where connections to a host port go: an address inside the cluster's namespace, or a Service by name. */
export type ForwardTarget =
  | { readonly kind: 'address'; readonly host: string; readonly port: number }
  | { readonly kind: 'service'; readonly namespace: string; readonly name: string; readonly port: number | string };

/** One listening port on the host's loopback; `target` is `host:port` or `namespace/service:port` (number or name). */
export type Forward = { readonly hostPort: number; readonly target: string };

/** A forward that cannot be understood. */
export class ForwardError extends Error {
  override readonly name = 'ForwardError';
}

/** @throws ForwardError naming the form that is expected. */
export function parseForwardTarget(text: string): ForwardTarget {
  const service = /^([a-z0-9-]+)\/([a-z0-9-]+):([a-z0-9-]+)$/.exec(text);
  if (service !== null) {
    const [, namespace = '', name = '', port = ''] = service;
    return { kind: 'service', namespace, name, port: /^\d+$/.test(port) ? parsePort(port, text) : port };
  }
  const address = /^([0-9.]+):(\d+)$/.exec(text);
  if (address === null)
    throw new ForwardError(`forward target "${text}" is neither ADDRESS:PORT nor NAMESPACE/SERVICE:PORT`);
  return { kind: 'address', host: address[1] ?? '', port: parsePort(address[2] ?? '', text) };
}

/** Parses `HOSTPORT=TARGET`. @throws ForwardError */
export function parseForward(text: string): Forward {
  const split = text.indexOf('=');
  if (split < 0) throw new ForwardError(`forward "${text}" is not HOSTPORT=TARGET`);
  const target = text.slice(split + 1);
  parseForwardTarget(target);
  return { hostPort: parsePort(text.slice(0, split), text), target };
}

function parsePort(digits: string, text: string): number {
  const port = Number(digits);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new ForwardError(`"${text}": a port is a number from 1 to 65535`);
  return port;
}
