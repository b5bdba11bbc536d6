#!/usr/bin/env bash
# Fuzzes every parser of strangers' bytes for FUZZTIME each (20s unless told),
# all of them even when one fails. What is found is kept by Go under
# testdata/fuzz and fails from then on.
set -euo pipefail
cd "$(dirname "$0")/.."

output=$(mktemp)
trap 'rm -f "$output"' EXIT
found=0
failed=()
while IFS=: read -r file name; do
	found=$((found + 1))
	folder=./$(dirname "$file")
	echo "fuzz: $name in $folder for ${FUZZTIME:-20s}"
	go test -run '^$' -fuzz "^${name}\$" -fuzztime "${FUZZTIME:-20s}" -parallel 2 "$folder" 2>&1 | tee "$output" && continue
	# Go's fuzzer reports its own time limit as a failure when the limit strikes
	# in the middle of an input. No input is at fault then, and none is kept.
	if grep -q '^    context deadline exceeded$' "$output" && ! grep -q 'Failing input written' "$output"; then
		echo "fuzz: that was the time limit, not an input; $name found nothing"
		continue
	fi
	failed+=("$name in $folder")
done < <(find . -name node_modules -prune -o -name '*_test.go' -printf '%P\n' | sort |
	xargs grep -HoE '^func Fuzz[A-Za-z0-9_]+' | sed 's/func //')
[ "$found" -gt 0 ] || { echo "fuzz: no fuzz test found" >&2; exit 1; }
for f in "${failed[@]}"; do echo "fuzz: $f FAILED"; done
[ "${#failed[@]}" -eq 0 ]
