import { aborted } from '../src/clock.ts';
import { ConfigError } from '../src/errors.ts';
import { runService } from '../src/run-service.ts';

/** A service that ends in the way its argument names. */
const how = process.argv[2];
await runService(
  'example',
  async (signal) => {
    if (how === 'config') throw new ConfigError('PORT: write a port number');
    if (how === 'crash') throw new Error('broken', { cause: new Error('deeper') });
    if (how === 'reject') void Promise.reject(new Error('nobody listens'));
    const alive = setInterval(() => {}, 1000);
    process.stdout.write('ready\n');
    await aborted(signal);
    if (how === 'hang') await new Promise(() => {});
    clearInterval(alive);
    process.stdout.write('torn down\n');
  },
  { graceMs: 300 },
);
