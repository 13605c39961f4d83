package dev.eosin.language;

import dev.eosin.language.generation.GrowingSequences;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.Arrays;
import java.util.List;

/// Rows that a [Decoder] continues, or answers of a [T5Decoder], as a search for text sees them.
public final class DecoderSequences implements GrowingSequences {
  private final int vocabulary;
  private final RowMemory memory;
  private Tensor scores;

  private DecoderSequences(int vocabulary, RowMemory memory, Tensor scores) {
    this.vocabulary = vocabulary;
    this.memory = memory;
    this.scores = scores;
  }

  /// Reads prompts that are given as ids.
  ///
  /// @param prompts ids of each row, at least one
  /// @param filler stands before shorter rows; changes nothing
  /// @param more tokens that each row may grow by
  public static DecoderSequences of(
      Decoder decoder, Pass pass, List<int[]> prompts, int filler, int more) {
    int width = prompts.stream().mapToInt(ids -> ids.length).max().orElseThrow();
    int[] lengths = prompts.stream().mapToInt(ids -> ids.length).toArray();
    long[] all = new long[prompts.size() * width];
    Arrays.fill(all, filler);
    for (int row = 0; row < lengths.length; row++) {
      for (int i = 0; i < lengths[row]; i++) {
        all[(row + 1) * width - lengths[row] + i] = prompts.get(row)[i];
      }
    }
    try (Tensor ids = pass.engine().of(all, lengths.length, width)) {
      var tokens = decoder.embed(pass, ids);
      try {
        return of(decoder, pass, tokens.data(), Columns.endingTogether(width, lengths), more);
      } finally {
        pass.release(tokens);
      }
    }
  }

  /// Reads prompts that are tokens already, among them features of images.
  ///
  /// @param tokens [b,n,c], all rows ending in the last column; the caller's
  /// @param more tokens that each row may grow by
  public static DecoderSequences of(
      Decoder decoder, Pass pass, Tensor tokens, Columns columns, int more) {
    int rows = Math.toIntExact(tokens.size(0));
    RowMemory memory = decoder.remember(pass, rows, columns.width() + more);
    try {
      Tensor scores = memory.begin(tokens, columns);
      return new DecoderSequences(decoder.spec().vocabulary(), memory, scores);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  /// Reads questions by the encoder, and begins the answers.
  ///
  /// @param questions ids of each row, at least one
  /// @param filler stands behind shorter rows; changes nothing
  /// @param more tokens that each answer may have
  public static DecoderSequences of(
      T5Decoder decoder, Pass pass, List<int[]> questions, int filler, int more) {
    try (Tensor ids = filled(pass, questions, filler)) {
      int width = Math.toIntExact(ids.size(1));
      int[] lengths = questions.stream().mapToInt(each -> each.length).toArray();
      TokenMask mask = TokenMask.of(width, lengths);
      Value read = decoder.model().encoder().through(pass, decoder.embed(pass, ids), mask);
      try {
        return of(decoder, pass, read.data(), mask, more);
      } finally {
        pass.release(read);
      }
    }
  }

  /// Rows that begin in the first column [b,n].
  private static Tensor filled(Pass pass, List<int[]> rows, int filler) {
    int width = rows.stream().mapToInt(ids -> ids.length).max().orElseThrow();
    long[] all = new long[rows.size() * width];
    Arrays.fill(all, filler);
    for (int row = 0; row < rows.size(); row++) {
      for (int i = 0; i < rows.get(row).length; i++) {
        all[row * width + i] = rows.get(row)[i];
      }
    }
    return pass.engine().of(all, rows.size(), width);
  }

  /// Answers to what an encoder read; each begins with the start token, which is no part of it.
  ///
  /// @param read what the encoder gave [b,n,c]; the caller's, and not needed any more afterwards
  /// @param mask which tokens it read
  /// @param more tokens that each answer may have
  public static DecoderSequences of(
      T5Decoder decoder, Pass pass, Tensor read, TokenMask mask, int more) {
    RowMemory memory = decoder.remember(pass, read, mask, 1 + more);
    try (Tensor starts = decoder.starts(pass, mask.rows())) {
      Tensor scores = memory.begin(starts, Columns.whole(1));
      return new DecoderSequences(decoder.spec().vocabulary(), memory, scores);
    } catch (RuntimeException | Error e) {
      memory.close();
      throw e;
    }
  }

  @Override
  public int rows() {
    return memory.rows();
  }

  @Override
  public int vocabulary() {
    return vocabulary;
  }

  @Override
  public Tensor scores() {
    return scores;
  }

  @Override
  public void append(int[] tokens) {
    Tensor next = memory.next(Arrays.stream(tokens).asLongStream().toArray());
    scores.close();
    scores = next;
  }

  @Override
  public void spread(int copies) {
    int rows = memory.rows();
    int[] from = new int[rows * copies];
    Arrays.setAll(from, row -> row / copies);
    memory.choose(from);
  }

  @Override
  public void choose(int[] from) {
    memory.choose(from);
  }

  @Override
  public void keep(int[] rows) {
    memory.choose(rows);
  }

  @Override
  public void close() {
    scores.close();
    memory.close();
  }
}
