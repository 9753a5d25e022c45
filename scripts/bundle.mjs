// Part of the build: the program as a user starts it, in few files instead of hundreds, since finding and reading
// those took as long as all else that comes before the first host. Packages with native parts stay outside.
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const dist = fileURLToPath(new URL('../dist', import.meta.url));

// A third less to parse; names stay, so that a stack still says where something happened.
const minify = { compress: false, mangle: false, codegen: { removeWhitespace: true } };

await build({
  input: { main: `${dist}/cli/main.js`, compiled: `${dist}/resources/compiled.js` },
  platform: 'node',
  external: ['ssh2', 'node-ssh', 'cpu-features', 'listr2'],
  logLevel: 'warn',
  output: { dir: `${dist}/bundle`, format: 'esm', cleanDir: true, minify, entryFileNames: '[name].js' },
});
