package dev.eosin.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonSchemaTest {
  private static final JsonNode TEXT = JsonSchema.of(Sketch.class, "A sketch");
  private final com.networknt.schema.JsonSchema schema =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(TEXT);

  @Test
  void aValidRecipePasses() {
    assertThat(problems(Sketch.VALID)).isEmpty();
    assertThat(problems("kind: erase\ngently: false")).isEmpty();
    assertThat(problems(Sketch.VALID.replaceAll("optimizer: .*", "optimizer: none"))).isEmpty();
    assertThat(problems(Sketch.VALID.replace("global: 64", "global: 1_024"))).isEmpty();
    assertThat(problems(Sketch.VALID + "threads: 4\nnote: ~\n")).isEmpty();
    assertThat(problems(ResolvedRecipe.of(Sketch.bind(Sketch.VALID), Sketch.class).text()))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kind: draw | kind: drew",
        "kind: draw | a: 1",
        "seed: 42 | seed: x",
        "seed: 42 | seed: 4.5",
        "seed: 42 | sed: 42",
        "20_000 steps | 20_000",
        "20_000 steps | 020 steps",
        "global: 64 | global: 0",
        "micro: 8 | micro: 65",
        "type: adamw | type: adam",
        "type: adamw, lr: 1e-5 | type: adamw",
        "type: adamw | typ: adamw",
        "0.95] | 1.0]",
        "32 px | 32",
        "[adipose, fat] | adipose",
        "seed: 42 | threads: many",
      })
  void aWrongRecipeFails(String right, String wrong) {
    assertThat(problems(Sketch.VALID.replace(right, wrong))).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"batch: { micro: 2 }", "optimizer: { lr: 1 }", "optimizer: { type: sgd }", ""})
  void aRecipeThatExtendsMayLeaveOutKeysAtEveryDepth(String own) {
    assertThat(problems("extends: base.yaml\n" + own)).isEmpty();
    assertThat(problems("extends: base.yaml\nbatch: { mikro: 2 }")).isNotEmpty();
    assertThat(problems("extends: base.yaml\nevaluate: [ { name: x } ]")).isNotEmpty();
  }

  @Test
  void keysCarryTheirDescriptionAndDefault() {
    JsonNode draw = TEXT.at("/else/oneOf/0/properties");
    assertThat(draw.at("/seed/description").asText()).isEqualTo("The random seed.");
    assertThat(draw.at("/precision/default").asText()).isEqualTo("fp32");
    assertThat(draw.at("/mean/default/1").asDouble()).isEqualTo(0.25);
    assertThat(draw.at("/optimizer/default").toString())
        .isEqualTo("{\"type\":\"adamw\",\"lr\":0.001,\"betas\":[0.9,0.98],\"weight-decay\":0.2}");
  }

  @Test
  void whatTheBinderAcceptsTheSchemaAccepts() {
    Random random = new Random(11);
    int accepted = 0;
    for (int round = 0; round < 1_500; round++) {
      String text = RecipeMutationTest.mutated(Sketch.VALID, random);
      try {
        Sketch.bind(text);
      } catch (RecipeException | ClassCastException refused) {
        continue;
      }
      accepted++;
      assertThat(problems(text)).as(text).isEmpty();
    }
    assertThat(accepted).isGreaterThan(30);
  }

  @Test
  void twoTypesOfOneNameAreRefused() {
    record Holder(Schedule one, Sketch.Schedule two) {}
    assertThatThrownBy(() -> JsonSchema.of(Holder.class, "x"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("need different names");
  }

  private Set<ValidationMessage> problems(String text) {
    Tree root = YamlReader.read(text, line -> new Place.Default(), "", new Problems(Sketch.FILE));
    return schema.validate(JsonTree.of(Objects.requireNonNull(root)));
  }

  record Schedule(int length) {}
}
