package dev.eosin.recipe.openclip;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every flag that open_clip's own parser declares: known, with its default, and never without a
/// trace in what is made of it.
class OpenClipFlagsTest {
  /// Commands that each leave out what the other has, as a flag may count only beside another.
  private static final List<String> COMMANDS =
      List.of(
          "--train-data a.csv --train-num-samples 64000 --warmup 9 --val-data b.csv"
              + " --lr-scheduler const-cooldown --epochs-cooldown 2 --lock-image --lock-text"
              + " --pretrained openai --distill-model ViT-L-14 --distill-pretrained openai",
          "--train-data a.tar --train-num-samples 64000 --warmup 9 --model ViT-B-32",
          "--train-data a.tar --warmup 9 --model ViT-B-32 --distill-pretrained openai",
          "--train-data a.tar --warmup 9 --model ViT-B-32 --distill-model ViT-L-14");

  /// A row of the recording.
  ///
  /// @param values how many words follow it: none, one or several
  record Flag(String name, String kind, String values, String orElse, List<String> choices) {
    /// A value other than the default, as it follows the flag.
    String example() {
      return switch (name) {
        case "aug-cfg" -> " gray_scale_prob=0.2";
        case "image-mean", "image-std" -> " 0.4 0.5 0.6";
        case "force-patch-dropout" -> " 0.3";
        case "pretrained" -> " weights/mine.pt";
        case "model", "distill-model" -> " ViT-B-16";
        case "distill-pretrained" -> " weights/teacher.pt";
        case "device" -> " cpu";
        case "dataset-type" -> " synthetic";
        case "image-interpolation" -> " bilinear";
        default -> ofKind();
      };
    }

    private String ofKind() {
      return switch (kind) {
        case "switch" -> "";
        case "int" -> " 7";
        case "float" -> " 0.125";
        default ->
            choices.stream()
                .filter(choice -> !choice.equals(orElse))
                .findFirst()
                .map(choice -> " " + choice)
                .orElse(" other");
      };
    }
  }

  static Stream<Flag> flags() throws IOException {
    try (var in =
        Objects.requireNonNull(
            OpenClipFlagsTest.class.getResourceAsStream("/open-clip-flags/flags.tsv"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .skip(1)
              .map(line -> line.split("\t", -1))
              .map(
                  cells ->
                      new Flag(
                          cells[0],
                          cells[1],
                          cells[2],
                          cells[3].replace("\\t", "\t"),
                          cells[4].isEmpty() ? List.of() : Arrays.asList(cells[4].split(","))))
              .toList()
              .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("flags")
  void isKnownOnceAndAsItIsDeclared(Flag flag) {
    assertThat(OpenClipFlags.all()).containsOnlyOnce(flag.name);
    assertThat(OpenClipFlags.takesSeveral(flag.name)).isEqualTo(flag.values.equals("several"));
    OpenClipFlags.orElse(flag.name).ifPresent(value -> assertThat(value).isEqualTo(flag.orElse));
    boolean explained =
        OpenClipFlags.needless(flag.name).or(() -> OpenClipFlags.missing(flag.name)).isPresent();
    assertThat(explained || flag.orElse.isEmpty() || OpenClipFlags.orElse(flag.name).isPresent())
        .as("a flag that is translated has open_clip's default")
        .isTrue();
  }

  @ParameterizedTest
  @MethodSource("flags")
  void isTranslatedOrNamed(Flag flag) {
    String added = " --" + flag.name + flag.example();
    Optional<String> trace =
        COMMANDS.stream()
            .filter(command -> !imported(command).equals(imported(command + added)))
            .findFirst();
    assertThat(trace).as("a command that '%s' makes a difference to", added).isPresent();
    COMMANDS.forEach(command -> assertThat(imported(command + added)).doesNotContain("is no flag"));
  }

  /// The recipe below the command, which stands at its head.
  private static String imported(String command) {
    return OpenClipImport.of(OpenClipCommand.parse(command), "").yaml();
  }
}
