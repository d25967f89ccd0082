import { buildProgram } from '@subnetes/cli/program';
import { MANDATE_OPERATIONS } from '@subnetes/keys/mandate';
import { OPERATIONS } from '@subnetes/ledger/domain/economy/mandate';
import { OPERATIONS_OF, OWN_WORD } from '@subnetes/ledger/domain/mandates/order-need';
import { HTTP_ROUTES } from '@subnetes/ledger/adapters/http-routes';
import { openApiDocument } from '@subnetes/ledger/adapters/openapi';
import type { DescFile } from '@bufbuild/protobuf';
import { WalletOrderSchema } from '@subnetes/proto/gen/subnetes/ledger/v1/ledger_pb';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { isTest, read, repositoryFiles, sources } from './repository.ts';

const MANDATES_PAGE = 'docs/guides/mandates.md';

/** The command that signs each order. */
const COMMANDS: Readonly<Record<string, string>> = {
  transfer: 'wallet transfer',
  register: 'miner register',
  revokeMandate: 'mandate revoke',
  addStake: 'stake add',
  revokeSession: 'session revoke',
  removeStake: 'stake remove',
  moveStake: 'stake move',
  setTake: 'stake take',
  swapBuy: 'pool buy',
  swapSell: 'pool sell',
  transferAlpha: 'pool transfer',
  propose: 'proposal create',
  vote: 'proposal vote',
  delegateVote: 'proposal delegate',
  veto: 'proposal veto',
  claimGrant: 'grant claim',
  rebond: 'stake rebond',
  setAutoStake: 'stake auto',
  reportDoubleSigning: 'slash report',
  disputeSlash: 'slash dispute',
  voteSlash: 'slash vote',
  setChildren: 'stake children',
  setChildTake: 'stake child-take',
  swapHotkey: 'wallet swap-hotkey',
  announceColdkeySwap: 'wallet swap-coldkey announce',
  swapColdkey: 'wallet swap-coldkey complete',
  disputeColdkeySwap: 'wallet swap-coldkey dispute',
  requestRegistration: 'subnet request',
  approveRegistration: 'subnet approve',
  denyRegistration: 'subnet deny',
  revokeInvitation: 'subnet revoke-invitation',
  matchEviction: 'subnet match',
  dissolveSubnet: 'subnet dissolve',
  keepSubnet: 'subnet keep',
  createSubnet: 'subnet create',
  changeSubnet: 'subnet change',
  deregister: 'miner deregister',
};

/** Commands that name a wallet and order nothing of the ledger, and why. */
const NO_ORDER: Readonly<Record<string, string>> = {
  'wallet sign': 'signs a message, which is no order',
  'wallet export': 'writes a file',
  'subnet invite': 'prints what it signed and asks nobody',
  'mandate create': 'prints what it signed and asks nobody',
  'function publish': 'hands a file to scoring',
};

/** Commands that do not ask although they sign an order, and why. */
const ASKS_NOTHING: Readonly<Record<string, string>> = {
  'session revoke': 'nothing leaves by it, and whoever ends one may be in a hurry',
};

/** Calls that have no HTTP route, and why. */
const NO_ROUTE: Readonly<Record<string, string>> = {
  watchJournal: 'a stream',
  watchSubnet: 'a stream',
  streamMoneyOrders: 'a stream of billing',
  audit: 'a pass over the whole state; the process audits itself, and outsiders read the log',
  putSubnet: 'the operator’s, by mandate; a wallet orders it',
  register: 'the operator’s, by mandate; a wallet orders it',
  addStake: 'the operator’s, by mandate; a wallet orders it',
  deregister: 'the operator’s, by mandate; a wallet orders it',
  dissolveSubnet: 'the operator’s, by mandate; a wallet orders it',
  submitMandated: 'the operator’s, by mandate; a wallet orders it',
  announce: 'a neuron’s, which speaks gRPC anyway',
  submitTransfers: 'billing’s',
  createHolds: 'billing’s',
  postHolds: 'billing’s',
  voidHolds: 'billing’s',
  submitMoneyOrders: 'billing’s',
  changeAccounts: 'billing’s and the operator’s',
  submitEvidence: 'scoring’s',
};

