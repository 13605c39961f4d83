package dev.eosin.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// One file of `src/main/torchscript`.
///
/// @param file its name there
/// @param text with its comments
record KernelSource(String file, String text) {
  private static final List<String> FILES =
      List.of(
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
          "int8.py",
          "linears.py",
          "llama.py",
          "decoding.py",
          "token_rows.py",
          "probe.py",
          "mil.py",
          "search.py",
          "opt.py",
          "t5.py",
          "qformer.py",
          "qformer_lean.py",
          "post_lean.py",
          "alignment.py",
          "vllm.py",
          "albef.py",
          "optimiser.py");

  /// Every file, with the given ones of the matrix products behind them.
  static List<KernelSource> all(MatrixProducts products) throws IOException {
    var sources = new ArrayList<KernelSource>();
    for (String file : FILES) {
      sources.add(read(file));
    }
    for (String file : products.sources()) {
      sources.add(read(file));
    }
    return sources;
  }

  private static KernelSource read(String file) throws IOException {
    try (InputStream in = KernelSource.class.getResourceAsStream("torchscript/" + file)) {
      if (in == null) {
        throw new IOException("kernel source " + file + " is missing from the jar");
      }
      return new KernelSource(file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
