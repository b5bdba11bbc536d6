#!/usr/bin/env bash
# Brings a PostgreSQL back from what scripts/pg-backup.sh kept, to the last
# moment or to an earlier one:
#
#   scripts/pg-restore.sh FOLDER [MOMENT]     MOMENT as 2026-11-22 14:05:00+00
#
# FOLDER must be empty or not there; it becomes the data folder of a PostgreSQL
# of the same major version. Start it, wait until it accepts writes, then run
# "twiza check --db …". Erasures since that moment are done again from
# KEYFILE.erasures at the next "twiza serve".
#
# PG_PLACE   folder of the copies
# PG_SECRET  file of the secret keys
# TWIZA      the program (default: twiza)
set -euo pipefail
twiza=$(command -v "${TWIZA:-twiza}") || { echo "pg-restore: there is no ${TWIZA:-twiza}" >&2; exit 3; }
: "${PG_PLACE:?say a folder in PG_PLACE}" "${PG_SECRET:?say a file in PG_SECRET}"
to=${1:-} moment=${2:-}
[ -n "$to" ] || { sed -n '2,16p' "$0" >&2; exit 2; }
if [ -e "$to" ] && [ -n "$(ls -A "$to")" ]; then echo "pg-restore: $to is not empty" >&2; exit 3; fi
umask 077

# The newest base backup that was finished before the moment.
base=""
limit=${moment:+$(date -u -d "$moment" +%Y%m%dT%H%M%SZ)}
for f in "$PG_PLACE"/base/*.tar.age; do
	[ -e "$f" ] || continue
	name=${f##*/}
	if [ -z "$limit" ] || [[ "${name%.tar.age}" < "$limit" ]]; then base=$f; fi
done
[ -n "$base" ] || { echo "pg-restore: there is no base backup${moment:+ from before $moment} in $PG_PLACE/base" >&2; exit 3; }

mkdir -p "$to"
"$twiza" unseal --backup-secret "$PG_SECRET" <"$base" | gzip -d | tar -x -C "$to" -f - || {
	echo "pg-restore: $base does not open or is damaged" >&2
	rm -rf "${to:?}"/*
	exit 3
}

# The log is opened here, so that the server needs no key.
mkdir -p "$to/pg_wal/from"
for f in "$PG_PLACE"/wal/*.age; do
	[ -e "$f" ] || continue
	name=${f##*/}
	name=${name%.age}
	if ! "$twiza" unseal --backup-secret "$PG_SECRET" <"$f" | gzip -d >"$to/pg_wal/from/${name%.partial}"; then
		echo "pg-restore: $f does not open or is damaged" >&2
		rm -rf "${to:?}"/*
		exit 3
	fi
done
# A log without one of its segments would end early, and nobody would know.
last=""
for f in "$to"/pg_wal/from/????????????????????????; do
	[ -e "$f" ] || continue
	name=${f##*/}
	if [ -n "$last" ] && [ "${last:0:8}" = "${name:0:8}" ]; then
		want=$(printf '%s' "$(( 16#${last:8:8} * 256 + 16#${last:16:8} + 1 ))")
		is=$(( 16#${name:8:8} * 256 + 16#${name:16:8} ))
		if [ "$want" != "$is" ]; then
			echo "pg-restore: the log after segment $last is missing in $PG_PLACE/wal" >&2
			rm -rf "${to:?}"/*
			exit 3
		fi
	fi
	last=$name
done

{
	echo "restore_command = 'cp \"$to/pg_wal/from/%f\" \"%p\"'"
	echo "recovery_target_timeline = 'latest'"
	echo "recovery_target_action = 'promote'"
	if [ -n "$moment" ]; then echo "recovery_target_time = '$moment'"; fi
} >>"$to/postgresql.auto.conf"
touch "$to/recovery.signal"
chmod 700 "$to"
echo "From ${base##*/} and $(find "$to/pg_wal/from" -type f | wc -l) pieces of the log. Start PostgreSQL on $to."
