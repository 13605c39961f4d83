package dev.eosin.tensor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Packs [kernels][KernelTexts] into a TorchScript archive: a zip of five stored entries.
final class KernelArchive {
  private static final Pattern SELF = Pattern.compile("(def \\w+\\()\\s*self\\b");

  private KernelArchive() {}

  /// The archive of one module without parameters whose methods are the kernels.
  ///
  /// @param kernels each one's text, without comments
  static byte[] build(List<String> kernels) throws IOException {
    String functions =
        kernels.stream().map(KernelArchive::typed).collect(Collectors.joining("\n\n"));
    String source =
        "class Kernels(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
            + functions
            + "\n";
    byte[] pickle =
        "\u0080\u0002c__torch__\nKernels\n)\u0081}(X\b\0\0\0training\u0088ub."
            .getBytes(StandardCharsets.ISO_8859_1);
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      put(zip, "k/data.pkl", pickle);
      put(zip, "k/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
      put(zip, "k/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
      put(zip, "k/version", "10\n".getBytes(StandardCharsets.US_ASCII));
      put(zip, "k/byteorder", "little".getBytes(StandardCharsets.US_ASCII));
    }
    return bytes.toByteArray();
  }

  /// TorchScript's importer wants the type of `self`, which comes first.
  private static String typed(String kernel) {
    return SELF.matcher(kernel).replaceFirst("$1self: __torch__.Kernels");
  }

  private static void put(ZipOutputStream zip, String name, byte[] data) throws IOException {
    var crc = new CRC32();
    crc.update(data);
    var entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED); // libtorch reads no other
    entry.setSize(data.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(data);
    zip.closeEntry();
  }
}
