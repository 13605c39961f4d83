package dev.eosin.language;

import dev.eosin.tensor.Tensor;

/// What a decoder remembers of rows that it continues: keys and values of all tokens so far. b
/// rows.
public interface RowMemory extends AutoCloseable {
  /// Rows now.
  int rows();

  /// Columns that are remembered.
  int columns();

  /// Takes in the prompts, once, before anything else; all rows end in the last column.
  ///
  /// @param tokens [b,n,c], as [Decoder#embed] gives them; the caller's
  /// @return logits of what follows each row, fp32 [b,v]; the caller closes them
  Tensor begin(Tensor tokens, Columns columns);

  /// Takes in one token a row.
  ///
  /// @param ids `[b]`
  /// @return logits of what follows, fp32 [b,v]; the caller closes them
  Tensor next(long[] ids);

  /// Row i becomes what row `from[i]` was; there may be more or fewer rows than before.
  void choose(int[] from);

  @Override
  void close();
}
