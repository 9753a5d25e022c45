#!/bin/sh
# Installs what a command of package.json needs, and nothing that is there already:
# Debian packages named as arguments, then the npm packages, then the build.
set -eu
cd "$(dirname "$0")/.."

missing=
for package in "$@"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" != 0 ]; then
    echo "these Debian packages are needed, and only root can install them:$missing" >&2
    exit 1
  fi
  echo "installing Debian packages:$missing"
  # A service that a package would start has no place on a machine that only tests.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  # shellcheck disable=SC2086 # one word a package
  apt-get install -y -qq --no-install-recommends $missing > /dev/null
fi

if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo 'installing npm packages'
  npm ci --loglevel=error --no-audit --no-fund
fi

npm run --silent build
