import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError, fromUnknown } from '@subnetes/runtime/errors';
import type { Model } from '#application/ports.ts';
import type { ModelFile } from '#config.ts';
import { onnxModel } from './onnx-model.ts';
import { scriptModel } from './script-model.ts';

const MODEL_BYTES_MAX = 512 * 1024 * 1024;

/** Loads the models of all mechanisms. @throws ConfigError that names the file and what is wrong with it. */
export async function loadModels(files: readonly ModelFile[]): Promise<readonly Model[]> {
  const models: Model[] = [];
  for (const { file, format, sha256, mechanismId } of files) {
    const content = readModel(file, sha256);
    try {
      models.push(await (format === 'Onnx' ? onnxModel(content, mechanismId) : scriptModel(content, mechanismId)));
    } catch (cause) {
      throw new ConfigError(`${file} is no ${format} model: ${fromUnknown(cause).message}`, { cause });
    }
  }
  return models;
}

function readModel(path: string, sha256: string): Buffer {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    throw new ConfigError(`the model file ${path} cannot be read: ${fromUnknown(cause).message}`, { cause });
  }
  if (content.length > MODEL_BYTES_MAX)
    throw new ConfigError(`the model file ${path} is larger than ${MODEL_BYTES_MAX} bytes`);
  const found = createHash('sha256').update(content).digest('hex');
  if (found !== sha256) {
    throw new ConfigError(`ModelHashMismatch: ${path} has sha256 ${found}, but serves.model.sha256 is ${sha256}`);
  }
  return content;
}
