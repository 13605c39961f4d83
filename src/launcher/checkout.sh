# shellcheck shell=sh disable=SC2154 # root, java_home, build and jar are the launcher's
# What ../../eosin does only in a checkout: building with Maven, and testing.

find_maven() {
  for maven in "$(command -v mvn)" "${MAVEN_HOME:+$MAVEN_HOME/bin/mvn}" ''; do
    [ -x "$maven" ] && break
  done
  [ -n "$maven" ] || get_missing maven || die 1 "the sources have to be built, and Maven is missing.
  Debian, Ubuntu  sudo apt install maven
  Fedora          sudo dnf install maven
  macOS           brew install maven"
  JAVA_HOME=$java_home
  # Debian's Maven resets a terminal's colours when it ends, into a pipe and a file, too, unless Jansi is told not to.
  MAVEN_OPTS="--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED -Djansi.noreset=true ${MAVEN_OPTS:-}"
  export JAVA_HOME MAVEN_OPTS
}

# Prints what changes whenever a file that the build reads does: names, sizes, places on the disk and times, of
# which nobody can set the last. Nothing where find cannot tell.
source_stamp() {
  files=$(cd "$root" && find pom.xml src/main -type f -printf '%p %s %i %T@ %C@\n' 2>/dev/null) || return
  printf '%s\n%s\n' "$(uname -sm)" "$files" | $hash | cut -c 1-64
}

# A hash of the content of everything the build reads: neither a touched file nor a branch switched and back builds
# again. Reading it all takes longer than asking the disk what changed, so the last one is kept with the stamp it is of.
source_hash() {
  if have sha256sum; then hash='sha256sum'; elif have shasum; then hash='shasum -a 256'; else hash='cksum'; fi
  stamp=$(source_stamp)
  { read -r hashed of <"$builds/hashed"; } 2>/dev/null || of=
  if [ -n "$stamp" ] && [ "$of" = "$stamp" ]; then echo "$hashed"; return; fi
  hashed=$({
    uname -sm
    # shellcheck disable=SC2086 # a command and its options
    cd "$root" && find pom.xml src/main -type f -exec $hash {} + | LC_ALL=C sort
  } | $hash | cut -c 1-16)
  keep_hash 2>/dev/null
  echo "$hashed"
}

# Not of files of this very moment, which may change once more without another time.
keep_hash() {
  [ -n "$stamp" ] && [ -d "$builds" ] && [ "$(source_stamp)" = "$stamp" ] || return
  recent=$(cd "$root" && find pom.xml src/main -type f -newerct '2 seconds ago') && [ -z "$recent" ] || return
  echo "$hashed $stamp" >"$builds/hashed.$$" && mv -f "$builds/hashed.$$" "$builds/hashed"
}

# Whether the build is there with every jar of its class path; holds it against remove_old_builds for as
# long as this process, and the Java that it becomes, lives.
use_build() {
  [ -r "$build/classpath" ] && [ -r "$build/in-use" ] || return 1
  if have flock; then
    exec 8<"$build/in-use"
    flock -s 8
  fi
  read -r classpath <"$build/classpath" || [ -n "$classpath" ] || return 1
  IFS=:
  for jar in $classpath; do [ -r "$jar" ] || { unset IFS; return 1; }; done
  unset IFS
  classpath=$build/eosin.jar:$classpath
}

