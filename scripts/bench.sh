#!/bin/sh
# npm run bench: netplay beside ansible-core and a bare ssh2 program, as ratios of one run.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh openssh-server openssh-client iproute2 iputils-ping ansible-core procps time
exec node test/bench/bench.mjs "$@"
