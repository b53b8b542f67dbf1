#!/bin/sh
# buildRoot.sh OUT.tar SUITE PACKAGES: a minimal Debian root with the packages (a comma list), without docs and locales.
set -eu
mmdebstrap --variant=minbase --include="$3" --aptopt='Apt::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
  --quiet --format=tar "$2" "$1"