remove_old_builds() {
  for old in "$builds"/*/; do
    old=${old%/}
    [ "$old" = "$build" ] && continue
    if have flock; then
      flock -n -x "$old/in-use" rm -rf "$old"
    else
      find "$old" -prune -mtime +30 -exec rm -rf {} +
    fi
  done
}

ensure_build() {
  builds=$root/.cache/builds
  build=$builds/$(source_hash)
  use_build && return
  find_maven
  lock "$builds/lock"
  if ! use_build; then
    say "building (the first time, or because the sources changed) ..."
    work=$builds/work.$$
    "$maven" -q -B -ntp -Dstyle.color=never -f "$root/pom.xml" -Dlauncher -Dmaven.test.skip=true "-Deosin.target=$work" package >&2 ||
      { rm -rf "$work"; die 1 "the build failed; nothing was started"; }
    rm -rf "$build"
    if ! { mkdir "$work/ready" && : >"$work/ready/in-use" && mv "$work/classpath" "$work/ready/classpath" &&
      mv "$work/eosin-$(version).jar" "$work/ready/eosin.jar" && mv "$work/ready" "$build"; }; then
      die 1 "cannot write $build"
    fi
    rm -rf "$work"
    use_build || die 1 "the build lacks a jar of its class path: $jar"
    # shellcheck disable=SC2034 # the launcher reads it
    built=yes
    remove_old_builds
  fi
  unlock
}

# Builds the archive that runs without Maven, with the launcher's Java, and prints its name.
make_distribution() {
  find_maven
  lock "$root/target/dist.lock"
  "$maven" -q -B -ntp -Dstyle.color=never -f "$root/pom.xml" -Pdist -Dlauncher -Dmaven.test.skip=true package >&2 ||
    die 1 "the archive was not made"
  for archive in "$root/target/eosin-$(version)"-*.tar.gz; do printf '%s\n' "$archive"; done
  unlock
  exit 0
}

# Prints the files of the tests tagged parity, by themselves or through a class that they extend.
parity_tests() {
  tagged=$(grep -rl '@Tag("parity")' "$root/src/test/java" | sed 's:.*/::; s:\.java$::')
  bases=$(printf '%s' "$tagged" | tr '\n' '|')
  grep -rlE "@Tag\(\"parity\"\)|extends ($bases)( |$)" "$root/src/test/java" | grep 'Test\.java$' | LC_ALL=C sort
}

class_name() { name=${1##*/}; printf '%s\n' "${name%.java}"; }

letters() { printf '%s' "$1" | tr '[:upper:]' '[:lower:]' | tr -cd '[:lower:][:digit:]'; }

# Prints a comma-separated list of the parity tests whose class or recorded case is named like $1, whatever
# its dashes and its case.
select_parity_tests() {
  word=$(letters "$1")
  case_name=$(printf '%s' "$1" | tr '_' '-' | tr -cd '[:alnum:]-')
  parity_tests | while IFS= read -r file; do
    name=$(class_name "$file")
    case $(letters "$name") in
      *"$word"*) printf ',%s' "$name" ;;
      *) grep -qi "\"[a-z0-9-]*${case_name}[a-z0-9-]*\"" "$file" && printf ',%s' "$name" ;;
    esac
  done
}

list_parity_tests() {
  parity_tests | while IFS= read -r file; do class_name "$file"; done |
    sed 's/ParityTest$//; s/Test$//; s/\([a-z0-9]\)\([A-Z]\)/\1-\2/g; s/^/  /' | tr '[:upper:]' '[:lower:]'
}

run_tests() {
  case ${EOSIN_SHARED:-/} in /*) ;; *) export EOSIN_SHARED="$PWD/$EOSIN_SHARED" ;; esac
  case $# in
    0) set -- verify ;;
    *)
      if [ "$1" != parity ] || [ $# -gt 2 ]; then die 2 "usage: eosin test [parity [WORD]]"; fi
      selected=$(select_parity_tests "${2:-}")
      [ -n "$selected" ] || die 2 "no parity test is named like '${2:-}'; there are:
$(list_parity_tests)"
      set -- -Dlauncher -Djacoco.skip -Dparity.groups=parity "-Dtest=${selected#,}" test
      ;;
  esac
  find_maven
  choose_native_folder
  lock "$root/target/test.lock"
  log=$root/target/test.log
  { "$maven" -B -ntp -Dstyle.color=never -f "$root/pom.xml" "$@" 2>&1; echo $? >"$log.code"; } | tee "$log"
  code=$(cat "$log.code")
  unlock
  sed -n 's/^.*\(Tests run: [0-9]*, Failures: [0-9]*, Errors: [0-9]*, Skipped: [0-9]*\)$/\1/p' "$log" | tail -n 1
  exit "$code"
}
