import { parentPort } from 'node:worker_threads';
import { type CryptoJob, doCryptoJob } from '#adapters/crypto-job.ts';
import { type FunctionJob, functionWorkshop } from '#adapters/function-job.ts';

/** What a worker thread of this service does: the jobs that it is sent, in order. */
const port = parentPort;
if (port === null) throw new Error('this module runs in a worker thread');
const doFunctionJob = functionWorkshop();
port.on('message', (jobs: readonly (CryptoJob | FunctionJob)[]) => {
  port.postMessage(jobs.map(done));
});

function done(job: CryptoJob | FunctionJob): unknown {
  return job.work === 'function' ? doFunctionJob(job) : doCryptoJob(job);
}
