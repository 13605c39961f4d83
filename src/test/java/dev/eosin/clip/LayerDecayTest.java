package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.model.LayerDecay;
import dev.eosin.nn.Activation;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.Vit;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayerDecayTest {
  private static final ClipSpec SPEC =
      new ClipSpec(
          16,
          new Vit(16, 16, 8, 32, 3, 4, 64),
          new Causal(12, 50, 32, 2, 4, 64, new EndOfText.LargestId()),
          Activation.GELU);

  @Test
  void threeLayersHaveTheRatesOfTheTable() {
    Map<String, Double> scales = LayerDecay.scales(Clip.parts(SPEC), 0.5);
    assertThat(scales)
        .containsEntry("image.patch-embedding.weight", 0.0625)
        .containsEntry("image.class-token", 0.0625)
        .containsEntry("image.position-embedding", 0.0625)
        .containsEntry("image.pre-norm.bias", 0.0625)
        .containsEntry("image.blocks.0.mlp.up.weight", 0.125)
        .containsEntry("image.blocks.1.attention-norm.bias", 0.25)
        .containsEntry("image.blocks.2.mlp.down.bias", 0.5)
        .containsEntry("image.post-norm.weight", 1.0)
        .containsEntry("image.projection", 1.0)
        .containsEntry("text.token-embedding", 0.125)
        .containsEntry("text.blocks.1.mlp.up.bias", 0.5)
        .containsEntry("text.final-norm.bias", 1.0)
        .doesNotContainKey("logit-scale");
  }

  @Test
  void withoutDecayNothingIsScaled() {
    assertThat(LayerDecay.scales(Clip.parts(SPEC), 1)).isEmpty();
  }
}
