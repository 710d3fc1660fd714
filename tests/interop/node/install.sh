#!/bin/sh
# Installs what package-lock.json names, unless that has been done already.
set -eu
cd "$(dirname "$0")"
installed=node_modules/.installed-from
cmp -s package-lock.json "$installed" && exit 0
npm ci --ignore-scripts --no-audit --no-fund
cp package-lock.json "$installed"
