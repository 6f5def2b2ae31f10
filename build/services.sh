#!/usr/bin/env bash
# RabbitMQ and Redis for development and tests: on loopback, with their data in a temporary folder, without a system service.
#
#   build/services.sh start       installs what is missing, starts what is not running, waits until both answer;
#                                 prints `export` lines for the shell, and keeps them in services.env in the folder
#   build/services.sh status      says what runs where; fails unless both answer
#   build/services.sh stop        ends what `start` started, and deletes its data
#   build/services.sh ctl ...     runs rabbitmqctl against our RabbitMQ
#
# Where TASKSBUS_RABBITMQ (amqp://guest:guest@127.0.0.1:5672) or TASKSBUS_REDIS (127.0.0.1:6379) is set, that server is
# used instead: `start` only waits until it answers. The folder is ${TMPDIR:-/tmp}/tasksbus-services-$UID. It holds a
# .pid file and a .log file for each server; a server that was killed comes back with its data and its port at the next `start`.
set -euo pipefail

folder=${TMPDIR:-/tmp}
folder=${folder%/}/tasksbus-services-$UID
loopback='-kernel inet_dist_use_interface {127,0,0,1}'

log() { echo "services: $*" >&2; }
fail() { log "$*"; exit 1; }

# ---- Ports and answers ----

answers_tcp() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

# A broker greets with a method frame (its first byte is 1) on channel 0.
answers_amqp() {
  [[ $(timeout 3 bash -c "exec 3<>/dev/tcp/$1/$2 && printf 'AMQP\0\0\x09\x01' >&3 && head -c 1 <&3 | od -An -tx1" 2>/dev/null) == *01 ]]
}

# A server that wants a password answers as well.
answers_redis() {
  [[ $(timeout 3 bash -c "exec 3<>/dev/tcp/$1/$2 && printf 'PING\r\n' >&3 && head -c 5 <&3" 2>/dev/null) =~ ^(\+PONG|-NOAU) ]]
}

