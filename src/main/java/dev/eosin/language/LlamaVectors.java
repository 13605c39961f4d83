package dev.eosin.language;

import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.vectors.RememberedKeys;
import dev.eosin.tensor.vectors.RowLinear;
import dev.eosin.tensor.vectors.RowMath;
import dev.eosin.tensor.vectors.RowMatrix;
import dev.eosin.tensor.vectors.VectorModule;
import dev.eosin.tensor.vectors.WorkTeam;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One new token of a few rows through a [Llama] by Java's vectors: the same as kernel `llama_step`
/// for one token, at the speed of memory. b rows, c hidden size, h heads, g heads of keys and
/// values, d head width, f MLP width.
///
/// Activations are fp32, weights fp32 or bf16 where they lie. One thread calls.
final class LlamaVectors implements AutoCloseable {
  // Rows of a matrix below which handing out a part takes longer than its product.
  private static final int LEAST_ROWS = 16;

  private final LlamaSpec spec;
  private final List<LlamaVectorBlock> blocks;
  private final float[] norm;
  private final Optional<RowMatrix> head;
  private final double[] frequencies;
  private final WorkTeam team;
  private LlamaVectorRows rows;

  private LlamaVectors(
      Llama model, List<LlamaVectorBlock> blocks, Pass pass, Optional<RowMatrix> head, int rows) {
    this.spec = model.spec();
    this.blocks = blocks;
    this.norm = pass.parameters().get(model.norm()).data().toFloats();
    this.head = head;
    this.frequencies = spec.rotary().frequencies(spec.headWidth());
    this.team = new WorkTeam(pass.engine().threads());
    this.rows = LlamaVectorRows.of(spec, rows);
  }

  /// The same model's steps; empty where they are libtorch's: on a GPU, without Java's vectors, for
  /// weights of other types, and beside adapters with magnitudes.
  static Optional<LlamaVectors> of(Llama model, Pass pass, int rows) {
    if (!(pass.engine().device() instanceof Device.Cpu) || !VectorModule.isPresent()) {
      return Optional.empty();
    }
    List<LlamaVectorBlock> blocks = new ArrayList<>();
    for (int layer = 0; layer < model.spec().layers(); layer++) {
      LlamaVectorBlock.of(model, pass, layer).ifPresent(blocks::add);
    }
    if (blocks.size() < model.spec().layers()) {
      return Optional.empty();
    }
    Optional<RowMatrix> head =
        model.trainedTokens().isEmpty()
            ? LlamaVectorBlock.matrix(pass, model.head())
            : Optional.empty();
    return Optional.of(new LlamaVectors(model, blocks, pass, head, rows));
  }

  /// What a layer remembers, as its steps read and write it.
  static List<RememberedKeys> remembered(List<Tensor> tensors) {
    List<RememberedKeys> layers = new ArrayList<>();
    for (int i = 0; i < tensors.size(); i += 2) {
      layers.add(RememberedKeys.of(tensors.get(i), tensors.get(i + 1)));
    }
    return layers;
  }

  /// Takes in one token of each row behind `at` others.
  ///
  /// @param tokens [b,c]
  /// @param columns where the rows stand
  /// @param first column that is looked back to
  /// @return the last block's states through the last norm [b,c], until the next step
  float[] step(float[] tokens, List<RememberedKeys> memory, Columns columns, int at, int first) {
    int b = tokens.length / spec.width();
    if (b != rows.count()) {
      rows = LlamaVectorRows.of(spec, b);
    }
    System.arraycopy(tokens, 0, rows.states(), 0, tokens.length);
    rows.turn(columns.positions(at, 1), frequencies);
    var seen = new LlamaVectorRows.Seen(columns.starts(), first, at + 1);
    for (int layer = 0; layer < blocks.size(); layer++) {
      block(blocks.get(layer), memory.get(layer), seen);
    }
    RowMath.rmsNorm(rows.states(), b, norm, spec.normEpsilon(), rows.normed());
    return rows.normed();
  }

  /// Scores of what follows such states [b,v]; empty where the head is not to be read here.
  Optional<float[]> scores(float[] normed) {
    return head.map(
        matrix -> {
          int b = normed.length / spec.width();
          float[] scores = new float[b * matrix.rows()];
          share(matrix.rows(), (from, to) -> matrix.times(normed, b, from, to, scores));
          return scores;
        });
  }

  private void share(int items, WorkTeam.Work work) {
    team.share(items, team.grain(items, LEAST_ROWS), work);
  }

  private void block(LlamaVectorBlock block, RememberedKeys memory, LlamaVectorRows.Seen seen) {
    LlamaVectorRows x = rows;
    int b = x.count();
    RowMath.rmsNorm(x.states(), b, block.attentionNorm(), spec.normEpsilon(), x.normed());
    block.beginAttention(x);
    share(block.attentionRows(), (from, to) -> block.attentionInputs(x, from, to));
    block.addBiases(x);
    x.rotate(spec);
    x.remember(memory, seen);
    team.share(b * spec.heads(), 1, (from, to) -> x.attend(memory, seen, from, to));
    added(block.output(), x.attended());
    RowMath.rmsNorm(x.states(), b, block.mlpNorm(), spec.normEpsilon(), x.normed());
    block.beginMlp(x);
    share(spec.mlpWidth(), (from, to) -> block.gated(x, from, to));
    added(block.down(), x.gate());
  }

  /// Adds the product of a linear [c,.] with some input to the states.
  private void added(RowLinear linear, float[] input) {
    LlamaVectorRows x = rows;
    linear.begin(input, x.count());
    share(
        linear.rows(),
        (from, to) -> {
          linear.times(input, x.count(), from, to, x.product());
          for (int row = 0; row < x.count(); row++) {
            RowMath.add(x.states(), x.product(), row * linear.rows() + from, to - from);
          }
        });
  }

  @Override
  public void close() {
    team.close();
  }
}
