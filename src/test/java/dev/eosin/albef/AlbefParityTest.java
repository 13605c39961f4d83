package dev.eosin.albef;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.checkpoint.TensorRule;
import dev.eosin.group.Group;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.HardNegatives;
import dev.eosin.train.Losses;
import dev.eosin.train.StepLosses;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import dev.eosin.train.optimisers.GradientSums;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// PA-LLaVA's own PLIP against the peer: features, targets, draws, losses, gradients, and a
/// training with its queue and its momentum encoder.
@Tag("parity")
class AlbefParityTest {
  private static final double TOLERANCE = 1e-4;
  private static final double SIMILARITIES = 5e-4;
  private static final double TRAINED = 2e-4;

  /// Of the peer's optimiser, from the case's README.
  private static final double RATE = 1e-3;

  private static final double DECAY = 0.02;

  private static Stream<Arguments> executions() {
    return Stream.of(
        Arguments.of(BlockExecution.PLAIN, 4),
        Arguments.of(BlockExecution.PLAIN, 3),
        Arguments.of(new BlockExecution(false, true, 0), 4),
        Arguments.of(new BlockExecution(false, true, 1), 2));
  }

  private static AlbefStep step(RecordedAlbef each, BlockExecution execution, int atOnce) {
    return new AlbefStep(each.model(), each.parameters(), execution, Group.ALONE, atOnce);
  }

  @Test
  void statesFeaturesAndTargetsAreTheRecordedOnes() throws IOException {
    try (RecordedAlbef each = RecordedAlbef.open()) {
      AlbefStep step = step(each, BlockExecution.PLAIN, 4);
      AlbefStep.Rows rows = each.rows(0);
      PairEncoder trained = each.model().trained();
      each.model().limitTemperature(each.parameters());
      each.model().follow(each.parameters(), each.config().required("momentum").doubleValue());
      try (Tensor pixels = rows.pixels();
          Forward graph = new Forward(RecordedAlbef.ENGINE);
          Features own = step.features(trained, rows);
          Features momentum = step.features(each.model().momentum(), rows);
          AlbefTargets wanted =
              AlbefTargets.before(each.queue(), momentum, momentum, each.alpha(0))) {
        var pass = new Pass(graph, each.parameters(), BlockExecution.PLAIN);
        each.assertSame(
            "image_embeds", trained.images().states(pass, pixels).data().toFloats(), TOLERANCE);
        Value texts = trained.texts().alone(pass, rows.captions());
        assertTexts(each, texts.data().toFloats(), rows.captions());
        each.assertSame("image_feat", own.images().toFloats(), TOLERANCE);
        each.assertSame("text_feat", own.texts().toFloats(), TOLERANCE);
        each.assertSame("image_feat_m", momentum.images().toFloats(), TOLERANCE);
        each.assertSame("text_feat_m", momentum.texts().toFloats(), TOLERANCE);
        assertDirection(each, pass, "i2t", own.images(), wanted.images());
        assertDirection(each, pass, "t2i", own.texts(), wanted.texts());
        assertJudged(each, pass, rows);
      }
    }
  }

  private static void assertTexts(RecordedAlbef each, float[] ours, CaptionRows captions)
      throws IOException {
    float[] theirs = each.expected().floats("text_embeds");
    int c = ours.length / captions.ids().length;
    for (int i = 0; i < ours.length; i++) {
      if (captions.mask().present()[i / c] == 0) {
        ours[i] = theirs[i];
      }
    }
    each.assertSame("text_embeds", ours, TOLERANCE);
  }

  private static void assertDirection(
      RecordedAlbef each, Pass pass, String name, Tensor own, AlbefTargets.Wanted wanted)
      throws IOException {
    Value found =
        each.model()
            .judgement()
            .similarities(pass, pass.graph().constant(own), pass.graph().constant(wanted.others()));
    each.assertSame("sim_" + name, found.data().toFloats(), SIMILARITIES);
    Tensor temperature = each.parameters().get(each.model().judgement().temperature()).data();
    try (Tensor targets =
        RecordedAlbef.ENGINE
            .kernels()
            .one("albef_targets", wanted.like(), wanted.others(), temperature, 0, wanted.alpha())) {
      each.assertSame("targets_" + name, targets.toFloats(), TOLERANCE);
    }
  }

  /// With the recorded negatives.
  private static void assertJudged(RecordedAlbef each, Pass pass, AlbefStep.Rows rows)
      throws IOException {
    PairEncoder trained = each.model().trained();
    long[] images = each.expected().longs("negative_image_of_text");
    int[] texts = ints(each.expected().longs("negative_text_of_image"));
    List<Value> image = trained.texts().image(pass, trained.images().states(pass, rows.pixels()));
    Value places = pass.graph().adopt(RecordedAlbef.ENGINE.of(images, images.length));
    List<Value> other =
        image.stream()
            .map(one -> pass.one(new Kernel("qformer_rows"), List.of(one, places), List.of()))
            .toList();
    Value judged =
        each.model().judged(pass, image, other, rows.captions(), rows.captions().chosen(texts));
    each.assertSame("itm_logits", judged.data().toFloats(), TOLERANCE);
  }

  private static int[] ints(long[] values) {
    return LongStream.of(values).mapToInt(Math::toIntExact).toArray();
  }

  private record Outcome(Losses losses, List<HardNegatives> drawn) {}

