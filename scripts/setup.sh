#!/bin/sh
# Installs what a command of package.json needs, and nothing that is there already:
# Debian packages named as arguments, then the npm packages, then the build.
set -eu
cd "$(dirname "$0")/.."

scripts/packages.sh "$@"

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo 'installing npm packages'
  npm ci --loglevel=error --no-audit --no-fund
fi

npm run --silent build
