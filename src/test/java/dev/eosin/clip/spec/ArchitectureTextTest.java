package dev.eosin.clip.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.nn.Activation;
import dev.eosin.tower.BertText;
import dev.eosin.tower.Projection;
import dev.eosin.tower.TimmImage;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/// Pins the texts that lie in the checkpoints of runs in progress: where one of these tests fails,
/// a field was added to the specification, and its neutral value belongs in [ArchitectureText].
class ArchitectureTextTest {
  private static final String TINY =
      "ClipSpec[embedSize=128, image=Vit[height=64, width=64, patch=8, hiddenSize=192, layers=4, heads=3, mlpSize=768], text=Causal[context=77, vocabulary=49408, hiddenSize=128, layers=2, heads=2, mlpSize=512, endOfText=LargestId[]], activation=GELU%s]";
  private static final String TIMM_AND_BERT =
      "ClipSpec[embedSize=512, image=TimmImage[name=vit_base_patch16_224, trunk=Trunk[height=224, width=224, patch=16, hiddenSize=768, layers=12, heads=12, mlpSize=3072, gated=false, layerScale=OptionalDouble[1.0E-5], registers=0, patchPositionsOnly=false], pool=CLASS_TOKEN, projection=LINEAR, projectionBias=false], text=BertText[name=bert-base-uncased, context=256, encoder=Encoder[positions=512, vocabulary=30522, hiddenSize=768, layers=12, heads=12, mlpSize=3072, tokenTypes=2, padding=0, normEpsilon=1.0E-12], pool=POOLER, projection=MLP], activation=GELU%s]";

  private static ClipSpec tiny() {
    return ClipPresets.named("tiny");
  }

  private static ClipSpec timmAndBert() {
    return new ClipSpec(
        512,
        new TimmImage(
            "vit_base_patch16_224",
            new TimmImage.Trunk(
                224, 224, 16, 768, 12, 12, 3072, false, OptionalDouble.of(1e-5), 0, false),
            TimmImage.Pool.CLASS_TOKEN,
            Projection.LINEAR,
            false),
        new BertText(
            "bert-base-uncased",
            256,
            new BertText.Encoder(512, 30522, 768, 12, 12, 3072, 2, 0, 1e-12),
            BertText.Pool.POOLER,
            Projection.MLP),
        Activation.GELU);
  }

  private static boolean goesOn(String recorded, ClipSpec spec) {
    return !ArchitectureText.contradicts(Map.of(ArchitectureText.KEY, recorded), spec);
  }

  @Test
  void neutralFieldsAreNotInTheText() {
    assertThat(ArchitectureText.of(tiny())).isEqualTo(TINY.formatted(""));
    assertThat(ArchitectureText.of(timmAndBert())).isEqualTo(TIMM_AND_BERT.formatted(""));
    assertThat(ArchitectureText.of(tiny().withLogitBias()))
        .isEqualTo(TINY.formatted(", logitBias=true"));
  }

  @Test
  void runsOfOlderVersionsGoOn() {
    for (String recorded : new String[] {"", ", logitBias=false"}) {
      assertThat(goesOn(TINY.formatted(recorded), tiny())).isTrue();
      assertThat(goesOn(TIMM_AND_BERT.formatted(recorded), timmAndBert())).isTrue();
    }
    assertThat(ArchitectureText.contradicts(Map.of(), tiny())).isFalse();
  }

  @Test
  void anotherModelIsRefused() {
    String recorded = TINY.formatted("");
    assertThat(goesOn(recorded, tiny().withLogitBias())).isFalse();
    assertThat(goesOn(TINY.formatted(", logitBias=true"), tiny())).isFalse();
    assertThat(goesOn(recorded, tiny().withInput(64, 64, 76))).isFalse();
    assertThat(goesOn(recorded, tiny().withInput(80, 64, 77))).isFalse();
    assertThat(goesOn(TINY.formatted(", unknown=0"), tiny())).isFalse();
  }
}