interface Leaf {
  readonly path: string;
  readonly options: readonly string[];
  readonly needsWallet: boolean;
}

function leaves(command: Command, path: readonly string[] = []): readonly Leaf[] {
  if (command.commands.length > 0) return command.commands.flatMap((each) => leaves(each, [...path, each.name()]));
  const wallet = command.options.find(({ long }) => long === '--wallet');
  return [
    {
      path: path.join(' '),
      options: command.options.map(({ long }) => long ?? ''),
      needsWallet: wallet?.mandatory === true,
    },
  ];
}

const quiet = { out: () => undefined, err: () => undefined };
const program = leaves(buildProgram(async () => undefined, quiet));
const orders = WalletOrderSchema.fields.map(({ localName }) => localName);
const typeOf = (order: string): string => `${order.charAt(0).toUpperCase()}${order.slice(1)}`;

/** What orders, commands and tables say of each other; empty when each order has its command and each command what it owes. */
function faultsOfCommands(wanted: readonly string[], commands: readonly Leaf[], signed: string): readonly string[] {
  const signing = new Set([
    ...wanted.map((order) => COMMANDS[order] ?? ''),
    'root register',
    'session open',
    'session pay',
  ]);
  return [
    ...wanted.filter((order) => COMMANDS[order] === undefined).map((order) => `${order} has no command`),
    ...wanted.filter((order) => !signed.includes(`'${order}'`)).map((order) => `no command signs ${order}`),
    ...Object.keys(COMMANDS)
      .filter((order) => !wanted.includes(order))
      .map((order) => `${order} is no order`),
    ...[...signing]
      .filter((path) => path !== '' && !commands.some((leaf) => leaf.path === path))
      .map((path) => `there is no command ${path}`),
    ...commands.filter(({ path }) => signing.has(path)).flatMap(missingOptions),
    ...commands
      .filter(({ path, needsWallet }) => needsWallet && !signing.has(path) && NO_ORDER[path] === undefined)
      .map(({ path }) => `${path} names a wallet, and nothing says what for`),
    ...[...Object.keys(NO_ORDER), ...Object.keys(ASKS_NOTHING)]
      .filter((path) => !commands.some((leaf) => leaf.path === path))
      .map((path) => `there is no command ${path}`),
  ];
}

function missingOptions({ path, options }: Leaf): readonly string[] {
  const owed = ['--json', '--dry-run', ...(ASKS_NOTHING[path] === undefined ? ['--yes'] : [])];
  return owed.filter((option) => !options.includes(option)).map((option) => `${path} has no ${option}`);
}

const commandSources = sources()
  .filter((file) => file.startsWith('packages/cli/src/') && !isTest(file))
  .map(read)
  .join('\n');

test('each order of a wallet is signed by a command that tells its effect, asks, and speaks JSON', () => {
  expect(faultsOfCommands(orders, program, commandSources)).toEqual([]);
});

test('an order without a command, and a command without what it owes, are named', () => {
  expect(faultsOfCommands([...orders, 'fly'], program, commandSources)).toEqual([
    'fly has no command',
    'no command signs fly',
  ]);
  const bare = program.map((leaf) =>
    leaf.path === 'wallet transfer' ? { ...leaf, options: ['--json', '--yes'] } : leaf,
  );
  expect(faultsOfCommands(orders, bare, commandSources)).toEqual(['wallet transfer has no --dry-run']);
  const more = [...program, { path: 'wallet burn', options: [], needsWallet: true }];
  expect(faultsOfCommands(orders, more, commandSources)).toEqual([
    'wallet burn names a wallet, and nothing says what for',
  ]);
  const fewer = program.filter(({ path }) => path !== 'pool buy');
  expect(faultsOfCommands(orders, fewer, commandSources)).toEqual(['there is no command pool buy']);
  expect(faultsOfCommands(orders, program, commandSources.replaceAll("'swapBuy'", ''))).toEqual([
    'no command signs swapBuy',
  ]);
});

