package dev.eosin.language;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.language.spec.LanguageConfig;
import dev.eosin.language.spec.LanguageSpec;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.nn.Weight;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Full-size models from what their makers publish: every option is known, and shapes alone give
/// the published number of parameters. Nothing is allocated.
class PublishedSizesTest {
  private static final Path FOLDER = Path.of("src/test/resources/language/published");

  @ParameterizedTest
  @CsvSource({
    "flan-t5-xl, 2849757184",
    "vicuna-7b-v1.5, 6738415616",
    "opt-2.7b, 2651596800",
    "llama-3.1-8b, 8030261248",
    "mistral-7b-v0.1, 7241732096",
    "qwen2.5-7b, 7615616512",
    "smollm2-135m, 134515008"
  })
  void shapesGiveThePublishedNumberOfParameters(String name, long published) throws IOException {
    LanguageSpec spec = LanguageConfig.read(FOLDER.resolve(name + ".json")).spec();
    assertThat(weights(spec).stream().mapToLong(PublishedSizesTest::elements).sum())
        .isEqualTo(published);
  }

  private static List<Weight> weights(LanguageSpec spec) {
    return switch (spec) {
      case LlamaSpec llama -> Llama.of("decoder", llama).weights();
      case OptSpec opt -> Opt.of("decoder", opt).weights();
      case T5Spec t5 -> new T5("t5", t5).weights();
    };
  }

  private static long elements(Weight weight) {
    return Arrays.stream(weight.shape()).reduce(1, Math::multiplyExact);
  }
}
