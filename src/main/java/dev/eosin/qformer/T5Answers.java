package dev.eosin.qformer;

import dev.eosin.language.DecoderSequences;
import dev.eosin.language.T5;
import dev.eosin.language.T5Decoder;
import dev.eosin.language.TokenMask;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/// Answers of an encoder with a decoder: the encoder reads the image and the prompt, the decoder
/// answers.
///
/// @param model T5
/// @param filler id that fills rows up
public record T5Answers(T5 model, int filler) implements Answers {
  private static final long NOTHING = -100;

  @Override
  public int width() {
    return model.spec().width();
  }

  @Override
  public int vocabulary() {
    return model.spec().vocabulary();
  }

  @Override
  public List<Part> parts() {
    return model.parts();
  }

  @Override
  public Value loss(
      Pass pass, Value images, List<int[]> prompts, List<int[]> answers, double weight) {
    long[] labels = labels(answers);
    int width = labels.length / answers.size();
    SplicedRows rows = rows(images, prompts);
    Value states = states(pass, read(pass, images, rows), rows, labels, width);
    long[] places = LongStream.range(0, labels.length).filter(i -> labels[(int) i] >= 0).toArray();
    long[] targets = Arrays.stream(labels).filter(label -> label >= 0).toArray();
    Tensor where = pass.graph().adopt(pass.engine().of(places, places.length)).data();
    Tensor wanted = pass.graph().adopt(pass.engine().of(targets, targets.length)).data();
    T5Decoder decoder = model.decoder();
    Value some = decoder.normed(pass, decoder.rows(pass, states, where));
    return decoder.loss(pass, some, wanted, weight);
  }

  /// Answers in rows of one width, [NOTHING][#NOTHING] behind shorter ones.
  private static long[] labels(List<int[]> answers) {
    int width = answers.stream().mapToInt(answer -> answer.length).max().orElseThrow();
    long[] labels = new long[answers.size() * width];
    Arrays.fill(labels, NOTHING);
    for (int row = 0; row < answers.size(); row++) {
      int[] answer = answers.get(row);
      for (int i = 0; i < answer.length; i++) {
        labels[row * width + i] = answer[i];
      }
    }
    return labels;
  }

  SplicedRows rows(Value images, List<int[]> prompts) {
    int queries = Math.toIntExact(images.data().size(1));
    return SplicedRows.beginningTogether(prompts, queries, filler);
  }

  private static TokenMask mask(SplicedRows rows) {
    return TokenMask.of(rows.width(), rows.lengths());
  }

  /// What the decoder looks at. [b,n,d]
  Value read(Pass pass, Value images, SplicedRows rows) {
    return model.encoder().through(pass, rows.tokens(pass, model.decoder(), images), mask(rows));
  }

  /// The decoder's last states [b,m,d].
  ///
  /// @param labels [b m]
  Value states(Pass pass, Value read, SplicedRows rows, long[] labels, int width) {
    long[] shifted = model.shifted(labels, width, filler);
    Tensor ids = pass.graph().adopt(pass.engine().of(shifted, rows.rows(), width)).data();
    return model.decoder().through(pass, model.embed(pass, ids), read, mask(rows));
  }

  @Override
  public DecoderSequences sequences(Pass pass, Value images, List<int[]> prompts, int more) {
    SplicedRows rows = rows(images, prompts);
    Value read = read(pass, images, rows);
    try {
      return DecoderSequences.of(model.decoder(), pass, read.data(), mask(rows), more);
    } finally {
      pass.release(read);
    }
  }

  @Override
  public Optional<float[][]> lastStates(Pass pass, Value images, int[] prompt) {
    return Optional.empty();
  }
}
