// `npm start`, `npm stop`, `npm run status`, `npm run dev`. Plain JavaScript without dependencies, for any Node from 20 on:
// it tells what is going to happen, brings the project's packages and its own Node 24, and hands over to src/main.ts, or
// to src/dev-main.ts.
import { freemem, totalmem } from 'node:os';
import { statfsSync } from 'node:fs';
import process from 'node:process';
import { handOver, installNodePackages, nodePackagesAreInstalled, ROOT } from './bootstrap.mjs';

const MEMORY_GIB_MIN = 4;
const DISK_GIB_MIN = 8;
const GIB = 1024 ** 3;

const [command = 'start', ...args] = process.argv.slice(2);
const isJson = args.includes('--json');
// With --json the one object on the last line is all that may be parsed; the rest goes to stderr.
const say = (text) => (isJson ? process.stderr : process.stdout).write(`${text}\n`);

/** Undefined where the machine is big enough; else what to do. */
function tooSmall() {
  const memory = Math.max(totalmem(), freemem()) / GIB;
  if (memory < MEMORY_GIB_MIN)
    return `this machine has ${memory.toFixed(1)} GiB of memory; the local market needs ${MEMORY_GIB_MIN} GiB`;
  const disk = statfsSync(ROOT);
  const free = (disk.bavail * disk.bsize) / GIB;
  if (free < DISK_GIB_MIN)
    return `${ROOT} has ${free.toFixed(1)} GiB free; the first run needs ${DISK_GIB_MIN} GiB (packages, compiler cache, images): free some, or clone to a larger disk`;
  return undefined;
}

if (Number(process.versions.node.split('.')[0]) < 20) {
  say(
    `Node ${process.versions.node} is too old: Node 20 or newer starts this project (which then brings its own Node 24).`,
  );
  process.exit(1);
}
const wantsHelp = args.includes('--help') || args.includes('-h');
if (command === 'start' && !wantsHelp) {
  const problem = tooSmall();
  if (problem !== undefined) {
    say(problem);
    process.exit(1);
  }
}
if (!nodePackagesAreInstalled()) {
  say(
    command === 'dev'
      ? 'First run: a few minutes to bring the node packages and to compile nats-server once (kept in ~/.cache/subnetes).'
      : 'First run: about 15 minutes on 2 cores, most of it to compile Kubernetes once (kept in ~/.cache/subnetes); later runs take about two.',
  );
  const started = Date.now();
  const timer =
    process.stdout.isTTY && !isJson
      ? setInterval(
          () => process.stdout.write(`\r   node packages  ${Math.round((Date.now() - started) / 1000)} s`),
          1000,
        )
      : undefined;
  if (timer === undefined) say('node packages (npm ci)');
  try {
    await new Promise((resolve) => setImmediate(resolve));
    installNodePackages();
  } catch (error) {
    say(`\n${error.message}`);
    process.exit(1);
  } finally {
    clearInterval(timer);
  }
  say(`${timer === undefined ? '' : '\r'} ✔ node packages  ${Math.round((Date.now() - started) / 1000)} s`);
}
if (command === 'dev') handOver('k8s/start/src/dev-main.ts', args);
else handOver('k8s/start/src/main.ts', [command, ...args]);
