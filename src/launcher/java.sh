# shellcheck shell=sh disable=SC2034,SC2154 # modules, options and cache are the launcher's; java_home, set_gpu and aot, too
# What Java is started with.

# Text is generated and graphs of neighbours are made by Java's vectors, twice as fast as without. Their module is
# incubating: Java says so in a line of its own, so that what does neither starts without it.
choose_modules() {
  modules=
  case ${1:-} in
    bench | chat | generate | index | serve) ;;
    evaluate | prepare | sweep | train)
      grep -qsiE 'language|vllm|qformer|vqa|revis|answer' -- "$@" 2>/dev/null || return 0
      ;;
    *) return 0 ;;
  esac
  [ "${EOSIN_VECTORS:-on}" = off ] && return 0
  if [ -r "$java_home/release" ] && grep -q 'jdk\.incubator\.vector' "$java_home/release"; then
    modules='--add-modules jdk.incubator.vector'
  fi
}

# Whether command $1 answers at once.
is_short() {
  case ${1:-} in
    '' | help | --help | -h | completion | schema | runs | diff | inspect | doctor | info | rehearse) ;;
    *) return 1 ;;
  esac
}

# Sets options to what Java gets for a command with its arguments, and cache to the option that has a path.
# What answers at once gets a small collector, the quick compiler, reflection that makes no classes, and the
# AOT cache. A cache that does not fit, as with some EOSIN_JAVA_OPTS, is passed over by Java in silence.
java_options() {
  options="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Xms64m -Xmx4g"
  options="$options -Djava.awt.headless=true -Dai.djl.offline=true $set_gpu"
  cache=
  if ! is_short "$@"; then
    options="$options -XX:+UseParallelGC -XX:MaxNewSize=96m"
    return
  fi
  options="$options -XX:+UseSerialGC -Djdk.reflect.useNativeAccessorOnly=true"
  # The quick compiler has no instructions for digests, which inspect computes.
  [ "${1:-}" = inspect ] || options="$options -XX:TieredStopAtLevel=1"
  options="$options -Xlog:aot=off -Xlog:cds=off"
  if [ "${1:-}" = rehearse ]; then
    cache=-XX:AOTCacheOutput=$2/cache
  elif [ -f "${aot:-}" ]; then
    cache=-XX:AOTCache=$aot
  fi
}
