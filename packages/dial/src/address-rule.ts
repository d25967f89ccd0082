import { BlockList, isIP } from 'node:net';
import { lookup } from 'node:dns/promises';

/** Where a miner is dialled. A pinned address stays as it was resolved first; an allowed name is looked up at each dial. */
export interface DialAddress {
  readonly host: string;
  readonly port: number;
  readonly pinnedIp: string | undefined;
}

export type Resolved =
  | { readonly ok: true; readonly address: DialAddress }
  | { readonly ok: false; readonly reason: string };

export interface AllowList {
  /** DNS suffixes such as `.svc`: names of this cluster's Services, wherever they lead. Without a dot in front, the name too. */
  readonly suffixes: readonly string[];
  /** Networks such as `127.0.0.1/32` that would be refused otherwise. */
  readonly networks: readonly string[];
}

/** Ranges that no address given by a user may lead to: this host, this network, multicast, documentation, reserved. */
const REFUSED_IPV4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 ' +
  '192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4';
/** All of IPv6 but global unicast; of that the parts that embed IPv4 addresses or document. */
const GLOBAL_IPV6 = ['2000::/3'];
const REFUSED_IPV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** Decides which announced addresses may be dialled. */
export class AddressRule {
  readonly #allow: AllowList;
  readonly #allowed: BlockList;
  readonly #refused = listOf([...REFUSED_IPV4.split(' '), ...REFUSED_IPV6]);
  readonly #global = listOf(GLOBAL_IPV6);

  constructor(allow: AllowList) {
    this.#allow = allow;
    this.#allowed = listOf(allow.networks);
  }

  /** Whether an IP address may be dialled. */
  permits(ip: string): boolean {
    const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(ip) === 0) return false;
    if (this.#allowed.check(ip, family)) return true;
    if (this.#refused.check(ip, family)) return false;
    return family === 'ipv4' || this.#global.check(ip, 'ipv6');
  }

  /** Looks a URL's host up; every address that it has must be permitted, or one of them could be swapped in later. */
  async resolve(text: string): Promise<Resolved> {
    if (!URL.canParse(text)) return { ok: false, reason: `${text.slice(0, 200)} is no URL` };
    const url = new URL(text);
    if (url.protocol !== 'https:') return { ok: false, reason: 'endpoints are https' };
    if (url.username !== '' || url.pathname !== '/' || url.search !== '') {
      return { ok: false, reason: 'an endpoint is https://host:port without user, path or query' };
    }
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = url.port === '' ? 443 : Number(url.port);
    if (isIP(host) !== 0) return this.#pinned({ host, port }, [host]);
    if (this.#allow.suffixes.some((suffix) => isWithin(host, suffix))) {
      return { ok: true, address: { host, port, pinnedIp: undefined } };
    }
    const found = await lookup(host, { all: true }).catch(() => []); // a name that is not there yet is tried again
    return this.#pinned(
      { host, port },
      found.map(({ address }) => address),
    );
  }

  #pinned(to: { readonly host: string; readonly port: number }, ips: readonly string[]): Resolved {
    const [first] = ips;
    if (first === undefined) return { ok: false, reason: `${to.host} has no address` };
    const refused = ips.find((ip) => !this.permits(ip));
    if (refused !== undefined) {
      return { ok: false, reason: `${to.host} leads to ${refused}: private addresses need the installer's allow-list` };
    }
    return { ok: true, address: { ...to, pinnedIp: first } };
  }
}

function isWithin(host: string, suffix: string): boolean {
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`);
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return list;
}
