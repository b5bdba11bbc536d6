#!/usr/bin/env bash
# Looks for what the tests need beside Go, installs what is missing, and says
# so. Everything comes from Debian's own archive and, for axe-core alone, npm.
#
#   scripts/needs.sh            PostgreSQL, Chromium, pdftotext, hledger, Node and node_modules
#   scripts/needs.sh postgres   PostgreSQL only
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'needs: %s\n' "$*" >&2; }

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n -- "$@"; fi
}

missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
if [ "${1:-all}" = all ]; then
	command -v chromium >/dev/null || missing+=(chromium)
	command -v pdftotext >/dev/null || missing+=(poppler-utils)
	command -v hledger >/dev/null || missing+=(hledger)
	command -v node >/dev/null || missing+=(nodejs)
	command -v npm >/dev/null || missing+=(npm)
fi

if [ "${#missing[@]}" -gt 0 ]; then
	say "not on this machine: ${missing[*]}; installing with apt-get"
	command -v apt-get >/dev/null || { say "there is no apt-get here; please install ${missing[*]} by hand"; exit 1; }
	if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null; then
		say "this needs root; please run: sudo apt-get install ${missing[*]}"
		exit 1
	fi
	as_root apt-get -qq update
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends "${missing[@]}" >/dev/null
	say "installed: ${missing[*]}"
fi

[ "${1:-all}" = all ] || exit 0

# npm leaves a copy of the lock file behind when it has finished: older than
# ours, or not there, means the folder is not what the lock file says.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
	say "node_modules is missing or older than package-lock.json; running npm ci"
	npm ci --silent
	say "installed: $(cd node_modules && echo *)"
fi
