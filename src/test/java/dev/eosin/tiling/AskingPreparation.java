package dev.eosin.tiling;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.eosin.config.DataException;
import dev.eosin.prepare.Cost;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.RowSteps.Service;
import dev.eosin.prepare.Rows;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// The same work, with a question before each row: cutting asks nobody, and would be over before
/// anything can befall it.
record AskingPreparation(RowPreparation same, Service service) implements RowPreparation {
  @Override
  public Rows rows() throws DataException {
    return same.rows();
  }

  @Override
  public Map<String, String> pins() {
    return same.pins();
  }

  @Override
  public List<String> reasons() {
    return same.reasons();
  }

  @Override
  public Outcome prepare(Row row, RowSteps steps)
      throws RowFailedException, IOException, InterruptedException {
    var request = JsonNodeFactory.instance.objectNode().put("row", row.key());
    steps.ask("look", request, Cost.ofCall(0, 0), service);
    return same.prepare(row, steps);
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    return same.assemble(outputs);
  }
}
