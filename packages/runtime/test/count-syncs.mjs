// Loaded before the program: appends a byte to the file of the last argument for each fdatasync that the program makes.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const counted = fs.openSync(process.argv.at(-1), 'a');
const { fdatasyncSync } = fs;
fs.fdatasyncSync = (descriptor) => {
  fdatasyncSync(descriptor);
  fs.writeSync(counted, '.');
};
syncBuiltinESMExports();
