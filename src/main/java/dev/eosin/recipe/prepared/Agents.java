package dev.eosin.recipe.prepared;

import dev.eosin.caption.AgentBy;
import dev.eosin.config.DataException;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.group.Group;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.recipe.AgentsRecipe;
import dev.eosin.revise.AgentChain;
import dev.eosin.revise.AgentChain.Shortening;
import dev.eosin.revise.AgentChain.Step;
import dev.eosin.revise.AgentStep;
import dev.eosin.revise.Lexicon;
import dev.eosin.text.ClipTokenizer;
import java.io.IOException;
import java.util.Optional;

/// Opens the models of a chain, each once.
final class Agents {
  private final AgentsRecipe recipe;
  private final AgentModels models;

  private Agents(AgentsRecipe recipe, Group group) {
    this.recipe = recipe;
    this.models = new AgentModels(recipe.compute(), group);
  }

  /// Data first: it is quickly found to be missing.
  static RowPreparation open(AgentsRecipe recipe, Group group) throws IOException {
    AgentsRecipe.Chain chain = recipe.agents();
    Source tiles = Sources.open(chain.tiles(), new ImageDecoder());
    Agents agents = new Agents(recipe, group);
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
      agents.models.close();
      throw e;
    }
  }

  private Step step(AgentStep settings, AgentBy by) throws IOException {
    return new Step(settings, models.open(by, recipe.agents().mostTokens(by)));
  }

  /// Whatever it said of a tile would be made up.
  private static void requireSight(Step step, AgentBy by) throws DataException {
    if (!step.agent().seesImages()) {
      throw new DataException(
          "agents.describe.by: %s sees no picture; name a model that does".formatted(by));
    }
  }
}
