package dev.eosin.qformer;

import dev.eosin.tensor.Value;
import java.util.List;

/// What became of the queries: their last states, and what words may see of them.
///
/// @param last [b,q,c]
/// @param keys of each layer's self-attention [b,h,q,c/h]
/// @param values as the keys
public record QueryStates(Value last, List<Value> keys, List<Value> values) {
  public QueryStates {
    keys = List.copyOf(keys);
    values = List.copyOf(values);
  }
}
