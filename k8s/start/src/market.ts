/** Names of the sample market: they stand in k8s/samples/finance as well. */
export const SYSTEM_NAMESPACE = 'subnetes-system';
export const MARKET_NAMESPACE = 'finance';
export const RELEASE = 'subnetes';
export const SUBNET = 'sp500';
export const MODEL = 'sp500.forecast';
export const BILLING_ACCOUNT = 'research';

/** One block a second, so that a person sees epochs pass. */
export const BLOCK_TIME_MS = 1000;
export const EPOCHS_WANTED = 3;

/** Wallets of the sample: who pays for what. Amounts in whole tokens, given out by the genesis. */
export const WALLETS = {
  'finance-owner': {
    amount: '1000',
    operations: ['SetPolicy', 'Register', 'Stake'],
    maxPerOperation: '100',
    maxTotal: '1000',
  },
  'quant-a': {
    amount: '1000',
    operations: ['Register', 'Stake', 'Deregister'],
    maxPerOperation: '10',
    maxTotal: '100',
  },
  desk: {
    amount: '20000',
    operations: ['Register', 'Stake', 'Deregister'],
    maxPerOperation: '5000',
    maxTotal: '20000',
  },
  /** The application that buys forecasts: it has no mandate, it transfers by its own signature. */
  research: { amount: '100', operations: [], maxPerOperation: '0', maxTotal: '0' },
} as const;
export type WalletName = keyof typeof WALLETS;

/** Last block of the sample's mandates: a month of blocks. */
export const MANDATE_LAST_BLOCK = 2_592_000n;

/** Loopback ports of the host, each forwarded into the cluster's namespace. */
export const PORTS = {
  gateway: 8080,
  inference: 8081,
  invoices: 8082,
  console: 8088,
  prometheus: 9090,
  ledger: 19_443,
  scoring: 19_444,
  billing: 19_445,
} as const;

/** Ports of the host by what answers there. */
export type HostPorts = Readonly<Record<keyof typeof PORTS, number>>;

export const FORWARDS = [
  { name: 'gateway', hostPort: PORTS.gateway, target: `${SYSTEM_NAMESPACE}/serving-gateway:8080` },
  { name: 'inference', hostPort: PORTS.inference, target: `${SYSTEM_NAMESPACE}/serving-gateway:8081` },
  { name: 'invoices', hostPort: PORTS.invoices, target: `${SYSTEM_NAMESPACE}/billing:8080` },
  { name: 'console', hostPort: PORTS.console, target: `${SYSTEM_NAMESPACE}/console:8080` },
  { name: 'prometheus', hostPort: PORTS.prometheus, target: `${SYSTEM_NAMESPACE}/prometheus:9090` },
  { name: 'ledger', hostPort: PORTS.ledger, target: `${SYSTEM_NAMESPACE}/ledger:9443` },
  { name: 'scoring', hostPort: PORTS.scoring, target: `${SYSTEM_NAMESPACE}/scoring:9443` },
  { name: 'billing', hostPort: PORTS.billing, target: `${SYSTEM_NAMESPACE}/billing:9443` },
] as const;
