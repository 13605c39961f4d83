package dev.eosin.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.config.DataException;
import dev.eosin.fetch.FetchFile;
import dev.eosin.fetch.FetchManifest;
import dev.eosin.fetch.FetchManifest.Activation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every manifest that ships is valid and says how its bytes are known.
class CheckpointManifestsTest {
  private static final Path FOLDER = Path.of("checkpoints");

  static Stream<FetchManifest> manifests() throws DataException {
    return FetchManifest.all(FOLDER).values().stream();
  }

  @Test
  void noManifestLiesWhereNobodyLooks() throws IOException {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      assertThat(files.filter(file -> file.toString().endsWith(".yaml")))
          .hasSize((int) manifests().count())
          .allSatisfy(file -> assertThat(file.getParent()).isEqualTo(FOLDER));
    }
    assertThat(manifests().map(FetchManifest::name))
        .contains("openai-vit-b-32", "openai-vit-b-16", "openai-vit-l-14", "plip")
        .contains("pathgen-clip", "pathgen-clip-l", "quiltnet-b-32", "quiltnet-b-16")
        .contains("quiltnet-b-16-pmb", "libtorch-cuda")
        .contains("eva-vit-g", "blip2-qformer", "flan-t5-xl", "vicuna-7b", "bert-base-uncased");
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void everyFileHasAnAddressAndAReasonForItsDigest(FetchManifest manifest) {
    assertThat(manifest.server()).startsWith("https://");
    assertThat(manifest.licence().terms()).endsWith(".");
    for (FetchFile file : manifest.files()) {
      assertThat(file.at(manifest.server())).hasScheme("https");
      assertThat(file.pinnedBy()).hasSizeGreaterThan(30);
    }
  }

  @ParameterizedTest
  @MethodSource("manifests")
  void everyModelCanBeNamed(FetchManifest manifest) {
    if (manifest instanceof FetchManifest.Weights weights) {
      FetchManifest.FetchedModel model = weights.model();
      model
          .preset()
          .ifPresent(
              preset -> {
                String name = ClipPresets.named(preset).activation().name();
                assertThat(model.activation()).isEqualTo(Activation.valueOf(name));
                assertThat(ClipPresets.named(preset).image().height()).isEqualTo(model.imageSize());
              });
      model
          .config()
          .ifPresent(
              config -> {
                assertThat(weights.files()).extracting(FetchFile::name).contains(config);
                assertThat(model.activation()).isEqualTo(Activation.FROM_CONFIG);
              });
      assertThat(model.tokenizer().toLowerCase(Locale.ROOT)).isEqualTo(model.tokenizer());
    }
  }
}
