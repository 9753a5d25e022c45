/** The command line. Each command's code is loaded only when it is called. */
import { guardOutput, outliveReaders } from './output.js';
import { version } from './version.js';

async function main(argv: readonly string[]): Promise<void> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.write(`${version()}\n`);
    return;
  }
  const { createProgram } = await import('./program.js');
  await createProgram().parseAsync(argv, { from: 'user' });
}

outliveReaders();
guardOutput();
// Node would print the whole line of the bundle where it happened, which is all of it.
process.once('uncaughtException', (error) => {
  process.stderr.write(`internal error, please report it:\n${error.stack ?? error.message}\n`);
  process.exit(1);
});
try {
  await main(process.argv.slice(2));
} catch (error) {
  const { exitWith } = await import('./exit.js');
  await exitWith(error);
}
