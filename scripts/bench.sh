#!/bin/sh
# npm run bench: netplay beside ansible-core and a bare ssh2 program, and beside a bare ip -batch, as ratios of one run; and what a large play costs before its first host.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh openssh-server openssh-client iproute2 iputils-ping ansible-core procps time
node test/bench/bench.mjs "$@"
node test/bench/scale.mjs
exec node test/bench/load.mjs
