import { existsSync } from 'node:fs';
import { get } from 'node:http';

const DOCKER_SOCKET = '/var/run/docker.sock';

/** True where a Docker daemon answers and has the image already: tests never pull. */
export async function hasImage(image: string): Promise<boolean> {
  if (!existsSync(DOCKER_SOCKET)) return false;
  return new Promise((resolve) => {
    const request = get(
      { socketPath: DOCKER_SOCKET, path: `/images/${encodeURIComponent(image)}/json`, timeout: 2000 },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false)); // no daemon behind the socket
  });
}
