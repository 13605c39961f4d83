package dev.eosin.cli.models;

import dev.eosin.run.models.SearchChoice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/// How text is generated, where it is to be otherwise than the model's folder says.
final class SearchOptions {
  @Option(
      names = "--max-new-tokens",
      paramLabel = "N",
      description =
          "Most new tokens; what the folder says otherwise, or 256, as far as there is room.")
  private Optional<Integer> tokens = Optional.empty();

  @Option(names = "--beams", paramLabel = "N", description = "Beam search; 1 is greedy.")
  private Optional<Integer> beams = Optional.empty();

  @Option(names = "--temperature", paramLabel = "T", description = "Draws; below 1 what is likely.")
  private Optional<Double> temperature = Optional.empty();

  @Option(names = "--top-k", paramLabel = "N", description = "Draws among so many; 0 for all.")
  private Optional<Integer> topK = Optional.empty();

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Draws among the likeliest of this probability together.")
  private Optional<Double> topP = Optional.empty();

  @Option(names = "--seed", paramLabel = "N", description = "Of what is drawn; 0 otherwise.")
  private Optional<Long> seed = Optional.empty();

  @Option(
      names = "--repetition-penalty",
      paramLabel = "X",
      description = "Makes tokens that came before less likely; 1 for no difference.")
  private Optional<Double> penalty = Optional.empty();

  @Option(
      names = "--no-repeat-ngram",
      paramLabel = "N",
      description = "No N tokens in a row come twice; 0 for no such rule.")
  private Optional<Integer> ngram = Optional.empty();

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "Ends the answer before this text; may be given several times.")
  private List<String> stop = new ArrayList<>();

  SearchChoice choice() {
    return new SearchChoice(
        tokens.map(OptionalInt::of).orElseGet(OptionalInt::empty),
        beams,
        temperature,
        topK,
        topP,
        seed,
        penalty,
        ngram,
        stop);
  }
}
