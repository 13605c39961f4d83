package dev.eosin.language.generation;

import dev.eosin.tensor.Tensor;

/// Sequences of a language model that grow by a token at a time, all by one at once; b rows, v ids
/// in the vocabulary. Used by one thread.
///
/// A step is: [#scores] once, then at most one each of [#spread], [#keep] and [#choose], in this
/// order, then [#append] with a token for each row that is there now. Whoever opened the sequences
/// closes them.
public interface GrowingSequences extends AutoCloseable {
  /// Rows that are there now: b.
  int rows();

  /// Ids that a next token may be: v.
  int vocabulary();

  /// Scores (logits) of the next token of every row, fp32 [b, v], on the engine's device. They stay
  /// the sequences' own: nobody writes or closes them, and they are valid until the next call.
  Tensor scores();

  /// Appends a token to each row.
  ///
  /// @param tokens one for each row; a row that has ended but is still there gets the padding id
  void append(int[] tokens);

  /// Makes every row into `copies` neighbouring rows, so that a prompt is computed once for all of
  /// its beams or samples.
  void spread(int copies);

  /// Lets row i become what row `from[i]` was, for all of them at once. Beams of one prompt, which
  /// [#spread] made, are exchanged among themselves only.
  ///
  /// @param from one for each row
  void choose(int[] from);

  /// Leaves only these rows, in their order, so that a smaller batch goes on; rows that [#spread]
  /// for a beam search stay or go together.
  ///
  /// @param rows ascending, at least one
  void keep(int[] rows);

  @Override
  void close();
}
