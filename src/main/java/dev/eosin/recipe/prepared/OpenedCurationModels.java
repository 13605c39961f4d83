package dev.eosin.recipe.prepared;

import dev.eosin.caption.Agent;
import dev.eosin.caption.AgentBy;
import dev.eosin.curate.steps.CurationModels;
import dev.eosin.group.Group;
import dev.eosin.tensor.Engine;
import dev.eosin.train.machine.ComputeSettings;
import java.io.IOException;

/// What steps of a curation ask and compute with, on the device that the recipe names.
final class OpenedCurationModels implements CurationModels {
  private final AgentModels models;

  OpenedCurationModels(ComputeSettings compute, Group group) {
    models = new AgentModels(compute, group);
  }

  @Override
  public Agent agent(AgentBy by, int mostTokens) throws IOException {
    return models.open(by, mostTokens);
  }

  @Override
  public Engine engine() {
    return models.engine();
  }

  @Override
  public void close() {
    models.close();
  }
}
