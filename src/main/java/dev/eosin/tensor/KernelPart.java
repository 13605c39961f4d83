package dev.eosin.tensor;

import java.util.List;
import java.util.stream.Stream;

/// Kernels that libtorch compiles together, when one of them is first called: a training of images
/// and captions waits for none of a language model's.
enum KernelPart {
  /// Blocks, towers, losses of pairs, probes, searches and optimisers.
  VISION(
      "machinery.py",
      "dropout.py",
      "blocks.py",
      "lean.py",
      "lean_adapted.py",
      "pooled_lean.py",
      "clip.py",
      "towers.py",
      "losses.py",
      "retrieval.py",
      "probe.py",
      "mil.py",
      "search.py",
      "optimiser.py"),
  /// What models with language have beside [#VISION].
  LANGUAGE(
      "int8.py",
      "linears.py",
      "llama.py",
      "decoding.py",
      "token_rows.py",
      "opt.py",
      "t5.py",
      "qformer.py",
      "qformer_lean.py",
      "post_lean.py",
      "alignment.py",
      "vllm.py",
      "albef.py");

  private final List<String> files;

  KernelPart(String... files) {
    this.files = List.of(files);
  }

  /// In `src/main/torchscript`; those of the matrix products are [#VISION]'s.
  Stream<String> files(MatrixProducts products) {
    return switch (this) {
      case LANGUAGE -> files.stream();
      case VISION -> Stream.concat(files.stream(), products.sources().stream());
    };
  }
}
