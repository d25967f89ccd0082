// `npm test`: brings what it needs, then runs every suite under the project's own Node.
import { handOver, installNodePackages, nodePackagesAreInstalled } from '../k8s/start/bootstrap.mjs';
import process from 'node:process';

if (!nodePackagesAreInstalled()) {
  console.log('node packages: npm ci');
  installNodePackages();
}
handOver('test/run-all.ts', process.argv.slice(2));
