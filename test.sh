#!/usr/bin/env bash
# Runs every test of the repository and ends with one line, "N passed, N failed, N skipped". Fails where a test fails, a
# project does not build, or a test run ends before it has said how.
#
# The tests need the .NET SDK of global.json and the packages that it restores, and nothing else. Tests of real
# vocabularies and texts read the folder ../shared/data (or $MODELDSL_DATA); tests of GPU devices and collectives run
# against what build/install-test-libraries.sh brings. Where these are not, they are skipped by name.
set -u
cd "$(dirname "$0")"
results=$PWD/TestResults
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

if ! command -v dotnet > /dev/null; then
  echo "The .NET SDK is not installed: https://dotnet.microsoft.com/download (version $(sed -n 's/.*"version": "\([^"]*\)".*/\1/p' global.json) or later)." >&2
  exit 1
fi

build/install-test-libraries.sh

rm -rf "$results"
failures=0
if ! dotnet build ModelDsl.sln -c Release -v quiet; then
  echo "The solution does not build; the projects that do are tested." >&2
  failures=1
fi

# One project after the other, each with as many threads as there are processors.
for project in tests/*.Tests/*.csproj; do
  name=$(basename "$project" .csproj)
  dotnet test "$project" -c Release --no-build --results-directory "$results" --logger "trx;LogFileName=$name.trx" \
    --logger "console;verbosity=minimal" --blame-hang-timeout 10m --blame-hang-dump-type none
  status=$?
  # A run that fails no test and yet fails, or leaves no account, has crashed or was not built.
  if ! grep -q '<ResultSummary' "$results/$name.trx" 2> /dev/null; then
    echo "$name: the test run did not end." >&2
    failures=$((failures + 1))
  elif [ $status -ne 0 ] && ! grep -q 'outcome="Failed"' "$results/$name.trx"; then
    echo "$name: the test run ended with status $status." >&2
    failures=$((failures + 1))
  fi
done

# The results of one test are a line that says its outcome, and below it, before the next, its reason.
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
