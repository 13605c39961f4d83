package dev.eosin.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the recorded files do not show of [TorchFile]: pickles are spelled out here, as
/// `pickletools.dis` prints them.
class TorchFileTest {
  private static final String START = "\u0080\u0002";

  @TempDir Path folder;

  @Test
  void deflatedEntriesAreUnpacked() throws IOException {
    Path file = zip(START + "}" + entry("w", tensor("K\u0004", "K\u0001")) + ".", Map.of());
    try (StoredTensors tensors = StoredTensors.open(file)) {
      assertThat(tensors.floats("w")).containsExactly(0, 1, 2, 3);
    }
  }

  @Test
  void strideZeroRepeatsElements() throws IOException {
    Path file = zip(START + "}" + entry("w", tensor("K\u0003", "K\u0000")) + ".", Map.of());
    try (StoredTensors tensors = StoredTensors.open(file)) {
      assertThat(tensors.floats("w")).containsExactly(0, 0, 0);
    }
  }

  @Test
  void strideZeroDoesNotMakeATensorLargerThanTheFile() throws IOException {
    Path file = zip(START + "}" + entry("w", tensor("J\0\0\0@", "K\u0000")) + ".", Map.of());
    assertRefused(file, "tensor 'w': repeats its elements to the shape [1073741824]");
  }

  @Test
  void weightsUnderAWrapperLoseThePrefixThatAllHave() throws IOException {
    String weights =
        "}" + entry("module.a", tensor("K\u0004", "K\u0001")) + entry("module.b", tensor("", ""));
    Path file =
        zip(START + "}" + entry("epoch", "K\u0007") + entry("model", weights) + ".", Map.of());
    try (StoredTensors tensors = StoredTensors.open(file)) {
      assertThat(tensors.names()).containsExactly("a", "b");
      assertThat(tensors.entry("b").shape()).isEmpty();
    }
  }

  @Test
  void prefixThatNotAllNamesHaveStays() throws IOException {
    String weights =
        "}" + entry("module.a", tensor("K\u0004", "K\u0001")) + entry("b", tensor("", ""));
    try (StoredTensors tensors = StoredTensors.open(zip(START + weights + ".", Map.of()))) {
      assertThat(tensors.names()).containsExactly("b", "module.a");
    }
  }

  @Test
  void twoModelsSideBySideAreRefused() throws IOException {
    String weights = "}" + entry("a", tensor("K\u0004", "K\u0001"));
    Path file =
        zip(START + "}" + entry("model", weights) + entry("state_dict", weights) + ".", Map.of());
    assertRefused(file, "has weights under model and under state_dict; save the wanted ones alone");
  }

  @Test
  void dictionaryWithinItselfEnds() throws IOException {
    Path file = zip(START + "}q\u0000" + entry("model", "h\u0000") + ".", Map.of());
    assertRefused(file, "nests the weights in more than 4 dictionaries");
  }

  @Test
  void bigEndianFileIsRefused() throws IOException {
    Path file =
        zip(
            START + "}" + entry("w", tensor("K\u0004", "K\u0001")) + ".",
            Map.of("byteorder", "big"));
    assertRefused(file, "has the byte order 'big', only little-endian files are read");
  }

  @Test
  void programsTensorsAreNamedByTheirModules() throws IOException {
    String inner = module("Linear", entry("weight", tensor("K\u0004", "K\u0001")));
    String sizes = "ctorch.jit._pickle\nbuild_intlist\n(]K\u0001atR";
    Path file =
        program(
            module(
                "Model",
                entry("scale", tensor("", ""))
                    + entry("visual", inner)
                    + entry("training", "\u0088")
                    + entry("sizes", sizes)));
    try (StoredTensors tensors = StoredTensors.open(file)) {
      assertThat(tensors.names()).containsExactly("scale", "visual.weight");
      assertThat(tensors.floats("visual.weight")).containsExactly(0, 1, 2, 3);
    }
  }

