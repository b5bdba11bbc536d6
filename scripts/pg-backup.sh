#!/usr/bin/env bash
# Backs up the PostgreSQL of a house: a base backup, and its write-ahead log as
# it comes. Everything is sealed before it is kept (age, as for SQLite), so that
# the folder may be on another machine or a share.
#
#   scripts/pg-backup.sh base    one whole copy; once a day, by cron or a timer
#   scripts/pg-backup.sh follow  receives the log until it is stopped; a service
#   scripts/pg-backup.sh prune   takes away what is older than PG_KEEP_DAYS
#
# PG_URL     postgres://… of a role with REPLICATION
# PG_PLACE   folder of the copies
# PG_KEY     file of the public keys ("twiza key backup SECRET PUBLIC")
# PG_SPOOL   folder on this machine in which the log arrives (default PG_PLACE/spool)
# PG_KEEP_DAYS  default 7
# TWIZA      the program (default: twiza)
#
# Lost is at most what PostgreSQL wrote since the log was received last: follow
# receives it as it is written, and seals every few seconds what is new of the
# segment under way, so that a fire in this machine takes no more than that.
set -euo pipefail
twiza=${TWIZA:-twiza}
bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1) || true
PATH=${bin:+$bin:}$PATH
: "${PG_URL:?say postgres://… in PG_URL}" "${PG_PLACE:?say a folder in PG_PLACE}" "${PG_KEY:?say a file in PG_KEY}"
spool=${PG_SPOOL:-$PG_PLACE/spool}
slot=${PG_SLOT:-twiza_backup}
umask 077
mkdir -p "$PG_PLACE/base" "$PG_PLACE/wal" "$spool"

# seal FROM TO: whole or not at all. TO bears the time that FROM had before it was
# read: what was written meanwhile makes FROM newer, and it is sealed again. A
# segment that is finished meanwhile bears another name and comes next time.
seal() {
	local was
	was=$(stat -c %y "$1" 2>/dev/null) || return 0
	{ exec 9<"$1"; } 2>/dev/null || return 0
	gzip -1 <&9 | "$twiza" seal --backup-key "$PG_KEY" >"$2.part"
	exec 9<&-
	sync "$2.part"
	touch -d "$was" "$2.part"
	mv "$2.part" "$2"
}

# ship seals what arrived: each finished segment once, the one under way again
# when it has changed.
ship() {
	local f name
	for f in "$spool"/*; do
		[ -f "$f" ] || continue
		name=${f##*/}
		case $name in
		*.partial)
			if [ ! -e "$PG_PLACE/wal/$name.age" ] || [ "$f" -nt "$PG_PLACE/wal/$name.age" ]; then seal "$f" "$PG_PLACE/wal/$name.age"; fi ;;
		*)
			seal "$f" "$PG_PLACE/wal/$name.age"
			rm -f "$PG_PLACE/wal/$name.partial.age" "$f" ;;
		esac
	done
}

case ${1:-} in
base)
	part=$PG_PLACE/base/$$.part
	pg_basebackup -d "$PG_URL" -D - -F tar -X none -c fast | gzip -1 |
		"$twiza" seal --backup-key "$PG_KEY" >"$part"
	sync "$part"
	name=$(date -u +%Y%m%dT%H%M%SZ) # when it was finished: no moment before that can be restored from it
	mv "$part" "$PG_PLACE/base/$name.tar.age"
	echo "$PG_PLACE/base/$name.tar.age"
	;;
follow)
	pg_receivewal -d "$PG_URL" -D "$spool" --slot "$slot" --create-slot --if-not-exists
	pg_receivewal -d "$PG_URL" -D "$spool" --slot "$slot" --synchronous --no-loop &
	receiver=$!
	trap 'kill "$receiver" 2>/dev/null || true; wait "$receiver" 2>/dev/null || true; ship; exit 0' INT TERM
	while kill -0 "$receiver" 2>/dev/null; do
		ship
		sleep "${PG_EVERY:-5}" &
		wait $! || true
	done
	ship
	echo "pg-backup: the log is not received any more" >&2
	exit 1
	;;
prune)
	find "$PG_PLACE/base" "$PG_PLACE/wal" -type f -name '*.age' -mtime "+${PG_KEEP_DAYS:-7}" ! -name '*.history.age' -delete
	;;
*)
	sed -n '2,12p' "$0" >&2
	exit 2
	;;
esac
