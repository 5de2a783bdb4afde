#!/usr/bin/env bash
# Builds what is published twice, in two folders of different names, and compares the files byte by byte. Arguments go to
# Maven, such as -o.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Modules that are never published say so in their poms.
published="$(cd "$root" && for pom in */pom.xml integrations/*/pom.xml; do
  grep -q '<maven.deploy.skip>true<' "$pom" || dirname "$pom"
done | paste -sd, -)"

build() {
  local copy="$work/$1"
  shift
  mkdir "$copy"
  # The work tree without what builds left in it.
  (cd "$root" && git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
    if [[ -e "$file" ]]; then printf '%s\0' "$file"; fi
  done | tar --null -T - -cf - | tar -xf - -C "$copy")
  (cd "$copy" && mvn -T1 -q -B -ntp -Prelease -Dmaven.test.skip=true -Dspotless.check.skip=true -pl ".,$published" package "$@")
  (cd "$copy" && find . -path '*/target/holdfast[-_]*' -type f | grep -E '\.(jar|tar\.gz|deb|json|xml)$' | sort >"$copy.files")
}

build first "$@"
build a-second-build "$@"

if ! diff "$work/first.files" "$work/a-second-build.files"; then
  echo "reproducible: the two builds leave different files" >&2
  exit 1
fi
[[ -s "$work/first.files" ]] || {
  echo "reproducible: the builds left nothing to compare" >&2
  exit 1
}

different=0
while read -r file; do
  if ! cmp -s "$work/first/$file" "$work/a-second-build/$file"; then
    echo "reproducible: ${file#./} differs" >&2
    different=$((different + 1))
  fi
done <"$work/first.files"
if ((different > 0)); then
  exit 1
fi
echo "reproducible: two builds, $(wc -l <"$work/first.files") files each, the same bytes"
