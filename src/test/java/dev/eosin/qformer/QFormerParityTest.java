package dev.eosin.qformer;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.NameTable;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A Q-Former alone against transformers: queries, words and both, with gradients.
@Tag("parity")
class QFormerParityTest {
  private static final double TOLERANCE = 1e-4;
  private static final ParityCase CASE = ParityCase.open("blip2-qformer");

  private static RecordedQFormer open(QFormer model, boolean trained) throws IOException {
    NameTable names = new NameTable();
    QFormerNames.ALONE.qformer(names, model);
    List<String> held = names.rules().stream().map(rule -> rule.name()).toList();
    List<Weight> weights =
        model.weights().stream().filter(weight -> held.contains(weight.name())).toList();
    return RecordedQFormer.open(CASE, names, weights, trained ? Set.copyOf(held) : Set.of());
  }

  /// The case brings queries of its own, so that their number is nothing here, and sums of words
  /// and positions.
  private static QFormer model() throws IOException {
    return new QFormer("qformer", RecordedQFormer.spec(RecordedQFormer.config(CASE), 1, true));
  }

  @Test
  void statesOfQueriesAreTheRecordedOnes() throws IOException {
    QFormer model = model();
    try (RecordedQFormer recorded = open(model, false);
        Tensor queries = recorded.floats("query_embeds");
        Tensor image = recorded.floats("encoder_hidden_states")) {
      Pass pass = recorded.pass(new Forward(RecordedQFormer.ENGINE));
      List<Value> seen = model.image(pass, pass.graph().constant(image));
      int q = Math.toIntExact(queries.size(1));
      var mask = recorded.mask("encoder_attention_mask");
      var layers = QFormerPass.of(model, pass, q, Optional.empty()).looking(seen, mask);
      Value entered = layers.entered(pass.graph().constant(queries));
      recorded.assertSame("query.embedded", entered.data(), TOLERANCE);
      List<Value> states = layers.states(entered);
      for (int i = 0; i < states.size(); i++) {
        recorded.assertSame("query.layer." + i, states.get(i).data(), TOLERANCE);
      }
      recorded.assertSame("query.last_hidden_state", states.getLast().data(), TOLERANCE);
      pass.graph().close();
    }
  }

  @Test
  void statesOfWordsAndOfBothAreTheRecordedOnes() throws IOException {
    QFormer model = model();
    try (RecordedQFormer recorded = open(model, false);
        Tensor queries = recorded.floats("query_embeds");
        Tensor words = recorded.floats("text_embeds");
        Tensor image = recorded.floats("encoder_hidden_states")) {
      Pass pass = recorded.pass(new Forward(RecordedQFormer.ENGINE));
      long[] present = recorded.inputs().longs("text_attention_mask");
      var mask = recorded.mask("text_attention_mask");
      var alone = QFormerPass.of(model, pass, 0, Optional.empty()).seeing(mask, 0, false);
      Value states = alone.last(alone.entered(pass.graph().constant(words)));
      recorded.assertSame("text.last_hidden_state", states.data(), present, TOLERANCE);
      int q = Math.toIntExact(queries.size(1));
      int t = Math.toIntExact(words.size(1));
      List<Value> seen = model.image(pass, pass.graph().constant(image));
      var together =
          QFormerPass.of(model, pass, q, Optional.empty()).looking(seen).seeing(mask, q, false);
      Value tokens =
          QFormer.joined(pass, pass.graph().constant(queries), pass.graph().constant(words));
      Value both = together.last(together.entered(tokens));
      long[] here =
          LongStream.range(0, present.length / t * (q + t))
              .map(i -> i % (q + t) < q ? 1 : present[(int) (i / (q + t) * t + i % (q + t) - q)])
              .toArray();
      recorded.assertSame("joint.last_hidden_state", both.data(), here, TOLERANCE);
      pass.graph().close();
    }
  }

  @ParameterizedTest
  @CsvSource({"false, 0", "false, 2", "true, 0", "true, 2"})
  void gradientsOfEveryWeightAreTheRecordedOnes(boolean ownBackward, int recomputeEvery)
      throws IOException {
    QFormer model = model();
    Map<String, float[]> gradients = RecordedQFormer.gradients();
    try (RecordedQFormer recorded = open(model, true);
        Tape tape = new Tape(RecordedQFormer.ENGINE);
        Tensor queries = recorded.floats("query_embeds");
        Tensor image = recorded.floats("encoder_hidden_states")) {
      Pass pass = recorded.pass(tape, new BlockExecution(false, ownBackward, recomputeEvery));
      List<Value> seen = model.image(pass, tape.constant(image));
      int q = Math.toIntExact(queries.size(1));
      var mask = recorded.mask("encoder_attention_mask");
      var layers = QFormerPass.of(model, pass, q, Optional.empty()).looking(seen, mask);
      Value last = layers.last(layers.entered(tape.constant(queries)));
      float[] weight = recorded.inputs().floats("grad_weight");
      Tensor upstream = RecordedQFormer.ENGINE.of(weight, last.data().shape());
      tape.backward(List.of(last), List.of(upstream), RecordedQFormer.into(gradients));
      recorded.assertGradients("query.grad.", gradients, TOLERANCE);
    }
  }
}
