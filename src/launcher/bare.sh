# shellcheck shell=sh disable=SC2154 # java_needed and the functions are the launcher's
# What ../../eosin does on a machine without a JDK or without Maven: it says so and gets them, into the user's
# cache or, a JDK and as root, from the distribution's packages. EOSIN_DOWNLOAD=never forbids it.

# Archives and their SHA-256, as Maven Central and Adoptium publish them.
maven_release=3.9.11
maven_archive=https://repo.maven.apache.org/maven2/org/apache/maven/apache-maven/$maven_release/apache-maven-$maven_release-bin.tar.gz
maven_digest=4b7195b6a4f5c81af4c0212677a32ee8143643401bc6e1e8412e6b06ea82beac
jdk_release=25.0.2_10
jdk_folder=https://github.com/adoptium/temurin25-binaries/releases/download/jdk-25.0.2%2B10
jdk_digest_x64=987387933b64b9833846dee373b640440d3e1fd48a04804ec01a6dbf718e8ab8
jdk_digest_aarch64=a9d73e711d967dc44896d4f430f73a68fd33590dabc29a7f2fb9f593425b854c

tools=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/eosin/tools

may_download() {
  [ "${EOSIN_DOWNLOAD:-}" != never ] && [ "$(uname -s)" = Linux ] && have tar && { have curl || have wget; }
}

# Puts what URL $1 has into file $2; waits for a server, but not for ever.
download() {
  if have curl; then
    curl -fsSL --connect-timeout 10 --retry 1 -o "$2" "$1"
  else
    wget -q --connect-timeout=10 --tries=2 -O "$2" "$1"
  fi
}

digest() {
  if have sha256sum; then sha256sum "$1"; elif have shasum; then shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# Unpacks the archive at URL $2 with SHA-256 $3 to $tools/$1, once, whoever else does. Fails where it cannot.
get_archive() {
  { mkdir -p "$tools" && : >>"$tools/lock"; } 2>/dev/null || { say "cannot write $tools"; return 1; }
  lock "$tools/lock"
  got=0
  [ -d "$tools/$1" ] || unpack_archive "$@" || got=1
  unlock
  return "$got"
}

unpack_archive() {
  part=$tools/part.$$
  mkdir "$part" || return 1
  if ! download "$2" "$part/archive"; then
    say "$2 cannot be downloaded"
  elif [ "$(digest "$part/archive")" != "$3" ]; then
    say "$2 does not have the SHA-256 $3; nothing of it was used"
  elif mkdir "$part/unpacked" && tar -xzf "$part/archive" -C "$part/unpacked"; then
    # Both archives hold one folder.
    mv "$part/unpacked"/* "$tools/$1" && rm -rf "$part" && return
  else
    say "$2 cannot be unpacked to $tools"
  fi
  rm -rf "$part"
  return 1
}

# The distribution's own JDK, where this may install one and the distribution has it.
install_java() {
  [ "$(id -u)" = 0 ] || return 1
  if have apt-get && apt-cache show "openjdk-$java_needed-jdk-headless" >/dev/null 2>&1; then
    say "no JDK $java_needed is here; installing openjdk-$java_needed-jdk-headless (EOSIN_DOWNLOAD=never forbids it) ..."
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q "openjdk-$java_needed-jdk-headless" >&2 || return 1
  elif have dnf && dnf -q list --available "java-$java_needed-openjdk-devel" >/dev/null 2>&1; then
    say "no JDK $java_needed is here; installing java-$java_needed-openjdk-devel (EOSIN_DOWNLOAD=never forbids it) ..."
    dnf install -y -q "java-$java_needed-openjdk-devel" >&2 || return 1
  else
    return 1
  fi
  # shellcheck disable=SC2086 # the patterns are meant to expand
  accept_oldest_java $jdk_folders
}

# Sets java_home to a JDK that was got before or is got now.
get_java() {
  name=jdk-$jdk_release
  accept_java "$tools/$name" && return
  may_download || return 1
  install_java && return
  # Temurin's archives are for glibc.
  for musl in /lib/ld-musl-*; do [ ! -e "$musl" ] || return 1; done
  case $(uname -m) in
    x86_64) machine=x64 expected=$jdk_digest_x64 ;;
    aarch64) machine=aarch64 expected=$jdk_digest_aarch64 ;;
    *) return 1 ;;
  esac
  archive=$jdk_folder/OpenJDK25U-jdk_${machine}_linux_hotspot_$jdk_release.tar.gz
  say "no JDK $java_needed is here; downloading Temurin $jdk_release (200 MB) to $tools (EOSIN_DOWNLOAD=never forbids it) ..."
  get_archive "$name" "$archive" "$expected" && accept_java "$tools/$name"
}

# Sets maven to one that was got before or is got now.
get_maven() {
  maven=$tools/maven-$maven_release/bin/mvn
  [ -x "$maven" ] && return
  may_download || return 1
  say "no Maven is here; downloading Maven $maven_release (9 MB) to $tools (EOSIN_DOWNLOAD=never forbids it) ..."
  get_archive "maven-$maven_release" "$maven_archive" "$maven_digest" && [ -x "$maven" ]
}
