package dev.eosin.prepare;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// Another preparation, on a rank that is lost at its first row.
record LostPreparation(RowPreparation whole, When when) implements RowPreparation {
  /// When it is lost: before anything is recorded of the row, or before its outcome is.
  enum When {
    BEFORE_ITS_STEPS,
    BEFORE_ITS_OUTCOME
  }

  @Override
  public Rows rows() throws DataException {
    return whole.rows();
  }

  @Override
  public Map<String, String> pins() {
    return whole.pins();
  }

  @Override
  public List<String> reasons() {
    return whole.reasons();
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    if (when == When.BEFORE_ITS_OUTCOME) {
      whole.prepare(row, steps);
    }
    throw new IOException("lost");
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    return whole.assemble(outputs);
  }
}
