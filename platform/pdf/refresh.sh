#!/bin/sh
# Refreshes the fonts that printed pages carry. A build never runs this: the results are committed, so that
# building Twiza needs Go only. Needs npm and tar. Their licences stand in platform/ui/licences.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
take() { # package version file name
	(cd "$tmp" && tar -xzf "$(npm pack --silent "@fontsource/$1@$2")" --one-top-level="$1")
	cp "$tmp/$1/package/files/$1-$3-normal.woff" "fonts/$4.woff"
}
for w in 400 600; do
	take ibm-plex-sans-arabic 5.3.0 arabic-$w ar-$w
	take ibm-plex-sans 5.3.0 latin-$w la-$w
	take ibm-plex-sans 5.3.0 latin-ext-$w lx-$w
done
take noto-sans-tifinagh 5.3.0 tifinagh-400 tf-400
