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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  /// What training scripts put beside the weights: their arguments, numpy's numbers, paths, classes
  /// of their own.
  @Test
  void objectsBesideTheWeightsArePassedOver() throws IOException {
    String namespace = "cargparse\nNamespace\n)\u0081}" + entry("lr", "G\0\0\0\0\0\0\0\0") + "b";
    String dtype =
        "cnumpy\ndtype\n(" + text("f8") + "\u0089\u0088tR(K\u0003" + text("<") + "NNNJ\0\0\0\0tb";
    String number =
        "cnumpy._core.multiarray\nscalar\n("
            + dtype
            + ("c_codecs\nencode\n(" + text("12345678") + text("latin1") + "tR")
            + "tR";
    String path = "cpathlib\nPosixPath\n(" + text("/") + text("data") + "tR";
    String counts = "ccollections\ndefaultdict\n(c__builtin__\nint\ntR(" + text("a") + "K\u0001u";
    String settings = "c__main__\nSettings\n)}\u0092}" + entry("deep", namespace) + "b";
    String things =
        entry("args", namespace)
            + entry("best", number)
            + entry("data", path)
            + entry("counts", counts)
            + entry("settings", settings);
    String weights = entry("w", tensor("K\u0004", "K\u0001"));
    for (String root : new String[] {things + weights, things + entry("model", "}" + weights)}) {
      try (StoredTensors tensors = StoredTensors.open(zip(START + "}" + root + ".", Map.of()))) {
        assertThat(tensors.floats("w")).containsExactly(0, 1, 2, 3);
        assertThat(tensors.beside()).contains("args", "best", "data", "counts", "settings");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "os, system",
    "posix, system",
    "subprocess, Popen",
    "builtins, eval",
    "__builtin__, getattr",
    "sys, exit",
    "importlib, import_module",
    "runpy, run_path",
    "torch, load",
    "torch.hub, load",
    "torch.storage, _load_from_bytes",
    "numpy.testing._private.utils, runstring",
    "shutil, rmtree",
    "operator, attrgetter",
    "io, open",
    "__torch__.models, Model"
  })
  void namesThatReachProgramsFilesOrTheInterpreterAreRefusedWhereverTheyStand(
      String module, String name) throws IOException {
    String hostile = "c" + module + "\n" + name + "\n(" + text("x") + "tR";
    String weights = entry("w", tensor("K\u0004", "K\u0001"));
    Path beside = zip(START + "}" + weights + entry("args", hostile) + ".", Map.of());
    assertRefused(beside, "the pickle asks for '" + module + "." + name + "'");
    String within = "cargparse\nNamespace\n)\u0081}" + entry("f", hostile) + "b";
    assertRefused(
        zip(START + "}" + weights + entry("args", within) + ".", Map.of()),
        "the pickle asks for '" + module + "." + name + "'");
  }

  @Test
  void weightsThatAreObjectsAreNotPassedOver() throws IOException {
    String plain = entry("w", tensor("K\u0004", "K\u0001"));
    String odd = "ctorch._utils\n_rebuild_sparse_tensor\n(K\u0000tR";
    assertRefused(
        zip(START + "}" + plain + entry("v", odd) + ".", Map.of()),
        "tensor 'v' is made by 'torch._utils._rebuild_sparse_tensor', which is not read");
    String wrapped = "cmine\nTensor\n(" + tensor("K\u0004", "K\u0001") + "tR";
    assertRefused(
        zip(START + "}" + plain + entry("v", wrapped) + ".", Map.of()),
        "tensor 'v' is made by 'mine.Tensor'");
    String model = "copen_clip.model\nCLIP\n)\u0081}" + plain + "b";
    assertRefused(
        zip(START + model + ".", Map.of()), "holds an object of 'open_clip.model.CLIP', no dict");
    assertRefused(
        zip(START + "}" + entry("model", model) + ".", Map.of()),
        "holds an object of 'open_clip.model.CLIP' under model, not its weights");
    String subclass = "cmine\nDict\n)\u0081(" + plain.substring(0, plain.length() - 1) + "u";
    assertRefused(
        zip(START + "}" + entry("state_dict", subclass) + ".", Map.of()),
        "holds an object of 'mine.Dict' under state_dict");
  }

  @Test
  void theOnlyDictionaryOfTensorsIsTheWeightsWhateverItsName() throws IOException {
    String weights = "}" + entry("w", tensor("K\u0004", "K\u0001"));
    Path one = zip(START + "}" + entry("epoch", "K\u0001") + entry("net", weights) + ".", Map.of());
    try (StoredTensors tensors = StoredTensors.open(one)) {
      assertThat(tensors.names()).containsExactly("w");
    }
    assertRefused(
        zip(START + "}" + entry("ema", weights) + entry("net", weights) + ".", Map.of()),
        "has weights under ema and under net; save the wanted ones alone");
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
