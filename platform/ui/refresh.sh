#!/bin/sh
# Refreshes what platform/ui borrows: the pictograms, age, the map, and the licences of these and of the fonts.
# A build never runs this: the results are committed, so that building Twiza needs Go only.
# Needs npm, npx and tar. Run it after adding a name below, look at the diff, commit it.
#
# Pictograms are Phosphor's. The file name says the weight: "fire.svg" is fill, the weight of
# pictograms; "check.bold.svg" is for controls; "house.regular.svg" is for navigation.
# The fonts in assets/fonts were subset once (NOTICE.md says how) and are not rebuilt here.
set -eu
cd "$(dirname "$0")"

phosphor=@phosphor-icons/core@2.1.1
fonts="ibm-plex-sans-arabic ibm-plex-sans noto-sans-tifinagh"
fontsource=5.3.0

# What people ask for, what happens to it, who brings it.
fill="
arrow-left arrow-right arrow-u-up-left arrows-merge baby baby-carriage bell book-open bowl-food building
calendar-check caret-down caret-left caret-right chart-bar chat-centered-dots chat-text check check-circle
clipboard-text clock cloud-arrow-up copy dots-nine download-simple drop eye eye-slash file-csv file-text
files fire first-aid-kit flag folder-user funnel gauge gear globe globe-simple gps-fix graduation-cap
hand-coins hand-heart hash heart hourglass house house-line house-simple identification-badge image info
key link list lock magnifying-glass map-pin map-trifold megaphone microphone minus moon note-pencil package
paper-plane-tilt path pencil-simple person-simple phone phone-call plus printer qr-code question receipt
road-horizon scales seal-check share-network shield-check shield-warning sign-out siren snowflake
speaker-high squares-four star sun table tent thermometer-cold trash truck upload-simple user users
users-three warehouse warning warning-octagon waves wheelchair wifi-slash x x-circle
"
# Buttons, links, states.
bold="
arrow-down arrow-left arrow-right arrow-u-up-left arrow-up arrows-clockwise arrows-merge bell caret-down
caret-left caret-right chat-text check check-circle clock copy download-simple eye eye-slash file-csv flag
frame-corners funnel funnel-simple gear globe globe-simple gps-fix hand-heart hourglass info key link list
lock magnifying-glass map-pin minus moon note-pencil paper-plane-tilt pencil-simple phone phone-call plus
printer qr-code question share-network shield-check shield-warning sign-out snowflake speaker-high star sun
table trash truck upload-simple user users warning warning-octagon wifi-slash x x-circle
"
# Tabs and the rail.
regular="
book-open broadcast building calendar-check chart-bar clipboard-text dots-nine file-text files flag folder-user
gauge gear hand-heart heart house image info key link list lock magnifying-glass map-pin map-trifold megaphone
microphone package path phone-call question receipt scales shield-check shield-warning sign-out siren squares-four star truck
upload-simple user users users-three warehouse warning
"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# unpack PACKAGE FOLDER
unpack() {
	mkdir -p "$work/$2"
	tarball=$(cd "$work" && npm pack --silent "$1")
	tar -xzf "$work/$tarball" -C "$work/$2" --strip-components=1
}

unpack "$phosphor" phosphor
rm -f icons/*.svg
for n in $fill; do cp "$work/phosphor/assets/fill/$n-fill.svg" "icons/$n.svg"; done
for n in $bold; do cp "$work/phosphor/assets/bold/$n-bold.svg" "icons/$n.bold.svg"; done
for n in $regular; do cp "$work/phosphor/assets/regular/$n.svg" "icons/$n.regular.svg"; done
# To whole units of their grid of 256: where they are drawn that is a twentieth of a pixel, and a third less to send.
cat >"$work/svgo.config.mjs" <<'END'
export default { floatPrecision: 0, multipass: true, plugins: [{ name: "convertPathData", params: { floatPrecision: 0 } }] };
END
npx --yes svgo@4.0.0 --quiet --config "$work/svgo.config.mjs" --folder icons
cp "$work/phosphor/LICENSE" licences/phosphor-icons.txt

for f in $fonts; do
	unpack "@fontsource/$f@$fontsource" "$f"
	cp "$work/$f/LICENSE" "licences/$f.txt"
done
# What seals letters to the house: the encrypting half of age, one file for the phones of the field.
mkdir -p "$work/age"
(
	cd "$work/age"
	echo '{"private": true}' >package.json
	npm install --silent --no-audit --no-fund age-encryption@0.2.4 @noble/ciphers@1.3.0 @noble/curves@1.9.7 @noble/hashes@1.8.0 @scure/base@1.2.6
	echo 'export { Encrypter } from "age-encryption";' >entry.js
	npx --yes esbuild@0.25.11 entry.js --bundle --minify --format=iife --global-name=age --target=es2020 --legal-comments=none --outfile=age.js --log-level=warning
)
cp "$work/age/age.js" assets/age.js
cp "$work/age/node_modules/age-encryption/LICENSE" licences/age-encryption.txt
for p in @noble/ciphers @noble/curves @noble/hashes @scure/base; do
	printf '%s\n\n' "$p"
	cat "$work/age/node_modules/$p/LICENSE"
	printf '\n\n'
done >licences/noble.txt
# The map that moves: MapLibre as it is published, without the way to its source map, packed once and for all.
unpack maplibre-gl@6.17.0 maplibre
mkdir -p assets/packed
for f in maplibre-gl maplibre-gl-worker; do
	sed '/^\/\/# sourceMappingURL/d' "$work/maplibre/dist/$f.mjs" | gzip -9 -n >"assets/packed/$f.js.gz"
done
cp "$work/maplibre/LICENSE.txt" licences/maplibre-gl.txt
chmod 644 icons/*.svg licences/*.txt assets/age.js assets/packed/*
ls icons | wc -l
