package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KernelTextsTest {
  private static final Pattern CALL = Pattern.compile("self\\.(\\w+)\\(");

  private static final KernelSource IMAGES =
      new KernelSource(
          KernelPart.VISION,
          "a.py",
          """
          # Of blocks.
            def scaled(self, x: Tensor) -> Tensor:
              return torch.mul(x, 2)  # twice, by self.nobody(x)

            # Not called by the other.
            def alone(self) -> None:
              _0 = 1

            def twice(
                self,
                x: Tensor) -> Tensor:
              return self.scaled(self.scaled(x))
          """);

  private static final KernelSource WORDS =
      new KernelSource(
          KernelPart.LANGUAGE,
          "b.py",
          """
            def generated(self, x: Tensor) -> Tensor:
              return self.twice(x)
          """);

  @Test
  void aPartHasWhatItsKernelsCallOfTheOther() {
    var texts = new KernelTexts(List.of(IMAGES, WORDS));
    assertThat(texts.of(KernelPart.LANGUAGE))
        .containsExactly(
            "  def scaled(self, x: Tensor) -> Tensor:\n    return torch.mul(x, 2)",
            "  def twice(\n      self,\n      x: Tensor) -> Tensor:\n    return self.scaled(self.scaled(x))",
            "  def generated(self, x: Tensor) -> Tensor:\n    return self.twice(x)");
    assertThat(texts.of(KernelPart.VISION))
        .hasSize(3)
        .noneMatch(text -> text.contains("generated"));
    assertThat(texts.parts())
        .containsOnlyKeys("generated", "scaled", "alone", "twice")
        .containsEntry("twice", KernelPart.VISION)
        .containsEntry("generated", KernelPart.LANGUAGE);
  }

  @ParameterizedTest
  @EnumSource
  void noKernelOfAPartCallsOneThatIsNotThere(KernelPart part) throws IOException {
    List<String> kernels = new KernelTexts(KernelSource.all(MatrixProducts.ONEDNN)).of(part);
    Set<String> there = new HashSet<>();
    Set<String> called = new HashSet<>();
    for (String kernel : kernels) {
      there.add(kernel.substring("  def ".length(), kernel.indexOf('(')));
      CALL.matcher(kernel).results().forEach(call -> called.add(call.group(1)));
    }
    assertThat(called).isNotEmpty();
    assertThat(there).containsAll(called);
  }

  /// What a training of images and captions waits for.
  @Test
  void nothingOfImagesNeedsLanguage() throws IOException {
    List<KernelSource> sources = KernelSource.all(MatrixProducts.ONEDNN);
    var texts = new KernelTexts(sources);
    var expected = new ArrayList<String>();
    for (KernelSource source : sources) {
      if (source.part() == KernelPart.VISION) {
        KernelHeaders.read(source).forEach(kernel -> expected.add(kernel.name()));
      }
    }
    assertThat(texts.of(KernelPart.VISION))
        .extracting(kernel -> kernel.substring("  def ".length(), kernel.indexOf('(')))
        .containsExactlyElementsOf(expected);
  }

  /// libtorch reads both parts, every kernel of either.
  @Test
  void libtorchCompilesEveryPart() {
    Engine engine = Engine.start(Device.CPU, 1);
    engine.compileKernels();
    try (Tensor zeros = engine.zeros(DType.FLOAT32, 2)) {
      assertThat(zeros.toFloats()).containsExactly(0, 0);
    }
  }
}
