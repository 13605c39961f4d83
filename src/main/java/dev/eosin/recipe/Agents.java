package dev.eosin.recipe;

import dev.eosin.caption.LlmClient;
import dev.eosin.caption.LlmEndpoint;
import dev.eosin.config.DataException;
import dev.eosin.data.Source;
import dev.eosin.data.Sources;
import dev.eosin.image.ImageDecoder;
import dev.eosin.language.StoredAnswerer;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.revise.Agent;
import dev.eosin.revise.AgentChain;
import dev.eosin.revise.AgentChain.Shortening;
import dev.eosin.revise.AgentChain.Step;
import dev.eosin.revise.AgentStep;
import dev.eosin.revise.Lexicon;
import dev.eosin.tensor.Engine;
import dev.eosin.text.ClipTokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Opens the models of a chain, each once.
final class Agents {
  private final AgentsRecipe recipe;
  private final Map<AgentBy, Agent> opened = new HashMap<>();
  private final List<Agent> inOrder = new ArrayList<>();
  private Optional<Engine> engine = Optional.empty();

  private Agents(AgentsRecipe recipe) {
    this.recipe = recipe;
  }

  /// Data first: it is quickly found to be missing.
  static RowPreparation open(AgentsRecipe recipe) throws IOException {
    AgentsRecipe.Chain chain = recipe.agents();
    Source tiles = Sources.open(chain.tiles(), new ImageDecoder());
    Agents agents = new Agents(recipe);
    try {
      Optional<Step> describe = Optional.empty();
      Optional<Step> revise = Optional.empty();
      Optional<Shortening> summarise = Optional.empty();
      if (chain.describe().isPresent()) {
        AgentsRecipe.Describing first = chain.describe().get();
        describe = Optional.of(agents.step(first.step(), first.by()));
        requireSight(describe.get(), first.by());
      }
      if (chain.revise().isPresent()) {
        AgentsRecipe.Revising second = chain.revise().get();
        revise = Optional.of(agents.step(second.step(), second.by()));
      }
      if (chain.summarise().isPresent()) {
        AgentsRecipe.Summarising last = chain.summarise().get();
        Step step = agents.step(last.step(), last.by());
        summarise =
            Optional.of(
                new Shortening(
                    step,
                    ClipTokenizer.load(),
                    last.context(),
                    last.attempts(),
                    Lexicon.named(last.lexicon())));
      }
      return new AgentChain(tiles, describe, revise, summarise);
    } catch (IOException | RuntimeException | Error e) {
      agents.inOrder.forEach(Agent::close);
      throw e;
    }
  }

  private Step step(AgentStep settings, AgentBy by) throws IOException {
    Agent agent = opened.get(by);
    if (agent == null) {
      agent =
          switch (by) {
            case AgentBy.Service(var llm) ->
                Agent.service(llm, new LlmClient(llm, LlmEndpoint.of(System.getenv())));
            case AgentBy.LanguageModel model -> local(model, recipe.agents().mostTokens(by));
          };
      opened.put(by, agent);
      inOrder.add(agent);
    }
    return new Step(settings, agent);
  }

  /// Whatever it said of a tile would be made up.
  private static void requireSight(Step step, AgentBy by) throws DataException {
    if (!step.agent().seesImages()) {
      throw new DataException(
          "agents.describe.by: %s sees no picture; name a model that does".formatted(by));
    }
  }

  /// @param most tokens of any step that asks it
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

  private Engine engine() {
    if (engine.isEmpty()) {
      engine = Optional.of(recipe.compute().start());
    }
    return engine.get();
  }
}
