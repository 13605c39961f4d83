package dev.eosin.qformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.HardNegatives;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The first stage against transformers' modules and LAVIS's losses: features, judgements, losses,
/// draws, gradients, and a training.
@Tag("parity")
class AlignmentParityTest {
  private static final double TOLERANCE = 1e-4;
  private static final double TRAINED = 2e-4;
  private static final ParityCase RETRIEVAL = ParityCase.open("blip2-retrieval");
  private static final ParityCase STAGE1 = ParityCase.open("blip2-stage1");
  private static final ParityCase DRAWN = ParityCase.open("blip2-stage1-drawn");

  @Test
  void featuresAndJudgementsAreTheRecordedOnes() throws IOException {
    try (RecordedAlignment each = RecordedAlignment.open(RETRIEVAL, false, false)) {
      RecordedQFormer recorded = each.recorded();
      Alignment model = each.model();
      Pass pass = recorded.pass(new Forward(RecordedQFormer.ENGINE));
      CaptionRows captions = each.captions(-1);
      try (Tensor pixels = each.pixels(-1)) {
        Value tokens = each.tower().tower().tokens(pass, pixels);
        recorded.assertSame("vision.embeddings", tokens.data(), TOLERANCE);
        List<Value> layers = each.tower().tower().hiddenStates(pass, tokens);
        for (int i = 0; i < layers.size(); i++) {
          recorded.assertSame("vision.layer." + i, layers.get(i).data(), TOLERANCE);
        }
      }
      Value states = each.states(pass, -1);
      Value normed = model.norm().normed(pass, states);
      recorded.assertSame("vision.last_hidden_state", normed.data(), TOLERANCE);
      Alignment.Rows rows = model.read(pass, states, captions, AlignmentSeeds.NONE);
      recorded.assertSame("itc.image_embeds", rows.imageFeatures().data(), TOLERANCE);
      recorded.assertSame("itc.text_embeds", rows.textFeatures().data(), TOLERANCE);
      Tensor ids = captions.tensor(pass);
      Value both = model.qformer().both(pass, rows.image(), ids, captions.mask(), Optional.empty());
      int q = model.qformer().spec().queries();
      int t = captions.mask().width();
      long[] here =
          LongStream.range(0, (long) captions.rows() * (q + t))
              .map(
                  i ->
                      i % (q + t) < q
                          ? 1
                          : captions.mask().present()[(int) (i / (q + t) * t + i % (q + t) - q)])
              .toArray();
      recorded.assertSame("itm.hidden", both.data(), here, TOLERANCE);
      recorded.assertSame("itm.logits", model.heads().match(pass, both).data(), TOLERANCE);
      pass.graph().close();
    }
  }

  private static void assertAligned(
      RecordedAlignment each, Pass pass, Alignment.Rows rows, CaptionRows captions)
      throws IOException {
    RecordedQFormer recorded = each.recorded();
    recorded.assertSame("query_output", rows.queries().last().data(), TOLERANCE);
    recorded.assertSame("text_output", rows.text().data(), captions.mask().present(), TOLERANCE);
    recorded.assertSame("image_feats", rows.imageFeatures().data(), TOLERANCE);
    recorded.assertSame("text_feats", rows.textFeatures().data(), TOLERANCE);
    Value told = each.model().told(pass, rows, captions, AlignmentSeeds.NONE);
    recorded.assertSame(
        "itg_logits",
        each.model().heads().words(pass, told).data(),
        captions.mask().present(),
        TOLERANCE);
  }

  /// What a step came to.
  private record Step(double[] losses, HardNegatives negatives) {}

