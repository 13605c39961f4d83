package dev.eosin.qformer;

import dev.eosin.language.Columns;
import dev.eosin.language.Decoder;
import dev.eosin.language.DecoderSequences;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Answers of a decoder: a row is the image, the prompt, the answer.
///
/// @param decoder of any kind
/// @param filler id that fills rows up
public record DecoderAnswers(Decoder decoder, int filler) implements Answers {
  @Override
  public int width() {
    return decoder.spec().width();
  }

  @Override
  public int vocabulary() {
    return decoder.spec().vocabulary();
  }

  @Override
  public List<Part> parts() {
    return List.of(decoder);
  }

  @Override
  public Value loss(
      Pass pass, Value images, List<int[]> prompts, List<int[]> answers, double weight) {
    int queries = Math.toIntExact(images.data().size(1));
    List<int[]> texts = new ArrayList<>();
    for (int row = 0; row < prompts.size(); row++) {
      texts.add(joined(prompts.get(row), answers.get(row)));
    }
    SplicedRows rows = SplicedRows.beginningTogether(texts, queries, filler);
    Value states = states(pass, images, rows);
    long[] places = new long[answers.stream().mapToInt(answer -> answer.length).sum()];
    long[] targets = new long[places.length];
    int next = 0;
    for (int row = 0; row < prompts.size(); row++) {
      int before = row * rows.width() + queries + prompts.get(row).length - 1;
      for (int id : answers.get(row)) {
        places[next] = before++;
        targets[next++] = id;
      }
    }
    Tensor where = pass.graph().adopt(pass.engine().of(places, places.length)).data();
    Tensor wanted = pass.graph().adopt(pass.engine().of(targets, targets.length)).data();
    Value some = decoder.normed(pass, decoder.rows(pass, states, where));
    return decoder.loss(pass, some, wanted, weight);
  }

  /// The last block's states of rows that begin in the first column. [b,n,d]
  Value states(Pass pass, Value images, SplicedRows rows) {
    Value tokens = rows.tokens(pass, decoder, images);
    return decoder.through(pass, tokens, Columns.whole(rows.width()));
  }

  @Override
  public Optional<float[][]> lastStates(Pass pass, Value images, int[] prompt) {
    int queries = Math.toIntExact(images.data().size(1));
    SplicedRows row = SplicedRows.beginningTogether(List.of(prompt), queries, filler);
    return Optional.of(decoder.lastStates(pass, row.tokens(pass, decoder, images)));
  }

  private static int[] joined(int[] prompt, int[] answer) {
    int[] all = Arrays.copyOf(prompt, prompt.length + answer.length);
    System.arraycopy(answer, 0, all, prompt.length, answer.length);
    return all;
  }

  @Override
  public DecoderSequences sequences(Pass pass, Value images, List<int[]> prompts, int more) {
    int queries = Math.toIntExact(images.data().size(1));
    SplicedRows rows = SplicedRows.endingTogether(prompts, queries, filler);
    Value tokens = rows.tokens(pass, decoder, images);
    try {
      Columns columns = Columns.endingTogether(rows.width(), rows.lengths());
      return DecoderSequences.of(decoder, pass, tokens.data(), columns, more);
    } finally {
      pass.release(tokens);
    }
  }
}
