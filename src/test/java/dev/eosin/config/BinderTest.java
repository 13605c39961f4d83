package dev.eosin.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinderTest {
  @Test
  void aRecipeBecomesItsRecord() {
    Sketch.DrawSettings recipe = Sketch.bind(Sketch.VALID);
    assertThat(recipe.seed()).isEqualTo(42);
    assertThat(recipe.schedule())
        .isEqualTo(new Sketch.Schedule(new Share(0.05), new Steps(20_000)));
    assertThat(recipe.batch()).isEqualTo(new Sketch.Batch(64, 8));
    assertThat(recipe.optimizer())
        .isEqualTo(new Sketch.AdamWSettings(1e-5, List.of(0.9, 0.95), 0.2));
    assertThat(recipe.precision()).isEqualTo(Sketch.Precision.FP32);
    assertThat(recipe.evaluate())
        .containsExactly(
            new Sketch.Measure("tiles", new Steps(5), new Pixels(64)),
            new Sketch.Measure("pairs", new Steps(10), new Pixels(32)));
    assertThat(recipe.prompts().keySet()).containsExactly("tumour", "fat", "adipose");
    assertThat(recipe.prompts())
        .containsEntry("tumour", List.of("An H&E image of {}.", "no"))
        .containsEntry("adipose", List.of("adipose", "fat"));
    assertThat(recipe.dir()).isEqualTo(Path.of("runs/sketch"));
    assertThat(recipe.note()).isEqualTo(Optional.empty());
    assertThat(recipe.threads()).isEqualTo(new CountOrAuto.Auto());
  }

  @Test
  void theKindChoosesTheRecord() {
    assertThat(Binder.bind(Sketch.parse("kind: erase"), Sketch.class))
        .isEqualTo(new Sketch.EraseSettings(true));
    assertThatThrownBy(() -> Binder.bind(Sketch.parse("kind: drew"), Sketch.class))
        .hasMessageContaining("line 1  kind  unknown 'drew'; did you mean 'draw'?");
    assertThatThrownBy(() -> Binder.bind(Sketch.parse("seed: 1"), Sketch.class))
        .hasMessageContaining("line 1  kind  missing key; expected one of draw, erase");
    // A file of another program: everything that is foreign in it is named at once.
    assertThatThrownBy(
            () ->
                Binder.bind(
                    Sketch.parse("seed: 1\nepochs: 3\noptimzer: none\n_component_: x"),
                    Sketch.class))
        .hasMessageContaining("4 problems")
        .hasMessageContaining("epochs")
        .hasMessageContaining("unknown key; did you mean 'optimizer'?")
        .hasMessageContaining("_component_");
  }

  @Test
  void whatIsForeignInsideThePartsOfAnotherProgramsFileIsNamed() {
    String text =
        """
        seed: 1
        schedule: { length: 5 steps, num_warmup_steps: 100 }
        optimizer:
          _component_: torch.optim.AdamW
          lr: 3e-4
          fused: true
        evaluate:
          - { name: tiles, every: 5 steps, dataset: { path: x, split: test } }
        prompts: { whatever: [a class] }
        precision: fp32
        checkpointer:
          _component_: HFCheckpointer
          files: [a, { b: 1 }]
        """;
    String inside =
        """
        line 2   schedule.num_warmup_steps  unknown key
        line 4   optimizer._component_      unknown key
        line 6   optimizer.fused            unknown key
        line 8   evaluate.0.dataset         unknown key, with all in it: path, split
        line 11  checkpointer               unknown key, with all in it: _component_, files, b
        """
            .indent(2)
            .stripTrailing();
    assertThatThrownBy(() -> Binder.bind(Sketch.parse(text), Sketch.class))
        .hasMessage(
            """
            recipes/sketch.yaml: 6 problems, nothing was started
              line 1   kind                       missing key; expected one of draw, erase
            """
                + inside);
    assertThatThrownBy(
            () -> Binder.bind(Sketch.parse(text.replace("seed: 1", "kind: sft")), Sketch.class))
        .hasMessageContaining("unknown 'sft'")
        .hasMessageContaining(inside);
  }

  @Test
  void whatAnOverrideBreaksPointsAtIt() {
    assertThatThrownBy(() -> Sketch.bind(Sketch.VALID, "batch.global=12"))
        .hasMessageContaining(
            "line 7  batch.micro  8 does not divide 12 (beside the override global)");
    assertThatThrownBy(() -> Sketch.bind(Sketch.VALID, "batch.micro=5"))
        .hasMessageContaining("override  batch.micro  5 does not divide 64")
        .hasMessageNotContaining("beside");
  }

  @Test
  void aChoiceWithoutSettingsMayBeGivenByItsBareName() {
    String text = Sketch.VALID.replaceAll("optimizer: .*", "optimizer: none");
    assertThat(Sketch.bind(text).optimizer()).isEqualTo(new Sketch.NoneSettings());
    assertThatThrownBy(
            () -> Sketch.bind(Sketch.VALID.replaceAll("optimizer: .*", "optimizer: sgd")))
        .hasMessageContaining("line 8  optimizer.lr  missing key; expected a number");
  }

  @Test
  void everyProblemIsReportedAtOnce() {
    String text =
        """
        kind: draw
        seed: 4.5
        schedule: { warmpu: 3 %, length: 20_000 }
        batch: { global: 0 }
        optimizer: { type: adamw, lr: fast, betas: [0.9, 1.0] }
        evaluate: [ { name: 5, every: [] } ]
        precision: fp23
        threads:
        prompts: { fat: adipose }
        dir: ${NOWHERE}/x
        """;
    assertThatThrownBy(() -> Sketch.bind(text, "batch.micro=many"))
        .isInstanceOf(RecipeException.class)
        .hasMessage(
            """
            recipes/sketch.yaml: 13 problems, nothing was started
              override  batch.micro        'many' is not a number
              line 2    seed               '4.5' is not a whole number
              line 3    schedule.warmpu    unknown key; did you mean 'warmup'?
              line 3    schedule.length    '20_000' has no unit; write e.g. '20_000 steps'
              line 4    batch.global       '0' is out of range; expected at least 1
              line 5    optimizer.lr       'fast' is not a number
              line 5    optimizer.betas.1  '1.0' is out of range; expected at least 0 and below 1
              line 6    evaluate.0.name    found a number, expected text; write "5"
              line 6    evaluate.0.every   found a list, expected e.g. '500 steps'
              line 7    precision          'fp23' is not one of fp32, bf16, auto; did you mean 'fp32'?
              line 8    threads            has no value; expected e.g. 'auto' or '4'
              line 9    prompts.fat        found 'adipose', expected a list
              line 10   dir                the environment variable 'NOWHERE' is not set""");
  }

  @Test
  void aRecordsOwnChecksAreReportedAtTheirKeys() {
    assertThatThrownBy(() -> Sketch.bind(Sketch.VALID.replace("micro: 8", "micro: 7")))
        .hasMessageContaining("line 7  batch.micro  7 does not divide 64");
    assertThatThrownBy(
            () -> Sketch.bind(Sketch.VALID.replace("length: 20_000", "warmup: 9 steps, length: 8")))
        .hasMessageContaining("line 4  schedule.warmup  longer than the run");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "010 | has a leading zero",
        "1e3 | is not a whole number; write 1000",
        "64.0 | is not a whole number; write 64",
        "0x40 | is not a number",
        "99999999999999999999 | does not fit",
        "9999999999 | is out of range",
        "\"64\" | found text in quotes, expected a whole number",
        "yes | is not a number",
        "-1 | is out of range; expected at least 1",
        "~ | has no value; expected a whole number",
        "{} | found a map, expected a whole number",
        "1__0 | is not a number",
      })
  void wholeNumbersAreExactOrRefused(String value, String message) {
    assertThatThrownBy(() -> Sketch.bind(Sketch.VALID.replace("global: 64", "global: " + value)))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("batch.global")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({"1e-5,1e-5", "1.0e-5,1e-5", "1,1", "1_000.5,1000.5", ".5,0.5", "+2E3,2000"})
  void decimalNumbersAreReadInEveryUsualForm(String value, double number) {
    Sketch.DrawSettings recipe = Sketch.bind(Sketch.VALID.replace("lr: 1e-5", "lr: " + value));
    assertThat(((Sketch.AdamWSettings) recipe.optimizer()).lr()).isEqualTo(number);
  }

  @ParameterizedTest
  @CsvSource({
    ".nan,is not a finite number", ".inf,is not a finite number", "NaN,is not a finite number",
    "1e999,is too large", "1e-999,is too close to zero", "9007199254740993,has more digits",
    "01.5,has a leading zero", "'1,5',is not a number", "1e,is not a number"
  })
  void numbersThatADoubleCannotHoldAreRefused(String value, String message) {
    String text = Sketch.VALID.replaceAll("optimizer: .*", "optimizer: { type: sgd, lr: x }");
    assertThatThrownBy(() -> Sketch.bind(text, "optimizer.lr=" + value))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining(message);
  }

  @Test
  void onlyTrueAndFalseAreBooleans() {
    for (String word : List.of("yes", "no", "on", "off", "1", "\"true\"", "y")) {
      RecipeFile file = Sketch.parse("kind: erase\ngently: " + word);
      assertThatThrownBy(() -> Binder.bind(file, Sketch.class))
          .hasMessageContaining("line 2  gently")
          .hasMessageContaining("true or false");
    }
    assertThat(Binder.bind(Sketch.parse("kind: erase\ngently: false"), Sketch.class))
        .isEqualTo(new Sketch.EraseSettings(false));
  }

  @Test
  void referencesAreExpandedInTextAndPathsOnly() {
    assertThat(Sketch.bind(Sketch.VALID, "dir=${EOSIN_SHARED}/data").dir())
        .isEqualTo(Path.of("../shared/data"));
    assertThat(Sketch.bind(Sketch.VALID, "dir=${HOME}/x").dir()).isEqualTo(Path.of("/home/ada/x"));
    assertThat(Sketch.bind(Sketch.VALID, "note=$${HOME} costs 5$").note())
        .contains("${HOME} costs 5$");
    assertThatThrownBy(() -> Sketch.bind(Sketch.VALID, "note=${oops"))
        .hasMessageContaining("write '$${' for the characters themselves");
    assertThatThrownBy(() -> Sketch.bind(Sketch.VALID, "dir=~/x"))
        .hasMessageContaining("write '${HOME}'");
    assertThatThrownBy(() -> Sketch.bind(Sketch.VALID, "seed=${HOME}"))
        .hasMessageContaining("is not a number");
  }

  @Test
  void aMergeKeyIsExplained() {
    assertThatThrownBy(() -> Sketch.bind(Sketch.VALID.replace("micro: 8", "<<: { micro: 8 }")))
        .hasMessageContaining("line 7  batch.<<  merge keys are not part of YAML 1.2");
  }

  @Test
  void settingRecordsWithUnusableComponentsAreAMistakeInTheProgram() {
    record Floating(float value) {}
    record Reserved(String type) {}
    assertThatThrownBy(() -> Binder.bind(Sketch.parse("value: 1"), Floating.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("float");
    assertThatThrownBy(() -> Binder.bind(Sketch.parse("type: x"), Reserved.class))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'type'");
  }
}
