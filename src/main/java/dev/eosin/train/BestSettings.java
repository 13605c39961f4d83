package dev.eosin.train;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.util.Optional;

/// The key `best` of a recipe.
@Doc(
    "Which weights are the best of the run. Their checkpoint is saved whenever an evaluation finds better ones, and stays however many others there are.")
public record BestSettings(
    @Doc(
            "The name of an evaluation, a dot, and the name of one of its figures as log.jsonl has it: tiles.zero_shot_top1.")
        String metric,
    @Doc("Which values are better; lower for losses, ranks and perplexities without it.")
        Optional<Better> better,
    @Doc("Whose weights final/ has: those of the last step, or the best ones.") @OrElse("last")
        Exported export) {
  /// Whose weights are exported.
  public enum Exported {
    LAST,
    BEST
  }
}
