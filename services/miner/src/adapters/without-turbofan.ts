import { setFlagsFromString } from 'node:v8';

// Models run in ONNX Runtime. For the JavaScript around them V8's middle compiler is enough, and the top one's code is 5 MB.
setFlagsFromString('--no-turbofan');
