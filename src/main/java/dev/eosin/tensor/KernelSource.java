package dev.eosin.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// One file of `src/main/torchscript`.
///
/// @param part whose kernels are compiled together with those of this file
/// @param file its name there
/// @param text with its comments
record KernelSource(KernelPart part, String file, String text) {
  /// Every file, with the given ones of the matrix products.
  static List<KernelSource> all(MatrixProducts products) throws IOException {
    var sources = new ArrayList<KernelSource>();
    for (KernelPart part : KernelPart.values()) {
      for (String file : part.files(products).toList()) {
        sources.add(read(part, file));
      }
    }
    return sources;
  }

  private static KernelSource read(KernelPart part, String file) throws IOException {
    try (InputStream in = KernelSource.class.getResourceAsStream("torchscript/" + file)) {
      if (in == null) {
        throw new IOException("kernel source " + file + " is missing from the jar");
      }
      return new KernelSource(part, file, new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
  }
}
