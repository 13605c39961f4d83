package dev.eosin.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OverrideTest {
  @Test
  void everyFieldCanBeOverridden() {
    Sketch.DrawSettings recipe =
        Sketch.bind(
            Sketch.VALID,
            "schedule.length=8 steps",
            "schedule.warmup=2 steps",
            "batch.global=16",
            "evaluate.0.every=7 steps",
            "evaluate[1].tile=16 px",
            "prompts.tumour.1=yes",
            "prompts.\"a.b\"=[x, 'y: z']",
            "optimizer.betas.0=0.5",
            "note=5: a remark #1",
            "mean.1=0.75",
            "threads=3",
            "precision=auto");
    assertThat(recipe.schedule()).isEqualTo(new Sketch.Schedule(new Steps(2), new Steps(8)));
    assertThat(recipe.batch()).isEqualTo(new Sketch.Batch(16, 8));
    assertThat(recipe.evaluate().get(0).every()).isEqualTo(new Steps(7));
    assertThat(recipe.evaluate().get(1).tile()).isEqualTo(new Pixels(16));
    assertThat(recipe.prompts())
        .containsEntry("tumour", List.of("An H&E image of {}.", "yes"))
        .containsEntry("a.b", List.of("x", "y: z"));
    assertThat(recipe.optimizer())
        .isEqualTo(new Sketch.AdamWSettings(1e-5, List.of(0.5, 0.95), 0.2));
    assertThat(recipe.note()).contains("5: a remark #1");
    assertThat(recipe.mean()).containsExactly(0.5, 0.75);
    assertThat(recipe.threads()).isEqualTo(new CountOrAuto.Count(3));
    assertThat(recipe.precision()).isEqualTo(Sketch.Precision.CHOOSE);
  }

  @Test
  void anotherTypeReplacesTheWholeChoiceWhateverTheOrder() {
    assertThat(Sketch.bind(Sketch.VALID, "optimizer.lr=0.5", "optimizer.type=sgd").optimizer())
        .isEqualTo(new Sketch.SgdSettings(0.5));
    assertThat(Sketch.bind(Sketch.VALID, "optimizer.type=adamw").optimizer())
        .isEqualTo(new Sketch.AdamWSettings(1e-5, List.of(0.9, 0.95), 0.2));
    assertThat(Sketch.bind(Sketch.VALID, "optimizer={ type: sgd, lr: 3 }").optimizer())
        .isEqualTo(new Sketch.SgdSettings(3));
  }

  @Test
  void aDefaultCanBeOverriddenInPart() {
    String text = Sketch.VALID.replaceAll("optimizer: .*\n", "");
    assertThat(Sketch.bind(text, "optimizer.weight-decay=0").optimizer())
        .isEqualTo(new Sketch.AdamWSettings(1e-3, List.of(0.9, 0.98), 0));
    assertThat(Sketch.bind(text, "optimizer.type=sgd", "optimizer.lr=2").optimizer())
        .isEqualTo(new Sketch.SgdSettings(2));
  }

  @Test
  void aListCanGrowByOne() {
    assertThat(Sketch.bind(Sketch.VALID, "evaluate.2={ name: more, every: 1 step }").evaluate())
        .hasSize(3);
    assertThat(Sketch.bind(Sketch.VALID, "evaluate=[]").evaluate()).isEmpty();
  }

  @Test
  void laterOverridesWin() {
    assertThat(Sketch.bind(Sketch.VALID, "seed=1", "seed=2").seed()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "batch.glboal=1 | batch.glboal  unknown key; did you mean 'global'?",
        "bathc.global=1 | bathc  unknown key; did you mean 'batch'?",
        "zzz=1 | zzz  unknown key; the keys are seed, schedule",
        "evaluate.7.every=1 steps | evaluate.7  not an index of the list; expected 0 to 1, or 2 to",
        "evaluate.tiles.every=1 steps | evaluate.tiles  not an index of the list",
        "seed | seed  expected key=value",
        "=1 | this is not a key path",
        "a..b=1 | this is not a key path",
        "a.=1 | this is not a key path",
        "a]=1 | this is not a key path",
        "seed=[1 | seed  this is not YAML",
        "seed={a: 1} | seed  found a map, expected a whole number",
        "seed= | seed  has no value",
        "batch.global.x=1 | batch.global  found a map, expected a whole number",
        "optimizer.type=adam | optimizer.type  unknown 'adam'; did you mean 'adamw'?",
        "kind=erase | unknown key; the keys are gently",
      })
  void aWrongOverrideIsAProblemOfThatOverride(String override, String message) {
    assertThatThrownBy(() -> Sketch.bind(Sketch.VALID, override))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining(message)
        .message()
        .satisfies(
            text -> assertThat(text).contains(override.startsWith("kind") ? "line" : "override"));
  }
}
