import { parseArgs } from 'node:util';
import { ensureImages, pushImages } from '#images.ts';
import type { StoredImage } from '#oci-store.ts';
import type { OnProgress } from '#progress.ts';
import { SERVICE_PARTS } from '#service-parts.ts';

const USAGE = `Usage: npm run images -- [options]

  --part NAME       only this part and its base; may be repeated
  --registry R      with --push: the registry's host, port and path
  --push            push the images to the registry (plain HTTP on loopback alone)
  --json            print names, digests and layer sizes as one JSON object
`;

const printLine: OnProgress = (event) => {
  if (event.state === 'done') console.error(`${event.step}: ${((event.durationMs ?? 0) / 1000).toFixed(1)} s`);
  if (event.state === 'failed') console.error(`${event.step}: failed: ${event.detail ?? ''}`);
};

async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      part: { type: 'string', multiple: true },
      registry: { type: 'string' },
      push: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    console.log(USAGE);
    return 0;
  }
  if (values.push === true && values.registry === undefined) {
    console.error('--push needs --registry');
    return 64;
  }
  const unknown = (values.part ?? []).filter((name) => !SERVICE_PARTS.some(({ part }) => part === name));
  if (unknown.length > 0) {
    console.error(`unknown part ${unknown.join(', ')}; parts: ${SERVICE_PARTS.map(({ part }) => part).join(', ')}`);
    return 64;
  }
  const options = { onProgress: printLine };
  const parts = SERVICE_PARTS.filter(({ part }) => values.part?.includes(part) ?? true);
  const images = await ensureImages({ ...options, parts });
  const pushed =
    values.push === true && values.registry !== undefined ? await pushImages(images, values.registry, options) : [];
  console.log(values.json === true ? JSON.stringify({ images, pushed }) : images.map(describe).join('\n'));
  return 0;
}

/** The last layer is the part's own; what is below is shared. */
function describe(image: StoredImage): string {
  const own = image.layers.at(-1)?.compressedBytes ?? 0;
  const all = image.layers.reduce((sum, layer) => sum + layer.compressedBytes, 0);
  const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  return `${image.name}  own layer ${megabytes(own)}, all ${megabytes(all)} compressed`;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});
