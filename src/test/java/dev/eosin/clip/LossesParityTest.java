package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.clip.PairLoss.Form;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Both forms of the losses against open_clip's ClipLoss and SigLipLoss.
@Tag("parity")
class LossesParityTest {
  private static final double TOLERANCE = 1e-5;

  @ParameterizedTest
  @EnumSource
  void theContrastiveLossAndItsGradientsMatchClipLoss(Form form) throws IOException {
    check("clip", List.of("logit-scale"), PairLoss.CONTRASTIVE, form);
  }

  @ParameterizedTest
  @EnumSource
  void theSigmoidLossAndItsGradientsMatchSigLipLoss(Form form) throws IOException {
    var loss = new PairLoss(new LossSettings.SigLip());
    check("siglip", List.of("logit-scale", "logit-bias"), loss, form);
  }

  private static void check(String name, List<String> logits, PairLoss loss, Form form)
      throws IOException {
    List<ParameterSet.Spec> specs =
        logits.stream().map(p -> new ParameterSet.Spec(p, new long[0], true, true)).toList();
    try (ClipCase recorded = ClipCase.open("losses");
        ParameterSet set = ParameterSet.allocate(ClipCase.ENGINE, specs, DType.FLOAT32);
        Tensor imageFeatures = ClipCase.tensor(recorded.inputs(), "image_features");
        Tensor textFeatures = ClipCase.tensor(recorded.inputs(), "text_features");
        Tape tape = new Tape(ClipCase.ENGINE)) {
      for (String parameter : logits) {
        try (Tensor value = ClipCase.tensor(recorded.inputs(), foreign(name, "", parameter))) {
          set.assign(parameter, value);
        }
      }
      Value image = tape.leaf(imageFeatures);
      Value text = tape.leaf(textFeatures);
      List<Parameter> parameters = List.copyOf(set.all());
      Value value = loss.of(tape, parameters, image, text, List.of(), form);
      double wanted = recorded.expected().floats(name + ".loss")[0];
      recorded.check(name + ".loss", value.data(), TOLERANCE * Math.max(1, wanted));
      var gradients = new TreeMap<String, float[]>();
      tape.backward(value, (ready, values) -> OpenClipParity.collect(gradients, ready, values));
      assertThat(gradients.keySet()).containsExactlyInAnyOrderElementsOf(logits);
      for (String parameter : logits) {
        String peer = foreign(name, "grad.", parameter);
        ClipCase.check(
            peer,
            Objects.requireNonNull(gradients.get(parameter)),
            recorded.expected().floats(peer),
            TOLERANCE);
      }
      try (Tensor imageGradient = tape.takeGradient(image);
          Tensor textGradient = tape.takeGradient(text)) {
        recorded.check(name + ".grad.image_features", imageGradient, TOLERANCE);
        recorded.check(name + ".grad.text_features", textGradient, TOLERANCE);
      }
    }
  }

  private static String foreign(String loss, String kind, String parameter) {
    return loss + "." + kind + parameter.replace('-', '_');
  }
}
