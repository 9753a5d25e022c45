#!/bin/sh
# npm test: everything that the tests need, then all of them. Further arguments go to vitest.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh openssh-server openssh-client iproute2 iputils-ping iputils-arping tcpdump sudo procps openssl bridge-utils \
  uml-utilities busybox-static tcsh fish python3-jinja2 python3-yaml netcat-openbsd netcat-traditional ncat iperf3 ethtool \
  openvswitch-switch ansible-core python3-distro netplan.io network-manager dbus-daemon
# Emulated machines: for the kernel's kinds of devices, and where all is asked for, for reboots.
if ! scripts/packages.sh qemu-system-x86 debootstrap util-linux busybox-static cpio e2fsprogs openssh-client; then
  [ -z "${NETPLAY_TEST_ALL-}${NETPLAY_TEST_VM-}" ] || exit 1
  echo 'SKIPPED: test/vm (VLANs, bonds, VRFs, policing and others; what is kept over reboots): no emulated machine, since qemu can not be installed' >&2
  export NETPLAY_TEST_VM=0
fi
npm run --silent typecheck
npm run --silent lint
exec npx vitest run "$@"
