import { ByteReader, malformed } from './byte-reader.ts';
import { type FunctionBody, readBodies } from './function-body.ts';
import { PAGE_BYTES } from './limits.ts';
import {
  type ActiveSegment,
  type DataSegments,
  type Export,
  type Limits,
  readData,
  readElements,
  readExports,
  readFunctionTypes,
  readGlobals,
  readMemories,
  readTables,
  readTypes,
  type Signature,
} from './module-sections.ts';
import { ModuleFault } from './refusal.ts';

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

/** Sections in the order in which they have to stand; the count of data comes before the code that uses it. */
const ORDER: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

/** A module that uses nothing but what is allowed. Whether its code is well typed the engine says. */
export interface DecodedModule {
  readonly bytes: Uint8Array;
  readonly types: readonly Signature[];
  /** By function: the index of its type. */
  readonly functionTypes: readonly number[];
  readonly bodies: readonly FunctionBody[];
  readonly table: Limits | undefined;
  readonly memory: Limits;
  readonly globals: number;
  readonly exports: readonly Export[];
  /** The function that the module wants to be called first. */
  readonly start: number | undefined;
  /** Contents of sections, by their number: first byte, and the one behind the last. */
  readonly sections: ReadonlyMap<number, { readonly start: number; readonly end: number }>;
}

const MAGIC = [0x00, 0x61, 0x73, 0x6d];
const VERSION = [0x01, 0x00, 0x00, 0x00];

/** Reads a module from front to back. Throws `ModuleFault` at the first thing that is not allowed, and nothing else. */
export function decodeModule(bytes: Uint8Array): DecodedModule {
  const reader = new ByteReader(bytes);
  for (const expected of [...MAGIC, ...VERSION]) {
    if (reader.byte() !== expected) throw malformed('not a WebAssembly module of version 1', reader.offset - 1);
  }
  const sections = readSections(reader);
  const read = <Content>(id: number, none: Content, parse: (part: ByteReader) => Content): Content => {
    const place = sections.get(id);
    if (place === undefined) return none;
    const part = new ByteReader(bytes, place.start, place.end);
    const content = parse(part);
    part.expectEnd(`section ${id}`);
    return content;
  };
  read(SECTION.import, undefined, refuseImports);
  const types = read<Signature[]>(SECTION.type, [], readTypes);
  const functionTypes = read<number[]>(SECTION.function, [], (part) => readFunctionTypes(part, types.length));
  const table = read(SECTION.table, undefined, readTables);
  const memory = read(SECTION.memory, undefined, readMemories);
  if (memory === undefined) throw new ModuleFault('MODULE_MEMORY', 'no memory', null);
  const globals = read(SECTION.global, 0, readGlobals);
  const exports = read<Export[]>(SECTION.export, [], readExports);
  const start = read<number | undefined>(SECTION.start, undefined, (part) => part.u32());
  const elements = read<ActiveSegment[]>(SECTION.element, [], (part) => readElements(part, functionTypes.length));
  const announced = read<number | undefined>(SECTION.dataCount, undefined, (part) => part.u32());
  const bodies = read<FunctionBody[]>(SECTION.code, [], readBodies);
  const data = read<DataSegments>(SECTION.data, { count: 0, active: [] }, readData);
  checkSegments({ elements, data: data.active }, { entries: table?.min ?? 0, bytes: memory.min * PAGE_BYTES });
  if (bodies.length !== functionTypes.length) throw malformed('functions without bodies, or bodies without', null);
  if (announced !== undefined && announced !== data.count) throw malformed('another number of data segments', null);
  return { bytes, types, functionTypes, bodies, table, memory, globals, exports, start, sections };
}

function readSections(reader: ByteReader): Map<number, { start: number; end: number }> {
  const sections = new Map<number, { start: number; end: number }>();
  let place = -1;
  while (!reader.isAtEnd) {
    const offset = reader.offset;
    const id = reader.byte();
    const part = reader.part(reader.u32());
    if (id === SECTION.custom) {
      part.name();
      continue;
    }
    const position = ORDER.indexOf(id);
    if (position === -1) throw unknownSection(id, offset);
    if (position <= place) throw malformed(`section ${id} twice or out of order`, offset);
    place = position;
    sections.set(id, { start: part.offset, end: part.end });
  }
  return sections;
}

const TAG_SECTION = 13;

function unknownSection(id: number, offset: number): ModuleFault {
  return id === TAG_SECTION
    ? new ModuleFault('MODULE_FEATURE', 'a section of exceptions', offset)
    : malformed(`the unknown section ${id}`, offset);
}

function refuseImports(reader: ByteReader): undefined {
  const offset = reader.offset;
  const count = reader.u32();
  if (count === 0) return undefined;
  const [from, name] = [reader.name(), reader.name()];
  throw new ModuleFault('MODULE_IMPORTS', `imports ${from}.${name}: a function has nothing but its input`, offset);
}

/** Segments that do not fit would trap before the first call, in words of the engine; so they are refused here. */
function checkSegments(
  segments: { readonly elements: readonly ActiveSegment[]; readonly data: readonly ActiveSegment[] },
  room: { readonly entries: number; readonly bytes: number },
): void {
  const check = (list: readonly ActiveSegment[], size: number, what: string): void => {
    const outside = list.find(({ first, length }) => first + length > size);
    if (outside === undefined) return;
    const { first, length, offset } = outside;
    throw new ModuleFault('MODULE_SEGMENT', `${what} ${first} to ${first + length} of ${size}`, offset);
  };
  check(segments.elements, room.entries, 'entries');
  check(segments.data, room.bytes, 'bytes');
}
