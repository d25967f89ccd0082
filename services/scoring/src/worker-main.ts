import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { type CryptoJob, doCryptoJob } from '#adapters/crypto-job.ts';
import { doInfluenceJob, type InfluenceJob } from '#adapters/influence-job.ts';

/** What a worker thread of this service does: the jobs that it is sent, in order. */
const port = parentPort;
if (port === null) throw new Error('this module runs in a worker thread');
// Of the calling thread alone, on Linux: seconds of what nobody waits for would halve the processors that epochs have.
if (workerData === 'background' && process.platform === 'linux') setPriority(0, 19);
port.on('message', (jobs: readonly (CryptoJob | InfluenceJob)[]) => {
  port.postMessage(jobs.map((job) => (job.work === 'influence' ? doInfluenceJob(job) : doCryptoJob(job))));
});
