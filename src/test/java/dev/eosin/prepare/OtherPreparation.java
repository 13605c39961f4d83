package dev.eosin.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// The same work with other pins, or without the first rows.
record OtherPreparation(RowPreparation same, Map<String, String> pins, int skipped)
    implements RowPreparation {
  @Override
  public Rows rows() throws DataException {
    Rows rows = same.rows();
    for (int row = 0; row < skipped; row++) {
      assertThat(rows.next()).as("row %d", row).isPresent();
    }
    return rows;
  }

  @Override
  public List<String> reasons() {
    return same.reasons();
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    return same.prepare(row, steps);
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    return same.assemble(outputs);
  }
}