/** What is wrong with what mandates allow; empty when each order is allowed by some operation, or has a reason why none may. */
function faultsOfMandates(wanted: readonly string[], page: string): readonly string[] {
  const types = wanted.map(typeOf);
  const rows = [...page.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, names = '']) => names.match(/\w+/g) ?? []);
  return [
    ...types
      .filter((type) => type in OPERATIONS_OF === type in OWN_WORD)
      .map((type) => `${type} is neither mandatable nor an own word, or both`),
    ...Object.keys({ ...OPERATIONS_OF, ...OWN_WORD })
      .filter((type) => !types.includes(type))
      .map((type) => `${type} is no order`),
    ...MANDATE_OPERATIONS.filter((each) => !rows.includes(each)).map(
      (each) => `${each} has no row in ${MANDATES_PAGE}`,
    ),
  ];
}

test('each order is allowed by an operation of mandates or has a reason why none may, and the guide tells all of them', () => {
  expect(OPERATIONS).toEqual(MANDATE_OPERATIONS);
  expect(faultsOfMandates(orders, read(MANDATES_PAGE))).toEqual([]);
});

test('an order that no mandate knows, and an operation that the guide leaves out, are named', () => {
  expect(faultsOfMandates([...orders, 'fly'], read(MANDATES_PAGE))).toEqual([
    'Fly is neither mandatable nor an own word, or both',
  ]);
  expect(faultsOfMandates(orders, read(MANDATES_PAGE).replaceAll('`SwapSell`', ''))).toEqual([
    `SwapSell has no row in ${MANDATES_PAGE}`,
  ]);
});

/** Orders that the document of the HTTP facade does not describe. */
function ordersWithoutSchema(document: unknown): readonly string[] {
  const { components } = document as { readonly components: { readonly schemas: Record<string, unknown> } };
  const { properties = {} } = (components.schemas['WalletOrder'] ?? {}) as {
    readonly properties?: Readonly<Record<string, { readonly $ref?: string }>>;
  };
  return orders.filter((order) => {
    const name = properties[order]?.$ref?.replace('#/components/schemas/', '') ?? '';
    return components.schemas[name] === undefined;
  });
}

test('OpenAPI describes each order that a wallet may sign', () => {
  const document = openApiDocument('1');
  expect(ordersWithoutSchema(document)).toEqual([]);
  const { WalletOrder: _left, ...others } = (document['components'] as { schemas: Record<string, unknown> }).schemas;
  expect(ordersWithoutSchema({ components: { schemas: others } })).toEqual(orders);
});

/** Calls of the ledger's services that are neither a route nor reasoned, and reasons of what is a route. */
function faultsOfRoutes(calls: readonly string[], routes: readonly string[]): readonly string[] {
  return [
    ...calls
      .filter((call) => !routes.includes(call) && NO_ROUTE[call] === undefined)
      .map((call) => `${call} has no route`),
    ...calls
      .filter((call) => routes.includes(call) && NO_ROUTE[call] !== undefined)
      .map((call) => `${call} has a route, and a reason why it has none`),
    ...Object.keys(NO_ROUTE)
      .filter((call) => !calls.includes(call))
      .map((call) => `${call} is no call`),
  ];
}

/** Calls of all services that the ledger serves. */
async function ledgerCalls(): Promise<readonly string[]> {
  const files = repositoryFiles().filter((file) =>
    /^packages\/proto\/gen\/subnetes\/ledger\/v1\/.*_pb\.ts$/.test(file),
  );
  const modules = await Promise.all(
    files.map((file) => import(`@subnetes/proto/${file.slice('packages/proto/'.length, -'.ts'.length)}`)),
  );
  return modules
    .flatMap((module: Readonly<Record<string, unknown>>) => Object.entries(module))
    .filter(([name]) => name.startsWith('file_'))
    .flatMap(([, file]) => (file as DescFile).services)
    .flatMap(({ methods }) => methods.map(({ localName }) => localName));
}

test('each call of the ledger has an HTTP route or a reason why it has none', async () => {
  const calls = await ledgerCalls();
  const routes = HTTP_ROUTES.map(({ call }) => call);
  expect(faultsOfRoutes(calls, routes)).toEqual([]);
  expect(
    faultsOfRoutes(
      [...calls, 'getWeather'],
      routes.filter((call) => call !== 'getPool'),
    ),
  ).toEqual(['getPool has no route', 'getWeather has no route']);
  expect(faultsOfRoutes(calls, [...routes, 'announce'])).toEqual([
    'announce has a route, and a reason why it has none',
  ]);
});
