#!/bin/sh
# npm_install.sh FOLDER: installs what its package-lock.json names, unless that has been
# done already. What was installed stays beside it, also after `make clean`.
set -eu
cd "$1"
installed=node_modules/.installed-from
cmp -s package-lock.json "$installed" && exit 0
npm ci --ignore-scripts --no-audit --no-fund
cp package-lock.json "$installed"
