package dev.eosin.recipe.prepared;

import dev.eosin.caption.LlmClient;
import dev.eosin.caption.LlmEndpoint;
import dev.eosin.caption.LlmSettings;
import dev.eosin.captioning.Captioning;
import dev.eosin.config.DataException;
import dev.eosin.curate.PairCuration;
import dev.eosin.file.AtomicFile;
import dev.eosin.group.Group;
import dev.eosin.image.slides.SlideCodecs;
import dev.eosin.instruct.CaptionInstructionSettings;
import dev.eosin.instruct.CaptionInstructions;
import dev.eosin.instruct.FewShotInstructions;
import dev.eosin.instruct.FewShotSettings;
import dev.eosin.mining.TileMining;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.AgentsRecipe;
import dev.eosin.recipe.CaptionsRecipe;
import dev.eosin.recipe.CropsRecipe;
import dev.eosin.recipe.CurateRecipe;
import dev.eosin.recipe.DegradeRecipe;
import dev.eosin.recipe.InstructionsRecipe;
import dev.eosin.recipe.MineRecipe;
import dev.eosin.recipe.PairsRecipe;
import dev.eosin.recipe.Preparation;
import dev.eosin.recipe.SummariesRecipe;
import dev.eosin.recipe.TilesRecipe;
import dev.eosin.revise.CaptionDegradation;
import dev.eosin.revise.CaptionSummaries;
import dev.eosin.tiling.PathGenCrops;
import dev.eosin.tiling.SlideTiles;
import java.io.IOException;
import java.util.Optional;

/// What each kind of preparation makes of rows.
public final class OpenedPreparations {
  private OpenedPreparations() {}

  /// As below, in a process alone.
  public static RowPreparation open(Preparation recipe) throws DataException {
    return open(recipe, Group.ALONE);
  }

  /// What becomes of each row; closed by who asks for it.
  ///
  /// @param group of ranks that share the rows, on whose device it computes
  /// @throws DataException when something that it needs is missing: data, a model, a lexicon, or
  ///   the address of a service in the environment
  public static RowPreparation open(Preparation recipe, Group group) throws DataException {
    return switch (recipe) {
      case PairsRecipe pairs -> new PairCuration(pairs.pairs());
      case CurateRecipe curate -> Curations.open(curate, group);
      case TilesRecipe tiles -> new SlideTiles(tiles.tiles(), SlideCodecs.find());
      case CropsRecipe crops -> PathGenCrops.open(crops.crops(), SlideCodecs.find());
      case MineRecipe mine -> mined(mine);
      case InstructionsRecipe instructions -> instructions(instructions);
      case DegradeRecipe degrade -> degraded(degrade);
      case SummariesRecipe summaries ->
          new CaptionSummaries(summaries.summaries(), new RandomKey(summaries.seed()));
      case AgentsRecipe agents -> chain(agents, group);
      case CaptionsRecipe captions -> captions(captions, group);
    };
  }

  private static RowPreparation mined(MineRecipe recipe) throws DataException {
    try {
      return TileMining.open(recipe.mine());
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(recipe.mine().images() + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static RowPreparation instructions(InstructionsRecipe recipe) throws DataException {
    RandomKey key = new RandomKey(recipe.seed());
    return switch (recipe.instructions()) {
      case CaptionInstructionSettings captions -> {
        Optional<LlmSettings> llm = captions.asks();
        Optional<LlmClient> client =
            llm.isEmpty() ? Optional.empty() : Optional.of(client(llm.get()));
        yield new CaptionInstructions(captions, key, client);
      }
      case FewShotSettings slides -> new FewShotInstructions(slides, key);
    };
  }

  private static RowPreparation degraded(DegradeRecipe recipe) throws DataException {
    Optional<LlmClient> client = Optional.empty();
    if (recipe.degrade().llm().isPresent()) {
      client = Optional.of(client(recipe.degrade().llm().get().asked()));
    }
    return new CaptionDegradation(recipe.degrade(), new RandomKey(recipe.seed()), client);
  }

  private static LlmClient client(LlmSettings llm) throws DataException {
    return new LlmClient(llm, LlmEndpoint.of(System.getenv()));
  }

  private static RowPreparation chain(AgentsRecipe recipe, Group group) throws DataException {
    try {
      return Agents.open(recipe, group);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException("agents: cannot be opened: " + AtomicFile.reason(e), e);
    }
  }

  private static RowPreparation captions(CaptionsRecipe recipe, Group group) throws DataException {
    AgentModels models = new AgentModels(recipe.compute(), group);
    try {
      return Captioning.open(
          recipe.captions(), models.open(recipe.by(), recipe.captions().mostTokens()));
    } catch (DataException | RuntimeException | Error e) {
      models.close();
      throw e;
    } catch (IOException e) {
      models.close();
      throw new DataException("captions: cannot be opened: " + AtomicFile.reason(e), e);
    }
  }
}
