import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { EXIT, Failure } from './failure.ts';

const run = promisify(execFile);

/** The cluster's identity in mandates: the uid of its namespace kube-system, read with the user's own kubectl. */
export async function readClusterUid(options: {
  context: string | undefined;
  env: NodeJS.ProcessEnv;
}): Promise<string> {
  const args = [
    ...(options.context === undefined ? [] : ['--context', options.context]),
    'get',
    'namespace',
    'kube-system',
    '--output',
    'jsonpath={.metadata.uid}',
  ];
  try {
    return (await run('kubectl', args, { env: options.env })).stdout.trim();
  } catch (cause) {
    throw new Failure({
      code: 'CLUSTER_UNREACHABLE',
      message: 'kubectl cannot tell which cluster the mandate is for',
      exitCode: EXIT.unavailable,
      remedy:
        'name it with --cluster UID (kubectl get namespace kube-system -o jsonpath={.metadata.uid}), or set KUBECONFIG',
      cause,
    });
  }
}
