#!/bin/sh
# Fetches the outlines again with npm and writes regions.json and provinces.json.
# Usage, from the top of the repository: sh packs/ma/outlines/refresh.sh [DATA]
# DATA is the folder with admin/regions.csv and admin/provinces.csv.
set -eu
data=${1:-../shared/data}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
(cd "$tmp" && npm pack --silent morocco-map@1.3.0 >/dev/null && tar -xzf morocco-map-1.3.0.tgz)
go run ./packs/ma/compile -outlines "$tmp/package/data" "$data"