  /// @param first whether what is recorded of the first step is compared
  /// @param throughBoth whether gathered features have gradients
  /// @param uniforms of the draws; without them the likeliest are taken
  private static Step differentiate(
      RecordedAlignment each,
      int batch,
      boolean first,
      boolean throughBoth,
      Optional<List<HardNegatives.Uniforms>> uniforms,
      BlockExecution execution,
      GradientSink sink)
      throws IOException {
    try (Tape tape = new Tape(RecordedQFormer.ENGINE)) {
      Alignment model = each.model();
      Pass pass = each.recorded().pass(tape, execution);
      CaptionRows captions = each.captions(batch);
      int b = captions.rows();
      Value states = each.states(pass, batch);
      Alignment.Rows rows = model.read(pass, states, captions, AlignmentSeeds.NONE);
      BatchFeatures all =
          throughBoth
              ? new BatchFeatures(rows.imageFeatures(), rows.textFeatures(), 0, b)
              : BatchFeatures.own(pass, rows);
      AlignmentHeads.Similarities found = model.similarities(pass, rows, all);
      Alignment.Shares shares = model.shares(pass, found, all);
      HardNegatives drawn =
          uniforms.isPresent()
              ? shares.drawn(uniforms.get())
              : new HardNegatives(likeliest(shares.images(), b), likeliest(shares.texts(), b));
      Alignment.Negatives negatives = model.among(pass, rows, captions, drawn);
      if (first) {
        RecordedQFormer recorded = each.recorded();
        assertAligned(each, pass, rows, captions);
        recorded.assertSame("sim_i2t", found.images().data(), 1e-3);
        recorded.assertSame("sim_t2i", found.texts().data(), 1e-3);
        assertWeights(recorded, "weights_t2i", shares.images());
        assertWeights(recorded, "weights_i2t", shares.texts());
        assertThat(longs(drawn.imageOfText()))
            .isEqualTo(recorded.expected().longs("negative_image_of_text"));
        assertThat(longs(drawn.textOfImage()))
            .isEqualTo(recorded.expected().longs("negative_text_of_image"));
        recorded.assertSame(
            "itm_logits",
            model.matches(pass, rows, captions, negatives, AlignmentSeeds.NONE).data(),
            TOLERANCE);
      }
      Alignment.Losses losses =
          model.losses(
              pass, rows, captions, found, all, negatives, AlignmentSeeds.NONE, captions.asked());
      double[] values = losses.all().stream().mapToDouble(loss -> loss.data().toFloat()).toArray();
      List<Tensor> ones =
          losses.all().stream()
              .map(l -> RecordedQFormer.ENGINE.kernels().one("filled_like", l.data(), 1.0))
              .toList();
      tape.backward(losses.all(), ones, sink);
      return new Step(values, drawn);
    }
  }

  private static void assertWeights(RecordedQFormer recorded, String name, float[] ours)
      throws IOException {
    float[] theirs = recorded.expected().floats(name);
    assertThat(ours).as(name).hasSameSizeAs(theirs);
    for (int i = 0; i < ours.length; i++) {
      assertThat(ours[i]).as("%s at %d", name, i).isCloseTo(theirs[i], within(1e-4f));
    }
  }

  private static int[] likeliest(float[] shares, int rows) {
    return IntStream.range(0, rows)
        .map(
            row ->
                IntStream.range(0, rows)
                    .reduce(0, (x, y) -> shares[row * rows + y] > shares[row * rows + x] ? y : x))
        .toArray();
  }

  private static long[] longs(int[] values) {
    return Arrays.stream(values).asLongStream().toArray();
  }

  private static void assertLosses(RecordedQFormer recorded, double[] losses) throws IOException {
    List<String> names = List.of("loss_itc", "loss_itm", "loss_itg");
    for (int i = 0; i < losses.length; i++) {
      assertThat(losses[i])
          .as(names.get(i))
          .isCloseTo(recorded.expected().floats(names.get(i))[0], within(TOLERANCE));
    }
    assertThat(Arrays.stream(losses).sum())
        .isCloseTo(recorded.expected().floats("loss")[0], within(TOLERANCE));
  }

  private static Stream<BlockExecution> executions() {
    return Stream.of(
        BlockExecution.PLAIN,
        new BlockExecution(false, false, 1),
        new BlockExecution(false, true, 0),
        new BlockExecution(false, true, 2));
  }

  @ParameterizedTest
  @MethodSource("executions")
  void lossesAndGradientsThroughBothSidesAreTheRecordedOnes(BlockExecution execution)
      throws IOException {
    Map<String, float[]> gradients = RecordedQFormer.gradients();
    try (RecordedAlignment each = RecordedAlignment.open(STAGE1, true, false)) {
      Step step =
          differentiate(
              each, -1, true, true, Optional.empty(), execution, RecordedQFormer.into(gradients));
      assertLosses(each.recorded(), step.losses);
      each.recorded().assertGradients("grad.", gradients, TRAINED);
    }
  }

