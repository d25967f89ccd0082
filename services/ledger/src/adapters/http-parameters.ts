import type { JsonObject } from '@bufbuild/protobuf';

/** Parameters of a request that fit their schemas, by name. */
export type HttpParameters = Readonly<Record<string, string | number | boolean | undefined>>;

export interface HttpParameter {
  readonly in: 'path' | 'query';
  readonly description: string;
  readonly schema: {
    readonly type: 'string' | 'boolean' | 'integer';
    readonly pattern?: string;
    readonly maximum?: number;
  };
}

const COUNT_PATTERN = '^(0|[1-9][0-9]{0,15})$';
export const count = (description: string): HttpParameter => ({
  in: 'query',
  description,
  schema: { type: 'string', pattern: COUNT_PATTERN },
});
export const account: HttpParameter = {
  in: 'path',
  description: 'SS58 address, or the name of an account of the system such as billing:acme or pot:1',
  schema: { type: 'string', pattern: '^[A-Za-z0-9:-]{1,160}$' },
};
export const page = {
  pageSize: { in: 'query', description: 'At most 1000; 100 if not given', schema: { type: 'integer', maximum: 1000 } },
  pageToken: { in: 'query', description: 'nextPageToken of the answer before', schema: { type: 'string' } },
} satisfies Record<string, HttpParameter>;

export const pageOf = ({ pageSize, pageToken }: HttpParameters): JsonObject =>
  given({ size: pageSize, token: pageToken });

/** Members that were given. */
export function given(members: HttpParameters): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject;
}

export const netuid: HttpParameter = {
  in: 'path',
  description: 'Number of the subnet',
  schema: { type: 'string', pattern: '^(0|[1-9][0-9]{0,4})$' },
};
