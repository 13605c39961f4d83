package dev.eosin.onnx;

import dev.eosin.config.DataException;
import java.util.List;

/// Rows of tables and of tokens.
public final class Rows {
  private Rows() {}

  /// Rows of a table by ids, fp32.
  ///
  /// @param table name of a matrix [v,c]
  /// @param ids int64, of any shape [...]
  /// @return [...,c]
  /// @throws DataException when there is no such table
  public static GraphValue of(GraphPass pass, String table, GraphValue ids) throws DataException {
    GraphValue rows =
        pass.op(
            "Gather", List.of(pass.weight(table, pass.products()), ids), Attribute.of("axis", 0L));
    return pass.wide(rows);
  }

  /// The first n rows of a table [m,c], fp32 [n,c].
  ///
  /// @param n int64 []
  /// @throws DataException when there is no such table
  public static GraphValue first(GraphPass pass, String table, GraphValue n) throws DataException {
    GraphBuilder graph = pass.graph();
    GraphValue end = pass.op("Unsqueeze", List.of(n, graph.wholes(0)));
    return pass.op("Slice", List.of(pass.weight(table), graph.wholes(0), end, graph.wholes(0)));
  }

  /// One token of each row.
  ///
  /// @param x [b,n,c]
  /// @param position int64 `[b]`
  /// @return [b,1,c]
  public static GraphValue at(GraphPass pass, GraphValue x, GraphValue position) {
    GraphBuilder graph = pass.graph();
    GraphValue places = pass.op("Unsqueeze", List.of(position, graph.wholes(1, 2)));
    return pass.op("GatherND", List.of(x, places), Attribute.of("batch_dims", 1L));
  }

  /// The first token of each row [b,1,c].
  ///
  /// @param x [b,n,c]
  public static GraphValue firstToken(GraphPass pass, GraphValue x) {
    return slice(pass, x, 1, 0, 1);
  }

  /// What stands from `from` to before `to` along an axis.
  ///
  /// @param to `Long.MAX_VALUE` for all of the rest
  public static GraphValue slice(GraphPass pass, GraphValue x, long axis, long from, long to) {
    GraphBuilder graph = pass.graph();
    return pass.op("Slice", List.of(x, graph.wholes(from), graph.wholes(to), graph.wholes(axis)));
  }
}
