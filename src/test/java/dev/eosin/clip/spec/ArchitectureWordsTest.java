package dev.eosin.clip.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.nn.Activation;
import dev.eosin.tower.Projection;
import dev.eosin.tower.TimmImage;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ArchitectureWordsTest {
  private static final ClipSpec SMALL = ClipPresets.named("vit-b-32");

  private static String differences(ClipSpec one, ClipSpec other) {
    return ArchitectureWords.differences("", ArchitectureText.of(one), ArchitectureText.of(other));
  }

  @Test
  void sizesAreNamedInWords() {
    assertThat(differences(SMALL, SMALL)).isEmpty();
    assertThat(differences(SMALL, ClipPresets.named("vit-b-16")))
        .isEqualTo("image patch 32 against 16");
    assertThat(differences(SMALL, ClipPresets.named("vit-l-14-336-quickgelu")))
        .isEqualTo(
            "embed size 512 against 768, image height 224 against 336, image width 224 against 336,"
                + " image patch 32 against 14, image hidden size 768 against 1024, image layers 12"
                + " against 24, image heads 12 against 16, image mlp size 3072 against 4096 and 4"
                + " more");
    assertThat(differences(SMALL, SMALL.withLogitBias())).isEqualTo("logit bias none against true");
    assertThat(differences(SMALL.withLogitBias(), SMALL)).isEqualTo("logit bias true against none");
  }

  @Test
  void kindsOfTowersAreNamed() {
    var timm =
        new TimmImage(
            "vit_base_patch16_224",
            new TimmImage.Trunk(
                224, 224, 16, 768, 12, 12, 3072, false, OptionalDouble.of(1e-5), 0, false),
            TimmImage.Pool.CLASS_TOKEN,
            Projection.LINEAR,
            false);
    var other = new ClipSpec(512, timm, SMALL.text(), Activation.GELU);
    assertThat(differences(SMALL, other))
        .isEqualTo("image CLIP's own vision transformer against a timm trunk");
    assertThat(differences(other, SMALL)).doesNotContain("[", "=");
  }

  @Test
  void comparisonsOfTwoDescriptionsHaveNoRecordInThem() {
    for (String one : new String[] {"vit-b-32", "vit-s-16-quickgelu", "tiny"}) {
      for (String two : new String[] {"vit-l-14", "vit-b-16"}) {
        assertThat(
                String.join(
                    ", ",
                    SpecComparison.differences(ClipPresets.named(one), ClipPresets.named(two))))
            .contains("against")
            .doesNotContain("[", "]", "=");
      }
    }
  }
}
