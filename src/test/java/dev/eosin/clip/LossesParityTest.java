package dev.eosin.clip;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Kernel;
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
import org.junit.jupiter.api.Test;

/// The contrastive loss against open_clip's ClipLoss.
@Tag("parity")
class LossesParityTest {
  private static final double TOLERANCE = 1e-5;

  @Test
  void theContrastiveLossAndItsGradientsMatchClipLoss() throws IOException {
    var spec = new ParameterSet.Spec("logit-scale", new long[0], true, true);
    try (ClipCase recorded = ClipCase.open("losses");
        ParameterSet set = ParameterSet.allocate(ClipCase.ENGINE, List.of(spec), DType.FLOAT32);
        Tensor scale = ClipCase.tensor(recorded.inputs(), "clip.logit_scale");
        Tensor imageFeatures = ClipCase.tensor(recorded.inputs(), "image_features");
        Tensor textFeatures = ClipCase.tensor(recorded.inputs(), "text_features");
        Tape tape = new Tape(ClipCase.ENGINE)) {
      set.assign("logit-scale", scale);
      Value image = tape.leaf(imageFeatures);
      Value text = tape.leaf(textFeatures);
      List<Parameter> parameters = List.copyOf(set.all());
      Value loss = tape.one(new Kernel("contrastive"), List.of(image, text), parameters);
      double wanted = recorded.expected().floats("clip.loss")[0];
      recorded.check("clip.loss", loss.data(), TOLERANCE * Math.max(1, wanted));
      var gradients = new TreeMap<String, float[]>();
      tape.backward(loss, (ready, values) -> OpenClipParity.collect(gradients, ready, values));
      ClipCase.check(
          "clip.grad.logit_scale",
          Objects.requireNonNull(gradients.get("logit-scale")),
          recorded.expected().floats("clip.grad.logit_scale"),
          TOLERANCE);
      try (Tensor imageGradient = tape.takeGradient(image);
          Tensor textGradient = tape.takeGradient(text)) {
        recorded.check("clip.grad.image_features", imageGradient, TOLERANCE);
        recorded.check("clip.grad.text_features", textGradient, TOLERANCE);
      }
    }
  }
}