# answers rabbitmq|redis ADDRESS
answers() {
  local address=${2#*://} check=answers_redis port=6379
  if [[ $1 == rabbitmq ]]; then
    check=answers_amqp port=5672
    [[ $2 != amqps:* ]] || check=answers_tcp port=5671
  fi
  address=${address##*@} address=${address%%[,/?]*}
  [[ $address != *:* ]] || port=${address##*:}
  "$check" "${address%%:*}" "$port"
}

# wait_for rabbitmq|redis ADDRESS [NAME]: with the name of a server of ours, gives up as soon as that has ended.
wait_for() {
  local deadline=$((SECONDS + 90))
  until answers "$1" "$2"; do
    [[ -z ${3-} ]] || running "$3" || return 1
    ((SECONDS < deadline)) || return 1
    sleep 0.3
  done
}

# port NAME FIRST: the port of a server, chosen once: the first from FIRST that nobody listens on.
port() {
  local port=$2
  if [[ ! -s $folder/$1.port ]]; then
    while answers_tcp 127.0.0.1 "$port"; do port=$((port + 1)); done
    echo "$port" > "$folder/$1.port"
  fi
  cat "$folder/$1.port"
}

# ---- Processes ----

# When a process started, in clock ticks: tells it from a later one with the same id.
started_at() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -ra stat <<< "${stat##*) }"
  [[ ${stat[0]} != Z ]] && echo "${stat[19]}"
}

running() {
  [[ -s $folder/$1.pid && $(started_at "$(< "$folder/$1.pid")") == "$(cat "$folder/$1.since" 2>/dev/null)" ]]
}

# launch NAME COMMAND...: in a session of its own, so that it outlives this script and its terminal; without the lock and the outputs.
launch() {
  local name=$1
  shift
  # shellcheck disable=SC2016 # for the inner shell to expand
  setsid bash -c 'echo $$ > "$0"; exec "$@"' "$folder/$name.pid" "$@" < /dev/null >> "$folder/$name.log" 2>&1 9>&- &
  until [[ -s $folder/$name.pid && $(< "$folder/$name.pid") == "$!" ]]; do sleep 0.05; done
  started_at "$!" > "$folder/$name.since" || true
}

end() {
  running "$1" || return 0
  local pid
  pid=$(< "$folder/$1.pid")
  kill "$pid"
  for ((i = 0; i < 150; i++)); do
    running "$1" || return 0
    sleep 0.2
  done
  log "$1 (process $pid) does not end; killing it"
  kill -KILL "$pid"
}

# ---- Servers ----

install_package() {
  log "installing $1"
  local sudo=()
  ((UID == 0)) || sudo=(sudo)
  { "${sudo[@]}" apt-get update -q && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$1"; } >&2 ||
    fail "could not install $1. Install it, or set TASKSBUS_RABBITMQ and TASKSBUS_REDIS to servers that run."
}

# The scripts that Debian puts on the path insist on the user rabbitmq; the ones behind them do not.
rabbitmq_program() {
  local program=/usr/lib/rabbitmq/bin/$1
  [[ -x $program ]] || program=$(command -v "$1") || return
  echo "$program"
}

# The node's files, name and ports are its own, so that it meets no other broker of this machine.
set_rabbitmq_environment() {
  local epmd_port
  epmd_port=$(port epmd 4369)
  export HOME=$folder ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$epmd_port
  export RABBITMQ_NODENAME=tasksbus@localhost RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_CTL_ERL_ARGS=$loopback
}

start_epmd() {
  running epmd && return
  local epmd
  epmd=$(command -v epmd || find /usr/lib/erlang -name epmd -type f | head -n 1)
  launch epmd "$epmd"
}

start_rabbitmq() {
  running rabbitmq && return
  rabbitmq_program rabbitmq-server > /dev/null || install_package rabbitmq-server
  set_rabbitmq_environment
  start_epmd
  printf '[].\n' > "$folder/enabled_plugins"
  printf 'listeners.tcp.1 = 127.0.0.1:%s\n' "$(port rabbitmq 5672)" > "$folder/rabbitmq.conf"
  # With `detached` the script becomes the server, and so our process id is the server's.
  launch rabbitmq env detached=true \
    RABBITMQ_CONFIG_FILE="$folder/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$folder/enabled_plugins" \
    RABBITMQ_MNESIA_BASE="$folder/rabbitmq" RABBITMQ_LOG_BASE="$folder" RABBITMQ_LOGS=- RABBITMQ_PID_FILE="$folder/rabbitmq.node" \
    RABBITMQ_DIST_PORT="$(port distribution 25672)" RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="$loopback" \
    "$(rabbitmq_program rabbitmq-server)"
}

start_redis() {
  running redis && return
  command -v redis-server > /dev/null || install_package redis-server
  mkdir -p "$folder/redis"
  launch redis redis-server --bind 127.0.0.1 --port "$(port redis 6379)" --dir "$folder/redis" --appendonly yes --save '' --daemonize no
}

# The address of a server of ours, as the environment variables spell it.
own_address() {
  case $1 in
    rabbitmq) echo "amqp://guest:guest@127.0.0.1:$(port rabbitmq 5672)" ;;
    redis) echo "127.0.0.1:$(port redis 6379)" ;;
  esac
}

variable_of() { echo "TASKSBUS_${1^^}"; }

# ---- Commands ----

start() {
  (umask 077 && mkdir -p "$folder")
  [[ -O $folder ]] || fail "$folder belongs to somebody else. Set TMPDIR to a folder of yours."

  local name variable lines=()
  for name in rabbitmq redis; do
    variable=$(variable_of "$name")
    [[ -n ${!variable-} ]] || "start_$name"
  done
  for name in rabbitmq redis; do
    variable=$(variable_of "$name")
    if [[ -n ${!variable-} ]]; then
      wait_for "$name" "${!variable}" || fail "$variable is set, but nothing answers there. Unset it to have a server started."
      lines+=("export $variable=${!variable@Q}")
    else
      wait_for "$name" "$(own_address "$name")" "$name" || fail "$name did not start; see $folder/$name.log"
      lines+=("export $variable=$(own_address "$name")")
    fi
  done
  printf '%s\n' "${lines[@]}" | tee "$folder/services.env"
  log "RabbitMQ and Redis answer"
}

status() {
  local name variable failed=0
  for name in rabbitmq redis; do
    variable=$(variable_of "$name")
    if [[ -n ${!variable-} ]]; then
      if answers "$name" "${!variable}"; then echo "$name answers at ${!variable##*@} ($variable)"
      else echo "$name does not answer at ${!variable##*@} ($variable)"; failed=1; fi
    elif ! running "$name"; then echo "$name is not running"; failed=1
    elif answers "$name" "$(own_address "$name")"; then
      echo "$name answers at $(own_address "$name"), process $(< "$folder/$name.pid"), files in $folder"
    else echo "$name does not answer yet at $(own_address "$name"), process $(< "$folder/$name.pid")"; failed=1; fi
  done
  return "$failed"
}

stop() {
  local name
  for name in rabbitmq redis epmd; do end "$name"; done
  rm -rf "$folder"
  log "stopped"
}

ctl() {
  [[ -d $folder ]] || fail "not started"
  set_rabbitmq_environment
  exec "$(rabbitmq_program rabbitmqctl)" "$@"
}

case ${1-} in
  start | stop)
    exec 9> "$folder.lock"
    flock 9
    "$1"
    ;;
  status) status ;;
  ctl) shift; ctl "$@" ;;
  *) sed -n '2,/^set /{/^#/p}' "$0" >&2; exit 2 ;;
esac
