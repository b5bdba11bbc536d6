#!/usr/bin/env bash
# Runs a command beside a PostgreSQL of its own and takes it away afterwards,
# whatever happened: scripts/with-postgres.sh go test ./...
#
# The command finds the address in TWIZA_TEST_PG. The cluster lives in a
# temporary folder, listens on loopback only, and keeps fsync on, so that what
# is measured here is what an operator gets. TWIZA_PG_FSYNC=off is for tests that
# kill programs and not machines: what a program wrote outlives it either way.
# Root may not run PostgreSQL: then the user postgres does.
set -euo pipefail
[ "$#" -gt 0 ] || { echo "usage: $0 COMMAND [ARGUMENT...]" >&2; exit 2; }

bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1) || true
[ -x "${bin:-}/initdb" ] || { echo "with-postgres: no initdb under /usr/lib/postgresql; run scripts/needs.sh" >&2; exit 1; }

home=$(mktemp -d "${TMPDIR:-/tmp}/twiza-pg.XXXXXX")
if [ "$(id -u)" = 0 ]; then
	chown postgres "$home"
	pg() { (cd "$home" && runuser -u postgres -- "$@"); }
else
	pg() { (cd "$home" && "$@"); }
fi

stop() {
	status=$?
	trap - EXIT INT TERM HUP
	if [ -e "$home/cluster/postmaster.pid" ]; then
		pg "$bin/pg_ctl" -D "$home/cluster" -m immediate -w -s stop >/dev/null 2>&1 || true
	fi
	rm -rf "$home"
	exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

pg "$bin/initdb" -D "$home/cluster" -U postgres -A trust -E UTF8 --locale=C >"$home/initdb.log" 2>&1 || {
	cat "$home/initdb.log" >&2
	exit 1
}
cat >>"$home/cluster/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$home'
max_connections = 200
fsync = ${TWIZA_PG_FSYNC:-on}
CONF

# The port is drawn, not asked for: somebody may hold it, so draw again.
for try in 1 2 3 4 5; do
	port=$((20000 + RANDOM % 12000))
	if pg "$bin/pg_ctl" -D "$home/cluster" -o "-p $port" -l "$home/server.log" -w -t 60 -s start >/dev/null 2>&1; then
		break
	fi
	[ "$try" -lt 5 ] || { cat "$home/server.log" >&2; exit 1; }
done

export TWIZA_TEST_PG="postgres://postgres@127.0.0.1:$port/postgres?sslmode=disable"
"$@"
