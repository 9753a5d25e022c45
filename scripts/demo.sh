#!/bin/sh
# npm run demo: brings up the lab, runs the site's playbook on it, and shows by packets what that did.
set -eu
cd "$(dirname "$0")/.."
scripts/setup.sh openssh-server openssh-client iproute2 iputils-ping iputils-arping tcpdump
exec node scripts/demo.mjs
