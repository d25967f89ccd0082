import { parentPort } from 'node:worker_threads';
import { type CryptoJob, doCryptoJobs } from '#adapters/crypto-job.ts';
import { type FunctionJob, functionWorkshop } from '#adapters/function-job.ts';

/** What a worker thread of this service does: the jobs that it is sent, in order. */
const port = parentPort;
if (port === null) throw new Error('this module runs in a worker thread');
const doFunctionJob = functionWorkshop();
port.on('message', (jobs: readonly (CryptoJob | FunctionJob)[]) => {
  const crypto = doCryptoJobs(jobs.filter(isCryptoJob)).values();
  port.postMessage(jobs.map((job) => (job.work === 'function' ? doFunctionJob(job) : crypto.next().value)));
});

function isCryptoJob(job: CryptoJob | FunctionJob): job is CryptoJob {
  return job.work !== 'function';
}
