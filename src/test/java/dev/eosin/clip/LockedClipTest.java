package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.clip.LockSettings.TowerLock;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Parameter;
import dev.eosin.tower.BertText;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.Projection;
import dev.eosin.tower.TimmImage;
import dev.eosin.tower.Vit;
import dev.eosin.train.StepLosses;
import dev.eosin.train.optimisers.GradientSums;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LockedClipTest {
  private static final ClipSpec SPEC =
      new ClipSpec(
          16,
          new Vit(24, 16, 8, 32, 2, 4, 64),
          new Causal(12, 50, 32, 3, 4, 64, new EndOfText.LargestId()),
          Activation.GELU);

  private static LockSettings lock(int image, int text) {
    return new LockSettings(
        Optional.of(new TowerLock(image)).filter(lock -> lock.unlockedGroups() < 4),
        Optional.of(new TowerLock(text)).filter(lock -> lock.unlockedGroups() < 5));
  }

  private static Map<String, float[]> gradients(Set<String> locked, boolean inParts) {
    var found = new TreeMap<String, float[]>();
    try (Clip clip =
            Clip.allocate(
                ClipCase.ENGINE, SPEC, DType.FLOAT32, locked, new BlockExecution(true, true, 0));
        GradientSums sums = new GradientSums(ClipCase.ENGINE)) {
      clip.initialise(new RandomKey(3));
      var loss = PairLoss.CONTRASTIVE;
      ClipStep step = inParts ? new CachedStep(clip, loss, 2) : new WholeStep(clip, loss);
      step.run(new DrawnRows(SPEC, 5, 1), 1, new StepLosses(), sums);
      for (Parameter parameter : clip.parameters().all()) {
        if (sums.has(parameter)) {
          found.put(parameter.name(), sums.of(parameter).toFloats());
        }
      }
    }
    return found;
  }

  @ParameterizedTest
  @CsvSource({"0, 5", "1, 5", "2, 1", "3, 0", "4, 2"})
  void whatIsNotLockedHasTheGradientsOfAFullStepAndNothingElseHasAny(int image, int text) {
    Set<String> locked = lock(image, text).locked(SPEC);
    Map<String, float[]> full = gradients(Set.of(), false);
    for (boolean inParts : new boolean[] {false, true}) {
      Map<String, float[]> found = gradients(locked, inParts);
      Set<String> expected = new HashSet<>(full.keySet());
      expected.removeAll(locked);
      assertThat(found.keySet()).isEqualTo(expected);
      found.forEach((name, values) -> compare(name, values, full));
    }
  }

  private static void compare(String name, float[] values, Map<String, float[]> full) {
    float[] wanted = Objects.requireNonNull(full.get(name));
    float size = 1;
    for (float value : wanted) {
      size = Math.max(size, Math.abs(value));
    }
    assertThat(values).as(name).containsExactly(wanted, within(1e-5f * size));
  }

  @Test
  void groupsAreThoseOfOpenClip() {
    List<List<String>> image = Clip.image(SPEC).lockGroups();
    assertThat(image.size()).isEqualTo(4);
    assertThat(image.getFirst())
        .containsExactly(
            "image.patch-embedding.weight",
            "image.class-token",
            "image.position-embedding",
            "image.pre-norm.weight",
            "image.pre-norm.bias");
    assertThat(image.get(1)).hasSize(12).allMatch(name -> name.contains(".blocks.0."));
    assertThat(image.get(2))
        .hasSize(14)
        .contains("image.blocks.1.mlp.down.bias", "image.post-norm.weight", "image.post-norm.bias");
    assertThat(image.getLast()).containsExactly("image.projection");
    List<List<String>> text = Clip.text(SPEC).lockGroups();
    assertThat(text.stream().map(List::size)).containsExactly(2, 12, 12, 14, 1);
    assertThat(text.get(3)).contains("text.final-norm.weight", "text.final-norm.bias");
    assertThat(text.getLast()).containsExactly("text.projection");
  }

  @Test
  void noLockHoldsTheProjectionOfATimmOrBertTower() {
    var image =
        new TimmImage(
            "vit",
            new TimmImage.Trunk(16, 16, 8, 32, 2, 4, 64, false, OptionalDouble.empty(), 1, false),
            TimmImage.Pool.CLASS_TOKEN,
            Projection.LINEAR,
            false);
    var text =
        new BertText(
            "bert",
            12,
            new BertText.Encoder(16, 50, 32, 2, 4, 64, 2, 0, 1e-12),
            BertText.Pool.POOLER,
            Projection.MLP);
    ClipSpec spec = new ClipSpec(16, image, text, Activation.GELU);
    List<List<String>> groups = Clip.image(spec).lockGroups();
    assertThat(groups.stream().map(List::size)).containsExactly(5, 12, 12, 2);
    assertThat(groups.getLast())
        .containsExactly("image.final-norm.weight", "image.final-norm.bias");
    groups = Clip.text(spec).lockGroups();
    assertThat(groups.stream().map(List::size)).containsExactly(5, 12, 14);
    assertThat(groups.getLast()).contains("text.pooler.weight", "text.pooler.bias");
  }

  @Test
  void aLockedWeightKeepsItsFullValueBesideTheOneItComputesWith() {
    Set<String> locked = lock(0, 5).locked(SPEC);
    try (Clip clip =
        Clip.allocate(
            ClipCase.ENGINE, SPEC, DType.BFLOAT16, locked, new BlockExecution(true, true, 0))) {
      clip.parameters().fill("image.projection", () -> 0.1);
      assertThat(clip.parameters().get("image.projection").master().toFloats()[0]).isEqualTo(0.1f);
    }
  }
}