  @Test
  void programsModuleWithinItselfEnds() throws IOException {
    Path file = program("c__torch__\nM\n)\u0081q\u0000}" + entry("self", "h\u0000") + "b");
    assertRefused(file, "nests its modules without end");
  }

  @Test
  void programsModuleWithAStateOfItsOwnIsRefused() throws IOException {
    assertRefused(program("c__torch__\nM\n)\u0081K\u0001b"), "keeps its state in a way of its own");
  }

  @Test
  void classOfAProgramIsNoClassOfASavedFile() throws IOException {
    Path file = zip(START + "c__torch__\nM\n)\u0081.", Map.of());
    assertRefused(file, "the pickle asks for '__torch__.M'");
  }

  @Test
  void programThatAsksForAnotherFunctionIsRefused() throws IOException {
    assertRefused(
        program(module("M", entry("w", "cos\nsystem\n(" + text("true") + "tR"))),
        "the pickle asks for 'os.system'");
  }

  @Test
  void pickleOfManyObjectsIsRefused() throws IOException {
    assertRefused(
        zip(START + "}".repeat(2_100_000) + ".", Map.of()), "more than 2000000 operations");
  }

  @Test
  void functionsNameIsShownOnOneLine() throws IOException {
    Path file = zip(START + "\u008c\u0003o\ns\u008c\u0006system\u0093.", Map.of());
    assertRefused(file, "the pickle asks for 'o?s.system'; only tensors and plain containers");
  }

  @Test
  void gitLfsPointerIsNamedAsOne() throws IOException {
    Path file = folder.resolve("pytorch_model.bin");
    Files.writeString(file, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
    assertRefused(file, "is a Git LFS pointer, not the file itself");
  }

  @Test
  void folderIsOpenedByTheUsualName() throws IOException {
    Path file = zip(START + "}" + entry("w", tensor("K\u0004", "K\u0001")) + ".", Map.of());
    Files.move(file, folder.resolve("pytorch_model.bin"));
    try (StoredTensors tensors = StoredTensors.open(folder)) {
      assertThat(tensors.path()).isEqualTo(folder.resolve("pytorch_model.bin"));
    }
  }

  private static void assertRefused(Path file, String reason) {
    assertThatThrownBy(() -> StoredTensors.open(file))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(reason)
        .message()
        .hasLineCount(1);
  }

  /// Sets an entry of the dictionary on top of the stack.
  private static String entry(String name, String value) {
    return text(name) + value + "s";
  }

  /// A view of the four floats of storage 0.
  private static String tensor(String shape, String strides) {
    return "ctorch._utils\n_rebuild_tensor_v2\n(("
        + text("storage")
        + "ctorch\nFloatStorage\n"
        + text("0")
        + text("cpu")
        + "K\u0004tQK\u0000("
        + shape
        + "t("
        + strides
        + "t\u0089ccollections\nOrderedDict\n)RtR";
  }

  private static String text(String value) {
    return "\u008c" + (char) value.length() + value;
  }

  private static String module(String type, String entries) {
    return "c__torch__.models\n" + type + "\n)\u0081}" + entries + "b";
  }

  private Path program(String module) throws IOException {
    return zip(START + module + ".", Map.of("constants.pkl", START + ")."));
  }

  /// A deflated zip as torch.save names its entries.
  private Path zip(String pickle, Map<String, String> more) throws IOException {
    ByteBuffer floats = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    floats.putFloat(0).putFloat(1).putFloat(2).putFloat(3);
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("data.pkl", pickle.getBytes(StandardCharsets.ISO_8859_1));
    entries.put("data/0", floats.array());
    more.forEach((name, value) -> entries.put(name, value.getBytes(StandardCharsets.ISO_8859_1)));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry("archive/" + entry.getKey()));
        zip.write(entry.getValue());
      }
    }
    Path file = folder.resolve("weights.pt");
    Files.write(file, bytes.toByteArray());
    return file;
  }
}
