// Loaded before the program: at each SIGUSR2 its wall time jumps to the next offset of WALL_JUMPS_MS, from the real time.
const offsets = (process.env.WALL_JUMPS_MS ?? '').split(',').map(Number);
const Real = Date;
let offset = 0;
globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + offset);
    else super(...given);
  }

  static now() {
    return Real.now() + offset;
  }
};
process.on('SIGUSR2', () => {
  offset = offsets.shift() ?? offset;
});
