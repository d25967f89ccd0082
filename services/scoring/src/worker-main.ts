import { parentPort } from 'node:worker_threads';
import { type CryptoJob, doCryptoJob } from '#adapters/crypto-job.ts';
import { doInfluenceJob, type InfluenceJob } from '#adapters/influence-job.ts';

/** What a worker thread of this service does: the jobs that it is sent, in order. */
const port = parentPort;
if (port === null) throw new Error('this module runs in a worker thread');
port.on('message', (jobs: readonly (CryptoJob | InfluenceJob)[]) => {
  port.postMessage(jobs.map((job) => (job.work === 'influence' ? doInfluenceJob(job) : doCryptoJob(job))));
});
