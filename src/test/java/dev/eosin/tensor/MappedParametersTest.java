package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Parameters that lie in a file which is mapped to be read: a write that reached one would end
/// this process.
class MappedParametersTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final float[] VALUES = {1, -2, 3, 0.5f, -0.25f, 8};
  private static final ParameterSet.Spec MAPPED = spec("mapped", false);
  private static final ParameterSet.Spec TRAINED = spec("trained", true);

  @TempDir Path folder;

  private static ParameterSet.Spec spec(String name, boolean trainable) {
    return new ParameterSet.Spec(name, new long[] {2, 3}, trainable, false);
  }

  private MemorySegment map(Arena arena) throws IOException {
    Path file = folder.resolve("values");
    ByteBuffer bytes = ByteBuffer.allocate(4 * VALUES.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(VALUES);
    Files.write(file, bytes.array());
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    }
  }

  private MappedTensors tensors(String name, Arena arena, Runnable release) throws IOException {
    MemorySegment memory = map(arena);
    return new MappedTensors(
        Map.of(name, ENGINE.mapped(memory, DType.FLOAT32, memory, 2, 3)), release);
  }

  @Test
  void standInTheOrderOfTheSpecsAmongAllocatedOnes() throws IOException {
    long before = ENGINE.openTensors();
    var released = new AtomicInteger();
    List<ParameterSet.Spec> specs = List.of(spec("first", true), MAPPED, TRAINED);
    try (Arena arena = Arena.ofConfined()) {
      MappedTensors tensors = tensors("mapped", arena, released::incrementAndGet);
      ParameterSet set = ParameterSet.allocate(ENGINE, specs, DType.BFLOAT16, List.of(tensors));
      assertThat(set.all())
          .extracting(Parameter::name)
          .containsExactly("first", "mapped", "trained");
      assertThat(set.saved()).extracting(Parameter::name).containsExactly("first", "trained");
      assertThat(set.trainable()).extracting(Parameter::name).containsExactly("first", "trained");
      Parameter mapped = set.get("mapped");
      assertThat(mapped.mapped()).isTrue();
      assertThat(mapped.shadowed()).isFalse();
      assertThat(mapped.data().dtype()).isEqualTo(DType.FLOAT32);
      assertThat(mapped.data().toFloats()).isEqualTo(VALUES);
      assertThat(set.get("first").data().dtype()).isEqualTo(DType.BFLOAT16);
      assertThat(set.get("first").saved()).isTrue();
      assertThat(set.count()).isEqualTo(18);
      set.close();
      assertThat(released).hasValue(1);
      set.close();
      assertThat(released).as("released once").hasValue(1);
      assertThatThrownBy(() -> mapped.data().toFloats()).hasMessageContaining("closed");
    }
    assertThat(ENGINE.openTensors()).isEqualTo(before);
  }

  @Test
  void mustFitTheirSpecs() throws IOException {
    try (Arena arena = Arena.ofConfined();
        MappedTensors tensors = tensors("mapped", arena, () -> {})) {
      assertRefused(List.of(spec("mapped", true)), List.of(tensors), "mapped is used in place");
      assertRefused(List.of(TRAINED), List.of(tensors), "no parameter is named mapped");
      assertRefused(List.of(MAPPED), List.of(tensors, tensors), "mapped is mapped twice");
      assertRefused(List.of(MAPPED, MAPPED), List.of(tensors), "two parameters are named mapped");
      var other = new ParameterSet.Spec("mapped", new long[] {3, 2}, false, false);
      assertRefused(List.of(other), List.of(tensors), "mapped has shape [3, 2]", "have [2, 3]");
    }
  }

  private static void assertRefused(
      List<ParameterSet.Spec> specs, List<MappedTensors> tensors, String... reasons) {
    assertThatThrownBy(() -> ParameterSet.allocate(ENGINE, specs, DType.FLOAT32, tensors).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(reasons);
  }

  /// Each with the mapped tensor in each place that the kernel writes.
  @TestFactory
  Stream<DynamicTest> writesAreRefused() {
    return Stream.of(
        refused("assign", (set, mapped, other) -> set.assign("mapped", other)),
        refused("fill", (set, mapped, other) -> set.fill("mapped", () -> 1)),
        kernel("assign", (mapped, other) -> new Object[] {mapped, other}),
        kernel("assign_all", (mapped, other) -> new Object[] {List.of(mapped), List.of(other)}),
        kernel("lerp_all", (mapped, other) -> new Object[] {List.of(mapped), List.of(other), 0.5}),
        kernel("exchange_all", (mapped, other) -> new Object[] {List.of(mapped), List.of(other)}),
        kernel("exchange_all", (mapped, other) -> new Object[] {List.of(other), List.of(mapped)}),
        kernel("accumulate", (mapped, other) -> new Object[] {mapped, other}),
        kernel("accumulate_all", (mapped, other) -> new Object[] {List.of(mapped), List.of(other)}),
        kernel("clamp", (mapped, other) -> new Object[] {mapped, -1.0, 1.0}),
        kernel("fill", (mapped, other) -> new Object[] {mapped, 1.0}),
        kernel("increment", (mapped, other) -> new Object[] {mapped}),
        kernel("write_rows", (mapped, other) -> new Object[] {mapped, 0, other}),
        kernel("adamw", (mapped, other) -> adamw(0, mapped, other)),
        kernel("adamw", (mapped, other) -> adamw(1, mapped, other)),
        kernel("adamw", (mapped, other) -> adamw(2, mapped, other)),
        kernel("adamw", (mapped, other) -> adamw(3, mapped, other)),
        kernel("adamw", (mapped, other) -> adamw(5, mapped, other)));
  }

  private static Object[] adamw(int place, Tensor mapped, Tensor other) {
    var lists = new ArrayList<Object>();
    for (int i = 0; i < 7; i++) {
      lists.add(List.of(i == place ? mapped : other));
    }
    lists.addAll(List.of(other, 0.1, 0.9, 0.98, 1e-6, 0.2));
    return lists.toArray();
  }

  private interface Write {
    void into(ParameterSet set, Tensor mapped, Tensor other);
  }

  private interface Arguments {
    Object[] of(Tensor mapped, Tensor other);
  }

  private DynamicTest kernel(String name, Arguments arguments) {
    return refused(
        "kernel " + name,
        (set, mapped, other) -> ENGINE.kernels().run(name, arguments.of(mapped, other)));
  }

  private DynamicTest refused(String how, Write write) {
    return DynamicTest.dynamicTest(
        how,
        () -> {
          try (Arena arena = Arena.ofConfined();
              Tensor other = ENGINE.zeros(DType.FLOAT32, 2, 3);
              ParameterSet set =
                  ParameterSet.allocate(
                      ENGINE,
                      List.of(MAPPED),
                      DType.FLOAT32,
                      List.of(tensors("mapped", arena, () -> {})))) {
            Tensor mapped = set.get("mapped").data();
            assertThatThrownBy(() -> write.into(set, mapped, other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("used in place");
            assertThat(mapped.toFloats()).isEqualTo(VALUES);
            assertThat(other.toFloats()).containsOnly(0);
          }
        });
  }

  private static Tensor only(MappedTensors tensors) {
    return List.copyOf(tensors.tensors().values()).getFirst();
  }

  @Test
  void theirMemoryCanOnlyBeRead() throws IOException {
    try (Arena arena = Arena.ofConfined();
        MappedTensors tensors = tensors("mapped", arena, () -> {})) {
      MemorySegment memory = only(tensors).segment();
      assertThatThrownBy(() -> memory.set(ValueLayout.JAVA_FLOAT, 0, 7))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(memory.get(ValueLayout.JAVA_FLOAT, 0)).isEqualTo(1);
    }
  }

  @Test
  void theyMayBeRead() throws IOException {
    try (Arena arena = Arena.ofConfined();
        Tensor to = ENGINE.zeros(DType.FLOAT32, 2, 3);
        MappedTensors tensors = tensors("mapped", arena, () -> {})) {
      ENGINE.kernels().run("assign", to, only(tensors));
      assertThat(to.toFloats()).isEqualTo(VALUES);
    }
  }

  @Test
  void everyKernelThatWritesItsArgumentsIsKnown() throws IOException {
    var withoutResult = Pattern.compile("def (\\w+)\\(self, .*\\) -> None:");
    var names = new ArrayList<String>();
    try (Stream<Path> sources = Files.list(Path.of("src/main/torchscript"))) {
      for (Path source : sources.toList()) {
        withoutResult
            .matcher(Files.readString(source))
            .results()
            .forEach(m -> names.add(m.group(1)));
      }
    }
    names.remove("factored"); // of lean.py alone; appends to a list
    assertThat(names)
        .contains("adamw", "assign", "write_rows")
        .allMatch(name -> WrittenArguments.count(name) < Integer.MAX_VALUE);
    assertThat(WrittenArguments.count("of which nothing is known")).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void keepTheOwnerOfTheirMemoryReachable() throws IOException {
    ParameterSet set =
        ParameterSet.allocate(
            ENGINE,
            List.of(MAPPED),
            DType.FLOAT32,
            List.of(tensors("mapped", Arena.ofAuto(), () -> {})));
    MemorySegment memory = map(Arena.ofAuto());
    WeakReference<Object> lost = new WeakReference<>(memory);
    Tensor tensor = ENGINE.mapped(memory, DType.FLOAT32, memory, 2, 3);
    memory = MemorySegment.NULL;
    System.gc();
    assertThat(lost.get()).as("the tensor is open").isNotNull();
    assertThat(set.get("mapped").data().toFloats()).isEqualTo(VALUES);
    Reference.reachabilityFence(set);
    set.close();
    tensor.close();
    System.gc();
    assertThat(lost.get()).as("the tensor is closed").isNull();
    assertThat(memory).isEqualTo(MemorySegment.NULL);
  }
}