  /// One step up to the optimiser; the queue goes on.
  private static Outcome differentiate(
      RecordedAlbef each, AlbefStep step, int number, GradientSink sink) throws IOException {
    each.model().limitTemperature(each.parameters());
    each.model().follow(each.parameters(), each.config().required("momentum").doubleValue());
    AlbefStep.Rows rows = each.rows(number);
    try (Tensor pixels = rows.pixels();
        Features momentum = step.features(each.model().momentum(), rows);
        AlbefTargets wanted =
            AlbefTargets.before(each.queue(), momentum, momentum, each.alpha(number))) {
      var losses = new StepLosses();
      List<HardNegatives> drawn = step.differentiate(rows, wanted, 1, losses, sink);
      each.queue().enter(momentum.images(), momentum.texts());
      return new Outcome(losses.sum(), drawn);
    }
  }

  @ParameterizedTest
  @MethodSource("executions")
  void lossesDrawsAndGradientsAreTheRecordedOnes(BlockExecution execution, int atOnce)
      throws IOException {
    try (RecordedAlbef each = RecordedAlbef.open();
        GradientSums sums = new GradientSums(RecordedAlbef.ENGINE)) {
      Outcome outcome = differentiate(each, step(each, execution, atOnce), 0, sums);
      assertLosses(outcome, each.expected().floats("train.losses"), 0);
      assertThat(outcome.losses().total())
          .isCloseTo(each.expected().floats("loss")[0], within(TRAINED));
      assertDraws(outcome, each.expected().longs("train.negatives"), 0);
      Set<String> recorded = new HashSet<>(each.expected().names());
      recorded.removeIf(name -> !name.startsWith("grad."));
      for (TensorRule rule : each.layout().rules()) {
        Parameter parameter = each.parameters().get(rule.name());
        if (parameter.trainable()) {
          assertParts(each, rule, "grad.", sums.of(parameter).toFloats(), recorded);
        }
      }
      assertThat(recorded).as("gradients that nothing was compared with").isEmpty();
    }
  }

  /// @param recorded names that are left to be compared
  private static void assertParts(
      RecordedAlbef each, TensorRule rule, String prefix, float[] ours, Set<String> recorded)
      throws IOException {
    int size = ours.length / rule.foreignNames().size();
    for (int part = 0; part < rule.foreignNames().size(); part++) {
      String name = prefix + rule.foreignNames().get(part);
      if (recorded.remove(name)) {
        float[] theirs = each.expected().floats(name);
        double largest = 1;
        for (float value : theirs) {
          largest = Math.max(largest, Math.abs(value));
        }
        float[] some = Arrays.copyOfRange(ours, part * size, (part + 1) * size);
        RecordedAlbef.assertClose(name, some, theirs, TRAINED * largest);
      }
    }
  }

  private static void assertLosses(Outcome outcome, float[] losses, int step) {
    List<Double> found = List.copyOf(outcome.losses().parts().values());
    for (int i = 0; i < 2; i++) {
      assertThat(found.get(i))
          .as("loss %d of step %d", i, step)
          .isCloseTo(losses[2 * step + i], within(TRAINED));
    }
  }

  private static void assertDraws(Outcome outcome, long[] negatives, int step) {
    long[] drawn =
        Stream.<Function<HardNegatives, int[]>>of(
                HardNegatives::imageOfText, HardNegatives::textOfImage)
            .flatMapToInt(side -> outcome.drawn().stream().map(side).flatMapToInt(IntStream::of))
            .asLongStream()
            .toArray();
    assertThat(drawn)
        .as("draws of step %d", step)
        .isEqualTo(Arrays.copyOfRange(negatives, step * drawn.length, (step + 1) * drawn.length));
  }

  @ParameterizedTest
  @MethodSource("executions")
  void aTrainingGoesTheRecordedWay(BlockExecution execution, int atOnce) throws IOException {
    var settings = new AdamWSettings(RATE, List.of(0.9, 0.999), 1e-8, DECAY, Optional.empty());
    try (RecordedAlbef each = RecordedAlbef.open();
        AdamW optimizer = new AdamW(each.parameters(), settings)) {
      for (int number = 0; number < each.steps(); number++) {
        Outcome outcome = differentiate(each, step(each, execution, atOnce), number, optimizer);
        assertLosses(outcome, each.expected().floats("train.losses"), number);
        assertDraws(outcome, each.expected().longs("train.negatives"), number);
        decayVectors(each);
        optimizer.update(RATE);
      }
      assertTrained(each);
    }
  }

  /// The peer's optimiser lets every weight decay, ours none of gains and biases.
  private static void decayVectors(RecordedAlbef each) {
    for (Parameter parameter : each.parameters().trainable()) {
      long[] shape = parameter.data().shape();
      if (shape.length < 2) {
        float[] values = parameter.master().toFloats();
        for (int i = 0; i < values.length; i++) {
          values[i] *= (float) (1 - RATE * DECAY);
        }
        try (Tensor decayed = RecordedAlbef.ENGINE.of(values, shape)) {
          each.parameters().assign(parameter.name(), decayed);
        }
      }
    }
  }

  private static void assertTrained(RecordedAlbef each) throws IOException {
    int d = (int) each.queue().images().size(1);
    float[] images = RecordedAlbef.turned(each.expected().floats("final.image_queue"), d);
    float[] texts = RecordedAlbef.turned(each.expected().floats("final.text_queue"), d);
    RecordedAlbef.assertClose("images", each.queue().images().toFloats(), images, TRAINED);
    RecordedAlbef.assertClose("texts", each.queue().texts().toFloats(), texts, TRAINED);
    assertThat(each.queue().next()).isEqualTo((int) each.expected().longs("final.ptr_queue")[0]);
    Set<String> recorded = new HashSet<>(each.expected().names());
    recorded.removeIf(name -> !name.startsWith("final.") || name.endsWith("_queue"));
    for (TensorRule rule : each.layout().rules()) {
      float[] ours = each.parameters().get(rule.name()).master().toFloats();
      assertParts(each, rule, "final.", ours, recorded);
    }
    assertThat(recorded).as("weights that nothing was compared with").isEmpty();
  }
}
