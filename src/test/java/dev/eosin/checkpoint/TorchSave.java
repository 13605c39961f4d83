package dev.eosin.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Files of torch.save for tests: a dictionary of whole fp32 tensors, stored as torch stores them.
public final class TorchSave {
  private TorchSave() {}

  public static void write(Path file, Map<String, TensorData> tensors) throws IOException {
    StringBuilder pickle = new StringBuilder("\u0080\u0002}");
    List<byte[]> storages = new ArrayList<>();
    tensors.forEach(
        (name, data) -> {
          pickle.append(text(name)).append(tensor(data, storages.size())).append('s');
          storages.add(data.bytes().toArray(ValueLayout.JAVA_BYTE));
        });
    pickle.append('.');
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      add(zip, "data.pkl", pickle.toString().getBytes(StandardCharsets.ISO_8859_1));
      for (int i = 0; i < storages.size(); i++) {
        add(zip, "data/" + i, storages.get(i));
      }
    }
  }

  private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
    ZipEntry entry = new ZipEntry("archive/" + name);
    CRC32 sum = new CRC32();
    sum.update(content);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(sum.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }

  /// `_rebuild_tensor_v2(('storage', FloatStorage, key, 'cpu', elements), 0, shape, strides, ...)`
  private static String tensor(TensorData data, int key) {
    List<Long> shape = data.shape();
    long[] strides = new long[shape.size()];
    long stride = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape.get(i);
    }
    StringBuilder sizes = new StringBuilder();
    shape.forEach(each -> sizes.append(number(each)));
    StringBuilder steps = new StringBuilder();
    for (long each : strides) {
      steps.append(number(each));
    }
    return "ctorch._utils\n_rebuild_tensor_v2\n(("
        + text("storage")
        + "ctorch\nFloatStorage\n"
        + text(Integer.toString(key))
        + text("cpu")
        + number(data.elements())
        + "tQK\u0000("
        + sizes
        + "t("
        + steps
        + "t\u0089ccollections\nOrderedDict\n)RtR";
  }

  private static String text(String value) {
    return "\u008c" + (char) value.length() + value;
  }

  private static String number(long value) {
    StringBuilder bytes = new StringBuilder("J");
    for (int i = 0; i < Integer.BYTES; i++) {
      bytes.append((char) (value >> (8 * i) & 0xff));
    }
    return bytes.toString();
  }
}
