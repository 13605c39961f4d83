package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelHeadersTest {
  private static final String GOOD =
      """
      # A comment, def nothing(self):

        def first(self, x: Tensor, b: List[Tensor], c: int, d: float, e: bool) -> Tensor:
          y = torch.add(x,
                        x)  # def not(this)
          return y

        # Over several lines.
        def second(
            self,
            f: str,  # a word
            g: List[int],
            h: Optional[Tensor],
            i: Tuple[Tensor, List[Tensor]],
        ) -> Tuple[Tensor, int]:
          return i
        def third(self) -> None:
          _0 = self.first
      """;

  private static List<String> read(String text) throws IOException {
    return KernelHeaders.read(new KernelSource(KernelPart.VISION, "a.py", text)).stream()
        .map(KernelSignature::toString)
        .toList();
  }

  @Test
  void headersAreReadWithAllTheirTypes() throws IOException {
    assertThat(read(GOOD))
        .containsExactly(
            "first(x: Tensor, b: List[Tensor], c: int, d: float, e: bool) -> Tensor",
            "second(f: str, g: List[int], h: Optional[Tensor], i: Tuple[Tensor, List[Tensor]])"
                + " -> Tuple[Tensor, int]",
            "third() -> None");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "  def wrong(self, x: Tensor) -> Tensor: return x",
        "  def wrong(self, x: Tensor):",
        "  def wrong(x: Tensor) -> Tensor:",
        "  def wrong(self, x) -> Tensor:",
        "  def wrong(self, x: Tensor,, y: Tensor) -> Tensor:",
        "  def wrong(self, x: float = 1.) -> Tensor:",
        "  def wrong(self, x: List[str]) -> Tensor:",
        "  def wrong(self, x: Optional[int, int]) -> Tensor:",
        "  def wrong(self, x: Tensor -> Tensor:",
        " def wrong(self) -> Tensor:",
        "    def wrong(self) -> Tensor:",
        "  @wrong",
        "wrong = 1",
      })
  void whatCannotBeReadIsNamedByFileAndLine(String line) {
    assertThatThrownBy(() -> read(GOOD + line + "\n    return x\n"))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("src/main/torchscript/a.py, line 19: '")
        .hasMessageContaining("cannot be read as a kernel; expected");
  }

  @Test
  void aBodyNeedsAHeader() {
    assertThatThrownBy(() -> read("    return x\n"))
        .hasMessageContaining("a.py, line 1: 'return x'");
  }

  @Test
  void noTwoKernelsShareAName() {
    assertThatThrownBy(
            () ->
                KernelSignatures.parse(
                    List.of(
                        new KernelSource(KernelPart.VISION, "a.py", GOOD),
                        new KernelSource(
                            KernelPart.VISION,
                            "b.py",
                            "  def third(self) -> None:\n    _0 = 1\n"))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("b.py: another kernel is named third");
  }

  @ParameterizedTest
  @ValueSource(strings = {"libtorch", "onednn", "onednn,libtorch,onednn"})
  void everyDefinitionOfTheSourcesIsRead(MatrixProducts products) throws IOException {
    List<KernelSource> sources = KernelSource.all(products);
    long definitions =
        sources.stream()
            .flatMap(source -> source.text().lines())
            .filter(line -> line.strip().startsWith("def "))
            .count();
    assertThat(KernelSignatures.parse(sources).all()).hasSize((int) definitions).isNotEmpty();
  }
}
