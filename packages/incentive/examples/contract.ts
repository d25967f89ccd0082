/** The contract of version 1 for AssemblyScript: copy this file, write `incentives` beside it. Integers only. */

const HEADER_BYTES: usize = 64;
const OUTPUT_HEADER_BYTES: usize = 16;
const WEIGHT_BYTES: usize = 16;
export const VACANT: u32 = 1;
export const ACTIVE: u32 = 2;
export const PERMIT: u32 = 4;
/** One whole in 32.32. */
export const ONE: u64 = 0x1_0000_0000;

export function abi_version(): u32 {
  return 1;
}

/** Where the host puts the input. */
export function allocate(bytes: u32): usize {
  return heap.alloc(bytes);
}

/** The epoch's input, at its address. */
@unmanaged
export class Input {
  version: u32;
  headerBytes: u32;
  neurons: u32;
  weights: u32;
  epoch: u64;
  block: u64;
  lastEpochBlock: u64;
  tempo: u32;
  kappaU16: u32;
  ownerUid: u32;
  stateBytes: u32;
  stateAt: u32;
  weightsAt: u32;

  @inline column(position: u32, uid: u32): u64 {
    return load<u64>(changetype<usize>(this) + HEADER_BYTES + ((<usize>position * this.neurons + uid) << 3));
  }
  incentive(uid: u32): u64 {
    return this.column(0, uid);
  }
  consensus(uid: u32): u64 {
    return this.column(1, uid);
  }
  rank(uid: u32): u64 {
    return this.column(2, uid);
  }
  trust(uid: u32): u64 {
    return this.column(3, uid);
  }
  validatorTrust(uid: u32): u64 {
    return this.column(4, uid);
  }
  stake(uid: u32): u64 {
    return this.column(5, uid);
  }
  registeredAt(uid: u32): u64 {
    return this.column(6, uid);
  }
  flags(uid: u32): u32 {
    return load<u32>(changetype<usize>(this) + HEADER_BYTES + <usize>this.neurons * 56 + ((<usize>uid) << 2));
  }
  validatorOf(entry: u32): u32 {
    return load<u32>(changetype<usize>(this) + this.weightsAt + entry * WEIGHT_BYTES);
  }
  minerOf(entry: u32): u32 {
    return load<u32>(changetype<usize>(this) + this.weightsAt + entry * WEIGHT_BYTES, 4);
  }
  weightOf(entry: u32): u64 {
    return load<u64>(changetype<usize>(this) + this.weightsAt + entry * WEIGHT_BYTES, 8);
  }
  /** Address of the state that the epoch before left, `stateBytes` long. */
  get state(): usize {
    return changetype<usize>(this) + this.stateAt;
  }
}

/** The output, at its address, which `incentives` returns. */
@unmanaged
export class Output {
  version: u32;
  neurons: u32;
  stateBytes: u32;
  reserved: u32;

  setShare(uid: u32, share: u64): void {
    store<u64>(changetype<usize>(this) + OUTPUT_HEADER_BYTES + ((<usize>uid) << 3), share);
  }
  share(uid: u32): u64 {
    return load<u64>(changetype<usize>(this) + OUTPUT_HEADER_BYTES + ((<usize>uid) << 3));
  }
  /** Address of the state for the next epoch. */
  get state(): usize {
    return changetype<usize>(this) + OUTPUT_HEADER_BYTES + ((<usize>this.neurons) << 3);
  }
}

/** An output with all shares zero and room for so many bytes of state. */
export function outputFor(input: Input, stateBytes: u32): Output {
  const bytes = OUTPUT_HEADER_BYTES + ((<usize>input.neurons) << 3) + stateBytes;
  const output = changetype<Output>(heap.alloc(bytes));
  memory.fill(changetype<usize>(output), 0, bytes);
  output.version = 1;
  output.neurons = input.neurons;
  output.stateBytes = stateBytes;
  return output;
}
