#!/usr/bin/env bash
# The long sizes: every test at its soak size on both databases and in the
# browser, then every fuzz test for longer. Writes docs/soak/DATE.md (of a part: DATE-part.md), also
# when something failed: a report of a failure is worth more than none. TESTS
# names some of them (as go test -run does); no fuzz test runs then, and the
# report says so.
set -euo pipefail
cd "$(dirname "$0")/.."

report="$PWD/docs/soak/$(date -u +%Y-%m-%d)${TESTS:+-part}.md"
figures=$(mktemp)
output=$(mktemp)
trap 'rm -f "$figures" "$output"' EXIT

verdict=passed
start=$(date +%s)
scripts/with-postgres.sh env TWIZA_TEST_BROWSER=1 TWIZA_TEST_SOAK=1 TWIZA_TEST_REPORT="$figures" \
	go test -count=1 -p 1 -timeout 6h ${TESTS:+-run "$TESTS"} ${PACKAGES:-./...} 2>&1 | tee "$output" || verdict=failed
[ -n "${TESTS:-}" ] || FUZZTIME=${FUZZTIME:-2m} scripts/fuzz.sh 2>&1 | tee -a "$output" || verdict=failed
minutes=$((($(date +%s) - start) / 60))

{
	echo "# Soak of $(date -u +%Y-%m-%d): $verdict"
	echo
	echo "- machine: $(nproc) cores, $(awk '/MemTotal/ {printf "%.0f GiB", $2/1048576}' /proc/meminfo), $(go env GOOS)/$(go env GOARCH), $(go env GOVERSION)"
	echo "- load at the end: $(cut -d' ' -f1-3 /proc/loadavg); wall time $minutes min"
	[ -z "${TESTS:-}" ] || echo "- a part alone: tests named \`$TESTS\` in \`${PACKAGES:-./...}\`, no fuzzing"
	echo "- change: $(git rev-parse --short HEAD 2>/dev/null || echo 'not in git')"
	echo
	echo "| test | engine or part | what was seen |"
	echo "|---|---|---|"
	sort "$figures"
	echo
	echo '```'
	grep -E '^(ok|FAIL|---|fuzz: (Fuzz|that)|panic:)' "$output" || true
	echo '```'
} >"$report"
echo "soak: $verdict; the report is ${report#"$PWD"/}"
[ "$verdict" = passed ]