  private static List<HardNegatives.Uniforms> uniforms(RecordedAlignment each, int step)
      throws IOException {
    float[] images = each.recorded().inputs().floats("uniform_image_of_text");
    float[] texts = each.recorded().inputs().floats("uniform_text_of_image");
    int b = (int) each.recorded().shape("uniform_image_of_text")[1];
    return IntStream.range(step * b, step * b + b)
        .mapToObj(i -> new HardNegatives.Uniforms(images[i], texts[i]))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("executions")
  void drawnNegativesAndGradientsWithoutGatheredOnesAreTheRecordedOnes(BlockExecution execution)
      throws IOException {
    Map<String, float[]> gradients = RecordedQFormer.gradients();
    try (RecordedAlignment each = RecordedAlignment.open(DRAWN, true, true)) {
      Step step =
          differentiate(
              each,
              0,
              true,
              false,
              Optional.of(uniforms(each, 0)),
              execution,
              RecordedQFormer.into(gradients));
      assertLosses(each.recorded(), step.losses);
      each.recorded().assertGradients("grad.", gradients, TRAINED);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTrainingGoesTheRecordedWay(boolean ownBackward) throws IOException {
    BlockExecution execution = new BlockExecution(false, ownBackward, 0);
    JsonNode training = new JsonMapper().readTree(DRAWN.text("training.json"));
    List<Double> betas = new ArrayList<>();
    training.required("betas").forEach(beta -> betas.add(beta.doubleValue()));
    try (RecordedAlignment each = RecordedAlignment.open(DRAWN, true, true)) {
      RecordedQFormer recorded = each.recorded();
      AdamWSettings settings =
          new AdamWSettings(
              1,
              betas,
              training.required("eps").doubleValue(),
              training.required("weight_decay").doubleValue(),
              Optional.empty());
      int steps = training.required("steps").intValue();
      int batches = (int) recorded.shape("pixel_values")[0];
      float[] losses = recorded.expected().floats("train.losses");
      float[] norms = recorded.expected().floats("train.grad_norm");
      long[] negatives = recorded.expected().longs("train.negatives");
      try (AdamW optimizer = new AdamW(recorded.parameters(), settings)) {
        for (int step = 0; step < steps; step++) {
          int batch = step % batches;
          Step found =
              differentiate(
                  each,
                  batch,
                  step == 0,
                  false,
                  Optional.of(uniforms(each, step)),
                  execution,
                  optimizer);
          assertStep(found, losses, negatives, step);
          assertThat(optimizer.gradientNorm()).isCloseTo(norms[step], within(1e-3));
          optimizer.update(training.required("lr").get(step).doubleValue());
        }
      }
      assertTrained(recorded);
    }
  }

  private static void assertStep(Step found, float[] losses, long[] negatives, int step) {
    for (int i = 0; i < 3; i++) {
      assertThat(found.losses[i])
          .as("loss %d of step %d", i, step)
          .isCloseTo(losses[step * 4 + i], within(TRAINED));
    }
    long[] drawn =
        LongStream.concat(
                Arrays.stream(longs(found.negatives.imageOfText())),
                Arrays.stream(longs(found.negatives.textOfImage())))
            .toArray();
    int size = drawn.length;
    assertThat(drawn)
        .as("draws of step %d", step)
        .isEqualTo(Arrays.copyOfRange(negatives, step * size, (step + 1) * size));
  }

  private static void assertTrained(RecordedQFormer recorded) throws IOException {
    List<String> names = recorded.expected().names().stream().toList();
    int compared = 0;
    for (TensorRule rule : recorded.layout().rules()) {
      float[] ours = recorded.parameters().get(rule.name()).data().toFloats();
      int size = ours.length / rule.foreignNames().size();
      for (int part = 0; part < rule.foreignNames().size(); part++) {
        String name = "train.final." + rule.foreignNames().get(part);
        if (names.contains(name)) {
          float[] theirs = recorded.expected().floats(name);
          for (int i = 0; i < theirs.length; i++) {
            assertThat(ours[part * size + i])
                .as("%s at %d", name, i)
                .isCloseTo(theirs[i], within((float) TRAINED));
          }
          compared++;
        }
      }
    }
    assertThat(compared)
        .isEqualTo(names.stream().filter(name -> name.startsWith("train.final.")).count());
  }
}
