package dev.eosin.clip;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.clip.LossSettings.Positives;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Label smoothing, equal captions and distillation against numbers of torch and open_clip; their
/// README says how they were recorded.
class LossOptionsTest {
  private static final double TOLERANCE = 1e-5;

  static Stream<Arguments> cases() {
    return Stream.of(
        Arguments.of("smoothing", new LossSettings.Contrastive(0.2), PairLoss.Form.PLAIN),
        Arguments.of("smoothing", new LossSettings.Contrastive(0.2), PairLoss.Form.ROWS),
        Arguments.of("positives", contrastive(0, Positives.EQUAL_CAPTIONS, 0), PairLoss.Form.ROWS),
        Arguments.of("distillation", contrastive(0, Positives.OWN_CAPTION, 1), PairLoss.Form.ROWS),
        Arguments.of(
            "everything", contrastive(0.2, Positives.EQUAL_CAPTIONS, 0.7), PairLoss.Form.ROWS),
        Arguments.of(
            "siglip", new LossSettings.SigLip(Positives.EQUAL_CAPTIONS), PairLoss.Form.ROWS));
  }

  private static LossSettings contrastive(double smoothing, Positives positives, double weight) {
    return new LossSettings.Contrastive(
        smoothing,
        positives,
        weight == 0
            ? Optional.empty()
            : Optional.of(new DistillationSettings(anyTeacher(), weight)));
  }

  /// The features are recorded, so the model behind them does not matter.
  static ModelSettings anyTeacher() {
    return new ModelSettings(
        Optional.of("tiny"),
        Optional.empty(),
        Optional.of(new WeightsSettings.Eosin(Path.of("unused"))),
        Optional.empty(),
        ModelSettings.TextPositions.INTERPOLATE,
        0,
        Optional.empty());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossAndGradientsAreTheRecordedOnes(String name, LossSettings settings, PairLoss.Form form)
      throws IOException {
    var specs =
        Stream.of(Clip.LOGIT_SCALE, Clip.LOGIT_BIAS)
            .limit(settings.biased() ? 2 : 1)
            .map(parameter -> new ParameterSet.Spec(parameter, new long[0], true, true))
            .toList();
    try (SafetensorsFile inputs = recorded("inputs");
        SafetensorsFile expected = recorded("expected");
        ParameterSet set = ParameterSet.allocate(ClipCase.ENGINE, specs, DType.FLOAT32);
        Scope scope = new Scope();
        Tape tape = new Tape(ClipCase.ENGINE)) {
      for (ParameterSet.Spec spec : specs) {
        set.assign(spec.name(), scope.own(ClipCase.tensor(inputs, spec.name().replace('-', '_'))));
      }
      Value image = tape.leaf(scope.own(ClipCase.tensor(inputs, "image_features")));
      Value text = tape.leaf(scope.own(ClipCase.tensor(inputs, "text_features")));
      List<Value> beside = form == PairLoss.Form.ROWS ? beside(tape, inputs, settings) : List.of();
      Value loss =
          new PairLoss(settings).of(tape, List.copyOf(set.all()), image, text, beside, form);
      var found = new TreeMap<String, float[]>();
      found.put("loss", loss.data().toFloats());
      tape.backward(loss, (ready, values) -> OpenClipParity.collect(found, ready, values));
      found.put("grad.image_features", taken(tape, image));
      found.put("grad.text_features", taken(tape, text));
      compare(name, found, expected);
    }
  }

  private static List<Value> beside(Tape tape, SafetensorsFile inputs, LossSettings settings)
      throws IOException {
    var beside = new ArrayList<Value>();
    boolean equal = settings.positives() == Positives.EQUAL_CAPTIONS;
    beside.add(
        tape.adopt(
            equal
                ? ClipCase.tensor(inputs, "caption_classes")
                : ClipCase.ENGINE.zeros(DType.INT64, 0)));
    if (settings.teaching().isPresent()) {
      try (Tensor image = ClipCase.tensor(inputs, "teacher.image_features");
          Tensor scale = ClipCase.tensor(inputs, "teacher.logit_scale")) {
        beside.add(tape.adopt(ClipCase.ENGINE.kernels().one("times_exp", image, scale)));
      }
      beside.add(tape.adopt(ClipCase.tensor(inputs, "teacher.text_features")));
    }
    return beside;
  }

  private static float[] taken(Tape tape, Value leaf) {
    try (Tensor gradient = tape.takeGradient(leaf)) {
      return gradient.toFloats();
    }
  }

  private static void compare(String name, Map<String, float[]> found, SafetensorsFile expected)
      throws IOException {
    for (Map.Entry<String, float[]> entry : found.entrySet()) {
      String key = entry.getKey();
      boolean parameter = key.startsWith("logit-");
      float[] wanted =
          expected.entry(name + "." + (parameter ? "grad." + key.replace('-', '_') : key)).floats();
      double size = 1;
      for (float value : wanted) {
        size = Math.max(size, Math.abs(value));
      }
      ClipCase.check(name + " " + key, entry.getValue(), wanted, TOLERANCE * size);
    }
  }

  private static SafetensorsFile recorded(String part) throws IOException {
    String name = "/loss-options/%s.safetensors".formatted(part);
    URI file =
        URI.create(Objects.requireNonNull(LossOptionsTest.class.getResource(name)).toString());
    return SafetensorsFile.open(Path.of(file));
  }
}
