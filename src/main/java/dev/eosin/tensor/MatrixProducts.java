package dev.eosin.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Whose matrix products blocks take in fp32 on a CPU, for each kind of product. Every choice is
/// exact to rounding; the same choice gives the same bits.
///
/// @param forward of x wT, with bias, activation and sum where the library has them in one pass
/// @param inputGradient of d w
/// @param weightGradient of dT x
public record MatrixProducts(Library forward, Library inputGradient, Library weightGradient) {
  public static final MatrixProducts LIBTORCH = all(Library.LIBTORCH);
  public static final MatrixProducts ONEDNN = all(Library.ONEDNN);

  /// Each that can be.
  static final List<MatrixProducts> EVERY =
      Stream.of(Library.values())
          .flatMap(x -> Stream.of(Library.values()).flatMap(d -> with(x, d)))
          .toList();

  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

  /// What multiplies matrices.
  public enum Library {
    /// libtorch's default: MKL on x86.
    LIBTORCH("libtorch's default", ""),
    /// oneDNN, with bias, GELU and sum in the same pass. Faster than MKL on AMD processors, where
    /// MKL holds back (docs/results.md).
    ONEDNN("oneDNN", "_onednn");

    private final String title;
    private final String ending;

    Library(String title, String ending) {
      this.title = title;
      this.ending = ending;
    }

    /// Its name, to be read by people.
    public String title() {
      return title;
    }

    /// As a recipe has it.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static Stream<MatrixProducts> with(Library forward, Library inputGradient) {
    return Stream.of(Library.values())
        .map(weight -> new MatrixProducts(forward, inputGradient, weight));
  }

  private static MatrixProducts all(Library library) {
    return new MatrixProducts(library, library, library);
  }

  /// Reads what [#toString()] writes, and one word for all three.
  ///
  /// @throws IllegalArgumentException when the text names no such libraries
  public static MatrixProducts parse(String text) {
    List<Library> named = Stream.of(text.split(",", -1)).map(word -> library(word, text)).toList();
    return switch (named.size()) {
      case 1 -> all(named.getFirst());
      case 3 -> new MatrixProducts(named.get(0), named.get(1), named.get(2));
      default -> throw unknown(text);
    };
  }

  private static Library library(String word, String text) {
    return Stream.of(Library.values())
        .filter(library -> library.word().equals(word.strip().toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() -> unknown(text));
  }

  private static IllegalArgumentException unknown(String text) {
    return new IllegalArgumentException(
        "'%s' is neither libtorch nor onednn, nor three of these words with commas: of the product, the input's gradient and the weight's gradient"
            .formatted(text));
  }

  /// One word, or three with commas.
  @Override
  public String toString() {
    List<String> words = libraries().map(Library::word).toList();
    return words.stream().distinct().count() == 1 ? words.getFirst() : String.join(",", words);
  }

  /// To be read by people.
  public String told() {
    return libraries().distinct().count() == 1
        ? forward.title
        : "%s; of the input's gradient %s; of the weight's gradient %s"
            .formatted(forward.title, inputGradient.title, weightGradient.title);
  }

  private Stream<Library> libraries() {
    return Stream.of(forward, inputGradient, weightGradient);
  }

  /// Files of `src/main/torchscript`.
  List<String> sources() {
    return List.of(
        "products_forward%s.py".formatted(forward.ending),
        "products_input%s.py".formatted(inputGradient.ending),
        "products_weight%s.py".formatted(weightGradient.ending));
  }

  /// The faster ones on this machine's processor, as far as that is known without a measurement.
  public static MatrixProducts usual(Device device) {
    return switch (device) {
      case Device.Cuda cuda -> LIBTORCH;
      case Device.Cpu() -> usual(description());
    };
  }

  /// The faster ones on a processor.
  ///
  /// @param description of the processor, as Linux gives it in `/proc/cpuinfo`
  static MatrixProducts usual(List<String> description) {
    return description.stream().anyMatch(line -> line.matches("vendor_id\\s*:\\s*AuthenticAMD"))
        ? ONEDNN
        : LIBTORCH;
  }

  /// What this machine's processor is, so that another one is told apart; empty where Linux does
  /// not say.
  public static String processor() {
    return processor(description());
  }

  static String processor(List<String> description) {
    return Stream.of("model name", "cpu family", "model", "stepping")
        .flatMap(
            field ->
                description.stream()
                    .filter(line -> line.matches(field + "\\s*:.*"))
                    .limit(1)
                    .map(line -> line.replaceFirst(".*?:", "").strip()))
        .collect(Collectors.joining(" "));
  }

  private static List<String> description() {
    try {
      return Files.readAllLines(PROCESSOR);
    } catch (IOException e) {
      return List.of(); // not Linux: nothing is known
    }
  }
}
