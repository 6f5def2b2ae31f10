#!/usr/bin/env bash
# Builds the solution and runs its tests against RabbitMQ and Redis (started for the run, unless they are there already).
#
#   build/test.sh [--filter X] [--faults]
#
#   --filter X   only the tests that match X, as `dotnet test --filter` reads it
#   --faults     also the tests with the trait Category=Faults, and the long form of those that kill workers
#
# The last line is `Tests: N passed, N failed`, after all that failed. Fails when a test fails, when the build fails, and when no test ran.
set -euo pipefail

build=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$build/.."

only='' faults=false
while (($#)); do
  case $1 in
    --filter) only=${2:?--filter needs an expression}; shift 2 ;;
    --faults) faults=true; shift ;;
    *) sed -n '2,/^set /{/^#/p}' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
done

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
results=$(mktemp -d)
own_services=false

clean_up() {
  rm -rf "$results"
  [[ $own_services == false ]] || "$build/services.sh" stop 2> /dev/null
}
trap clean_up EXIT

give_up() {
  echo "$*" >&2
  echo 'Tests: 0 passed, 1 failed'
  exit 1
}

# count NAME FILE: a number from the summary of a results file; 0 where it has none.
count() {
  local number
  number=$(sed -nE "s/.*<Counters .*\b$1=\"([0-9]+)\".*/\1/p" "$2")
  echo "${number:-0}"
}

dotnet restore TasksBus.sln || give_up 'The restore failed.'
dotnet build TasksBus.sln --configuration Release --no-restore || give_up 'The build failed.'

"$build/services.sh" status > /dev/null 2>&1 || own_services=true
exports=$("$build/services.sh" start) || give_up 'RabbitMQ or Redis did not start.'
eval "$exports"

filter=$only
[[ $faults == true ]] || filter="${only:+($only)&}Category!=Faults"
patience=5m
# The long forms take minutes each.
[[ $faults == false ]] || { export TASKSBUS_FAULTS=long; patience=30m; }

passed=0 failed=0 skipped=0
for project in $(dotnet sln TasksBus.sln list | grep '^test/.*Tests\.csproj$'); do
  file=$results/$(basename "$project" .csproj).trx
  broken=0
  # A test that hangs ends the run of its project, and counts as a failure.
  dotnet test "$project" --configuration Release --no-build ${filter:+--filter "$filter"} \
    --logger 'console;verbosity=normal' --logger "trx;LogFileName=$file" \
    --blame-hang-timeout "$patience" --blame-hang-dump-type none --results-directory "$results" | tee -a "$results/output" || broken=1

  failures=0
  if [[ -f $file ]]; then
    passed=$((passed + $(count passed "$file")))
    failures=$(($(count failed "$file") + $(count error "$file") + $(count timeout "$file") + $(count aborted "$file")))
    skipped=$((skipped + $(count total "$file") - $(count executed "$file")))
  fi
  # Without a result for it: the test host crashed, or did not start.
  ((failures > 0 || broken == 0)) || failures=1
  failed=$((failed + failures))
done

((passed + failed > 0)) || echo 'No test ran.' >&2
# Once more at the end, where one looks first.
((failed == 0)) || sed -n '/^  Failed /,/^  Passed /{/^  Passed /!p}' "$results/output"
echo "Skipped: $skipped"
echo "Tests: $passed passed, $failed failed"
((passed > 0 && failed == 0))
