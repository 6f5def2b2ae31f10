#!/usr/bin/env bash
# A PostgreSQL of a test's own: on loopback, on a free port, with its data in a folder that the caller names and deletes.
#
#   build/postgresql.sh start FOLDER   installs it where it is missing, starts it, waits until it answers; prints its connection string
#   build/postgresql.sh stop FOLDER    ends it
set -euo pipefail

fail() { echo "postgresql: $*" >&2; exit 1; }

[[ ${1-} =~ ^(start|stop)$ && -d ${2-} ]] || { sed -n '2,/^set /{/^#/p}' "$0" >&2; exit 2; }
folder=$2

programs() { find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2> /dev/null | sort -V | tail -n 1; }

install_it() {
  local sudo=()
  ((UID == 0)) || sudo=(sudo)
  # Without the cluster that Debian makes and starts for the whole machine.
  "${sudo[@]}" mkdir -p /etc/postgresql-common
  [[ -e /etc/postgresql-common/createcluster.conf ]] || echo 'create_main_cluster = false' | "${sudo[@]}" tee /etc/postgresql-common/createcluster.conf > /dev/null
  { "${sudo[@]}" apt-get update -q && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends postgresql; } >&2 ||
    fail 'could not install the package postgresql.'
}

# PostgreSQL does not run as root.
as_owner() { if ((UID == 0)); then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }

[[ -n $(programs) ]] || install_it
bin=$(programs)

if [[ $1 == stop ]]; then
  as_owner "$bin/pg_ctl" --pgdata "$folder/data" --mode immediate stop > /dev/null
  exit
fi

((UID != 0)) || chown postgres "$folder"
port=$((20000 + RANDOM % 10000))
while (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do port=$((port + 1)); done
as_owner "$bin/initdb" --pgdata "$folder/data" --username tasksbus --auth trust --no-sync --encoding UTF8 --locale C > /dev/null
as_owner "$bin/pg_ctl" --pgdata "$folder/data" --log "$folder/log" --wait --timeout 60 \
  --options "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$folder -c fsync=off" start > /dev/null || fail "did not start; see $folder/log"
echo "Host=127.0.0.1;Port=$port;Username=tasksbus;Database=postgres"
