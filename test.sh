#!/usr/bin/env bash
# Builds and tests everything, and ends with one line, "N passed, N failed, N skipped". Fails if a test fails, a project
# does not build, or a test run ends without a result.
#
#   ./test.sh                every test but the long sweeps
#   ./test.sh --full         the long sweeps too
#   ./test.sh --no-install   installs and downloads nothing for the tests of GPU devices and collectives; what is
#                            missing is named, and the tests that need it are skipped
#
# The tests need the .NET SDK of global.json and the packages that it restores, and nothing else. Tests of real
# vocabularies and texts read the folder ../shared/data (or $MODELDSL_DATA); tests of GPU devices and collectives need
# what build/install-test-libraries.sh installs. Where these are missing, they are skipped by name.
set -u
install=--install
for option; do
  case $option in
    --full) export MODELDSL_FULL=1 ;;
    --no-install) install=--check ;;
    *) echo "usage: ./test.sh [--full] [--no-install]" >&2; exit 2 ;;
  esac
done
cd "$(dirname "$0")"
results=$PWD/TestResults
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

if ! command -v dotnet > /dev/null; then
  echo "The .NET SDK is not installed: https://dotnet.microsoft.com/download (version $(sed -n 's/.*"version": "\([^"]*\)".*/\1/p' global.json) or later)." >&2
  exit 1
fi

build/install-test-libraries.sh $install

rm -rf "$results"
failures=0
# Every warning is an error here: lists of the public API that are out of date too (build/update-public-api.sh).
if ! dotnet build ModelDsl.sln -c Release -v quiet -warnaserror; then
  echo "The solution does not build; the projects that do are tested." >&2
  failures=1
fi

if ! dotnet format whitespace --folder . --verify-no-changes; then
  echo "The sources are not formatted: dotnet format whitespace --folder . mends them." >&2
  failures=$((failures + 1))
fi

# One project after the other, each with as many threads as there are processors.
for project in tests/*.Tests/*.csproj; do
  name=$(basename "$project" .csproj)
  dotnet test "$project" -c Release --no-build --results-directory "$results" --logger "trx;LogFileName=$name.trx" \
    --logger "console;verbosity=minimal" --blame-hang-timeout 10m --blame-hang-dump-type none
  status=$?
  # A run that fails without a failed test, or leaves no results, has crashed or was not built.
  if ! grep -q '<ResultSummary' "$results/$name.trx" 2> /dev/null; then
    echo "$name: the test run did not end." >&2
    failures=$((failures + 1))
  elif [ $status -ne 0 ] && ! grep -q 'outcome="Failed"' "$results/$name.trx"; then
    echo "$name: the test run ended with status $status." >&2
    failures=$((failures + 1))
  fi
done

# Each test has a line with its outcome, followed by the reason if it was skipped.
sum() { cat "$results"/*.trx 2> /dev/null | grep -c "<UnitTestResult .*outcome=\"$1\""; }
passed=$(sum Passed) failed=$(($(sum Failed) + failures)) skipped=$(sum NotExecuted)

if [ "$skipped" -gt 0 ]; then
  echo
  echo "Skipped:"
  cat "$results"/*.trx | awk '
    /<UnitTestResult / { skip = /outcome="NotExecuted"/; name = $0; sub(/.*testName="/, "", name); sub(/".*/, "", name) }
    skip && /<(Message|StdOut)>/ { reason = $0; sub(/.*<(Message|StdOut)>/, "", reason); sub(/<\/.*/, "", reason); print "  " name ": " reason; skip = 0 }
    skip && /\/>/ { print "  " name; skip = 0 }' | sort | sed 's/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g'
fi
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
