package dev.eosin.curate.steps;

import dev.eosin.caption.Agent;
import dev.eosin.caption.AgentBy;
import dev.eosin.tensor.Engine;
import java.io.IOException;

/// Opens what some steps compute with; whoever runs a recipe has it. Closed with the curation.
public interface CurationModels extends AutoCloseable {
  /// A model that is asked.
  ///
  /// @param mostTokens of any answer
  Agent agent(AgentBy by, int mostTokens) throws IOException;

  /// What compares embeddings; started when first asked for.
  Engine engine();

  @Override
  void close();

  /// For lists without such steps.
  static CurationModels none() {
    return new CurationModels() {
      @Override
      public Agent agent(AgentBy by, int mostTokens) {
        throw new IllegalStateException("a list with a step that asks a model is opened without");
      }

      @Override
      public Engine engine() {
        throw new IllegalStateException("a list with a step that computes is opened without");
      }

      @Override
      public void close() {
        // Nothing is open.
      }
    };
  }
}
