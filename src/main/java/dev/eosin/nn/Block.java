package dev.eosin.nn;

import dev.eosin.tensor.Value;
import java.util.Optional;

/// One block of a [Transformer]: attention, then an MLP. b rows, n tokens, c hidden size.
public sealed interface Block permits PreNorm, PostNorm {
  /// For all tokens [b,n,c]. `x` is not released.
  ///
  /// @param beside what this kind of block takes besides, see [Transformer#hiddenStates]
  Value all(Pass pass, Value x, Value... beside);

  /// For one token of each row [b,1,c], which sees all of them. `x` is not released.
  ///
  /// @param position int64 `[b]`, for kinds that can take any token
  Value one(Pass pass, Value x, Optional<Value> position, Value... beside);
}
