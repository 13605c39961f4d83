package dev.eosin.qformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.features.ImageFeatures;
import dev.eosin.nn.Part;
import dev.eosin.nn.Weight;
import dev.eosin.tower.ImageSpec;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Names of LAVIS's checkpoints against recorded ones, and full-size models by their shapes.
class QFormerNamesTest {
  private static final ParityCase CASE = ParityCase.open("blip2-stage1");

  /// Keys without biases are not kept: `blocks.0.attn.{q_bias, v_bias} (...)`.
  private static final Pattern PARTS = Pattern.compile("(.*\\.)\\{(\\w+), (\\w+)}.*");

  private static Layout lavis(RecordedAlignment each) {
    return QFormerNames.LAVIS.alignment(Optional.of(each.tower()), each.model());
  }

  private static Map<String, List<Long>> shapes(RecordedAlignment each) {
    return Stream.concat(Stream.<Part>of(each.tower()), each.model().parts().stream())
        .flatMap(part -> part.weights().stream())
        .collect(
            Collectors.toMap(
                Weight::name, weight -> Arrays.stream(weight.shape()).boxed().toList()));
  }

  @Test
  void checkpointsOfLavisAreTheRecordedOnes(@TempDir Path folder) throws IOException {
    Map<?, ?> recorded = new JsonMapper().readValue(CASE.text("lavis_names.json"), Map.class);
    Path written = folder.resolve("lavis.safetensors");
    try (RecordedAlignment each = RecordedAlignment.open(CASE, true, true);
        StoredTensors theirs = StoredTensors.open(CASE.file("model.safetensors"))) {
      StoredTensors own = each.recorded().layout().read(theirs, shapes(each));
      Map<String, TensorData> all = new LinkedHashMap<>();
      for (String name : own.names()) {
        all.put(name, own.entry(name));
      }
      lavis(each).write(all, Map.of()).write(written);
      try (StoredTensors file = StoredTensors.open(written)) {
        int names = 0;
        for (Map.Entry<?, ?> entry : recorded.entrySet()) {
          names += assertSame(theirs, (String) entry.getKey(), file, (String) entry.getValue());
        }
        assertThat(file.names()).hasSize(names);
        StoredTensors again = lavis(each).read(file, shapes(each));
        for (String name : own.names()) {
          assertThat(again.floats(name)).as(name).isEqualTo(own.floats(name));
        }
      }
    }
  }

  /// @return names of the second file
  private static int assertSame(StoredTensors theirs, String name, StoredTensors file, String lavis)
      throws IOException {
    float[] values = theirs.floats(name);
    Matcher parts = PARTS.matcher(lavis);
    if (!parts.matches()) {
      assertThat(file.floats(lavis)).as(lavis).isEqualTo(values);
      return 1;
    }
    int third = values.length / 3;
    assertThat(file.floats(parts.group(1) + parts.group(2)))
        .isEqualTo(Arrays.copyOf(values, third));
    assertThat(file.floats(parts.group(1) + parts.group(3)))
        .isEqualTo(Arrays.copyOfRange(values, 2 * third, values.length));
    return 2;
  }

  @Test
  void biasesOfKeysThatAreNotZeroAreRefused() throws IOException {
    try (StoredTensors theirs = StoredTensors.open(CASE.file("model.safetensors"))) {
      TensorData part = theirs.entry("vision_model.post_layernorm.weight");
      TensorData whole =
          new TensorRule.Stack("x", List.of("a", "b", "c")).read(List.of(part, part, part));
      assertThatThrownBy(() -> new TensorRule.StackAroundZeros("x", "a", "c").write(whole))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("x: the middle third is not zero");
    }
  }

  /// What CLOVER's paper and LAVIS's models count: Q-Former, projection and norm.
  @ParameterizedTest
  @CsvSource({
    "false, 2048, false, 106.7",
    "true, 2048, true, 187.26",
    "true, 4096, true, 188.84",
  })
  void fullSizeModelsHaveThePublishedNumberOfParameters(
      boolean words, int language, boolean norm, String millions) {
    ImageFeatures tower = EvaNames.giant("image", 224);
    int width = tower.tower().spec().hiddenSize();
    Optional<QFormerSpec.Words> read =
        words ? Optional.of(QFormerSpec.Words.BERT_BASE) : Optional.empty();
    QFormer qformer = new QFormer("qformer", QFormerSpec.bertBase(width, read));
    ImageReader reader =
        new ImageReader(
            new ImageNorm("image-norm", width, 1e-6),
            qformer,
            new LanguageProjection("language-projection", qformer.spec().width(), language));
    long count =
        reader.parts().stream()
            .filter(part -> norm || part != reader.norm())
            .flatMap(part -> part.weights().stream())
            .mapToLong(QFormerNamesTest::elements)
            .sum();
    int digits = new BigDecimal(millions).scale();
    assertThat(new BigDecimal(count).movePointLeft(6).setScale(digits, RoundingMode.HALF_UP))
        .isEqualTo(new BigDecimal(millions));
  }

  /// 257 tokens of 1,408 in fp16 are the 724 KB an image that a cache needs.
  @Test
  void theGiantTowerHasAsManyTokensAsBlip2Reads() {
    ImageFeatures tower = EvaNames.giant("image", 224);
    ImageSpec spec = tower.tower().spec();
    assertThat(2 * spec.tokens() * spec.hiddenSize()).isEqualTo(723_712);
  }

  private static long elements(Weight weight) {
    return Arrays.stream(weight.shape()).reduce(1, Math::multiplyExact);
  }
}
