#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/bundle/main.js', import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  process.stderr.write('netplay is not built yet: run `npm ci && npm run build` in its folder\n');
  process.exitCode = 1;
}
