package dev.eosin.recipe.prepared;

import dev.eosin.caption.Agent;
import dev.eosin.caption.AgentBy;
import dev.eosin.caption.LlmClient;
import dev.eosin.caption.LlmEndpoint;
import dev.eosin.group.Group;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.recipe.stored.StoredAnswerers;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.train.machine.ComputeSettings;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Opens models that are asked over rows, each once.
final class AgentModels implements AutoCloseable {
  private final ComputeSettings compute;
  private final Group group;
  private final Map<AgentBy, Agent> opened = new HashMap<>();
  private Optional<Engine> engine = Optional.empty();

  /// @param compute of models of this machine
  /// @param group of ranks that share the rows
  AgentModels(ComputeSettings compute, Group group) {
    this.compute = compute;
    this.group = group;
  }

  /// @param most tokens of any answer that it is asked for
  Agent open(AgentBy by, int most) throws IOException {
    Agent agent = opened.get(by);
    if (agent == null) {
      agent =
          switch (by) {
            case AgentBy.Service(var llm) ->
                Agent.service(llm, new LlmClient(llm, LlmEndpoint.of(System.getenv())));
            case AgentBy.LanguageModel model -> local(model, most);
          };
      opened.put(by, agent);
    }
    return agent;
  }

  private Agent local(AgentBy.LanguageModel settings, int most) throws IOException {
    StoredAnswerer model = StoredAnswerers.open(settings.wanted());
    try {
      GenerationSettings generation =
          settings.generation().orElseGet(() -> model.defaults().settings(most)).limited(most);
      Map<String, String> pins = model.pins(generation);
      StoredAnswerer.Loaded loaded = model.load(engine(), generation);
      return Agent.local(
          loaded.answerer(),
          pins,
          () -> {
            loaded.close();
            model.close();
          });
    } catch (IOException | RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  /// The one of all models; started when first asked for.
  Engine engine() {
    if (engine.isEmpty()) {
      engine = Optional.of(compute.start(KernelListener.NONE, group));
    }
    return engine.get();
  }

  /// Closes what nobody else closes.
  @Override
  public void close() {
    opened.values().forEach(Agent::close);
  }
}
