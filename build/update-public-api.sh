#!/usr/bin/env bash
# Brings PublicAPI.Unshipped.txt of the projects below src up to date with their public members, as the analyzer reports
# them: new members are added, and members that are gone are removed, or marked *REMOVED* if they have been shipped.
set -eu
cd "$(dirname "$0")/.."

for folder in src/*/; do
  [ -e "$folder/PublicAPI.Shipped.txt" ] || echo '#nullable enable' > "$folder/PublicAPI.Shipped.txt"
  echo '#nullable enable' > "$folder/PublicAPI.Unshipped.txt"
done

# Against empty lists the analyzer reports every member that has not been shipped, as the line that declares it.
if ! log=$(dotnet build build/Packages.proj -v quiet 2>&1); then
  grep ': error' <<< "$log" | sort -u >&2
  echo "The projects do not build; git restore 'src/*/PublicAPI.*.txt', mend that, and try again." >&2
  exit 1
fi
for folder in src/*/; do
  { grep "/$(basename "$folder").csproj\]" <<< "$log" || true; } | sed -n \
    -e "s/.* RS0016: Symbol '\(.*\)' is not part of the declared public API.*/\1/p" \
    -e "s/.* RS0017: Symbol '\(.*\)' is part of the declared API.*/*REMOVED*\1/p" | LC_ALL=C sort -u >> "$folder/PublicAPI.Unshipped.txt"
  echo "$folder: $(($(wc -l < "$folder/PublicAPI.Unshipped.txt") - 1)) members that have not been shipped"
done
