import type { JsonObject } from '@bufbuild/protobuf';

/** Parameters of a request that fit their schemas, by name. */
export type HttpParameters = Readonly<Record<string, string | number | boolean | undefined>>;

/** Members that were given. */
export function given(members: HttpParameters): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject;
}
