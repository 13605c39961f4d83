package dev.eosin.recipe;

import dev.eosin.caption.AgentBy;
import dev.eosin.config.Doc;
import dev.eosin.config.Named;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.data.settings.MixtureSettings;
import dev.eosin.data.settings.SourceSettings;
import dev.eosin.data.settings.SplitSettings;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.revise.AgentStep;
import dev.eosin.train.machine.ComputeSettings;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// `kind: agents`: PathGen's chain of models that describe, revise and shorten.
@Named("agents")
@Doc(
    "PathGen's chain, run by `eosin prepare`: of each tile one model writes a description, one"
        + " revises it, one shortens it to what CLIP reads; each step is a service or a model of"
        + " this machine, and may be left out. Writes pathgen.json (PathGen-1.6M's form: wsi_id,"
        + " position, caption, and the image), agents.jsonl (what every step said, also of tiles"
        + " that were left out), agents.json (which summaries fit, and the terms that they keep),"
        + " page.html, rejects.jsonl and funnel.json.")
public record AgentsRecipe(
    @Doc("Root of all randomness; the chain itself draws nothing.") @OrElse("42") long seed,
    @Doc("The device and its threads, for models of this machine.") @OrElse("{}")
        ComputeSettings compute,
    @Doc("The tiles, and who does what.") Chain agents,
    @Doc("How rows are worked through.") @OrElse("{}") PreparationSettings work,
    @Doc("Where the results go.") OutputFolder output)
    implements Preparation {
  /// The key `agents`.
  @Doc("The tiles, and the steps.")
  public record Chain(
      @Doc("Any data with images; no mixture and no split.") SourceSettings tiles,
      @Doc("Says what a tile shows; without it the data's own captions are taken.")
          Optional<Describing> describe,
      @Doc("Mends what was said.") Optional<Revising> revise,
      @Doc("Shortens it.") Optional<Summarising> summarise) {
    /// @throws IllegalArgumentException for a chain without steps, and data made of parts
    public Chain {
      if (describe.isEmpty() && revise.isEmpty() && summarise.isEmpty()) {
        throw new IllegalArgumentException(
            "describe: there is no step; give describe, revise, summarise or several of them");
      }
      if (tiles instanceof MixtureSettings || tiles instanceof SplitSettings) {
        throw new IllegalArgumentException("tiles: is made of parts; name its samples directly");
      }
    }

    private record Asked(AgentBy by, AgentStep step) {}

    private List<Asked> asked() {
      return Stream.of(
              describe.map(one -> new Asked(one.by(), one.step())),
              revise.map(one -> new Asked(one.by(), one.step())),
              summarise.map(one -> new Asked(one.by(), one.step())))
          .flatMap(Optional::stream)
          .toList();
    }

    /// The models of all steps.
    List<AgentBy> all() {
      return asked().stream().map(Asked::by).toList();
    }

    /// The longest answer that a model may give.
    public int mostTokens(AgentBy by) {
      return asked().stream()
          .filter(one -> one.by().equals(by))
          .mapToInt(one -> one.step().mostTokens())
          .max()
          .orElseThrow();
    }
  }

  /// The first step.
  @Doc("The step that describes.")
  public record Describing(
      @Doc("Who does it.") AgentBy by,
      @Doc("How it is asked for.") @OrElse("{ prompt: \"" + AgentStep.DESCRIBE + "\" }")
          AgentStep step) {}

  /// The second step.
  @Doc("The step that revises.")
  public record Revising(
      @Doc("Who does it.") AgentBy by,
      @Doc("How it is asked for.") @OrElse("{ prompt: \"" + AgentStep.REVISE + "\" }")
          AgentStep step) {}

  /// The third step.
  @Doc("The step that shortens.")
  public record Summarising(
      @Doc("Who does it.") AgentBy by,
      @Doc("How it is asked for.") @OrElse("{ prompt: \"" + AgentStep.SUMMARISE + "\" }")
          AgentStep step,
      @Doc("Ids of CLIP's tokenizer that fit, start and end of text among them.")
          @OrElse("77")
          @Range(min = 3)
          int context,
      @Doc("How often a summary is asked for until it fits.") @OrElse("2") @Range(min = 1)
          int attempts,
      @Doc("Words that count as facts in agents.json: a lexicon as kind: degrade has it.")
          @OrElse("pathology")
          String lexicon) {
    /// @throws IllegalArgumentException for a summary that would be edits
    public Summarising {
      if (step.answers() == AgentStep.Form.EDITS) {
        throw new IllegalArgumentException("step.answers: edits are for the step that revises");
      }
    }
  }

  /// @throws IllegalArgumentException for a budget that cannot be kept
  public AgentsRecipe {
    agents.all().forEach(by -> by.checkBudget(work.budget()));
  }

  @Override
  public Optional<String> service() {
    boolean asked = agents.all().stream().anyMatch(AgentBy.Service.class::isInstance);
    return asked ? Optional.of("agents") : Optional.empty();
  }
}
