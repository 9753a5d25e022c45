#!/bin/sh
# npm test: everything that the tests need, then all of them. Further arguments go to vitest.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh openssh-server openssh-client iproute2 iputils-ping iputils-arping tcpdump sudo procps openssl bridge-utils \
  busybox-static tcsh fish python3-jinja2 python3-yaml netcat-openbsd netcat-traditional ncat iperf3
if [ -n "${NETPLAY_TEST_ALL-}${NETPLAY_TEST_VM-}" ]; then
  scripts/setup.sh qemu-system-x86 debootstrap util-linux busybox-static cpio e2fsprogs openssh-client
fi
npm run --silent typecheck
npm run --silent lint
exec npx vitest run "$@"
