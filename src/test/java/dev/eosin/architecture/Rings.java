package dev.eosin.architecture;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// The package map: who may import whom. docs/map.md tells what lives where.
final class Rings {
  /// A package imports lower rings only; the innermost ring comes first.
  private static final List<Set<String>> RINGS =
      List.of(
          Set.of("config", "random", "file", "tensor"),
          Set.of("image", "text", "nn", "group", "checkpoint", "fetch", "onnx", "page"),
          Set.of("slide", "data", "model", "tower"),
          Set.of("train", "features", "experiment", "language", "eval", "prepare", "index"),
          Set.of(
              "albef",
              "clip",
              "qformer",
              "vllm",
              "caption",
              "captioning",
              "curate",
              "instruct",
              "mining",
              "revise",
              "tiling"),
          Set.of("export", "report", "serve"),
          Set.of("recipe", "bench"),
          Set.of("run", "api"),
          Set.of("cli"));

  /// The exceptions inside a ring: the key may import the values.
  private static final Map<String, Set<String>> AFTER =
      Map.ofEntries(
          Map.entry("file", Set.of("config")),
          Map.entry("tensor", Set.of("config", "random", "file")),
          Map.entry("fetch", Set.of("checkpoint")),
          Map.entry("onnx", Set.of("checkpoint")),
          Map.entry("page", Set.of("image")),
          Map.entry("nn", Set.of("onnx")),
          Map.entry("data", Set.of("slide")),
          Map.entry("tower", Set.of("model")),
          Map.entry("features", Set.of("train")),
          Map.entry("experiment", Set.of("train")),
          Map.entry("language", Set.of("train", "eval")),
          Map.entry("eval", Set.of("train")),
          Map.entry("index", Set.of("eval")),
          Map.entry("captioning", Set.of("caption")),
          Map.entry("curate", Set.of("caption")),
          Map.entry("instruct", Set.of("caption")),
          Map.entry("revise", Set.of("caption")));

  private Rings() {}

  /// Every package that the map has room for.
  static Stream<String> packages() {
    return RINGS.stream().flatMap(Set::stream);
  }

  static boolean allows(String importer, String imported) {
    return importer.equals(imported)
        || ring(imported) < ring(importer)
        || AFTER.getOrDefault(importer, Set.of()).contains(imported);
  }

  private static int ring(String name) {
    for (int ring = 0; ring < RINGS.size(); ring++) {
      if (RINGS.get(ring).contains(name)) {
        return ring;
      }
    }
    throw new AssertionError(
        "package dev.eosin.%s is not in the package map; see docs/map.md".formatted(name));
  }
}
