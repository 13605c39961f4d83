package dev.eosin.run.models;

import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.generation.Search;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// How text is to be generated otherwise than a model's folder says; what is empty is as it says.
///
/// @param tokens new ones at most
/// @param beams of a beam search; 1 is greedy
/// @param temperature above 0; it, `topK`, `topP` or `seed` make a search that draws
/// @param penalty on tokens that came before
/// @param ngram of which none comes twice
/// @param stop texts that end an answer
public record SearchChoice(
    OptionalInt tokens,
    Optional<Integer> beams,
    Optional<Double> temperature,
    Optional<Integer> topK,
    Optional<Double> topP,
    Optional<Long> seed,
    Optional<Double> penalty,
    Optional<Integer> ngram,
    List<String> stop) {
  public SearchChoice {
    stop = List.copyOf(stop);
  }

  /// Refuses what is wrong by itself, before anything is opened.
  ///
  /// @throws IllegalArgumentException beginning with the choice that is wrong, or does not go with
  ///   another
  public void check() {
    applied(GenerationSettings.greedy(tokens.orElse(1)));
  }

  /// What a folder says, with what was chosen.
  ///
  /// @throws IllegalArgumentException as [#check]
  GenerationSettings applied(GenerationSettings folder) {
    return new GenerationSettings(
        folder.maxNewTokens(),
        folder.minNewTokens(),
        penalty.orElse(folder.repetitionPenalty()),
        ngram.orElse(folder.noRepeatNgram()),
        stop.isEmpty() ? folder.stop() : stop,
        search(folder.search()));
  }

  private Search search(Search folder) {
    boolean draws = Stream.of(temperature, topK, topP, seed).anyMatch(Optional::isPresent);
    if (draws && beams.isPresent()) {
      throw new IllegalArgumentException(
          "beams: are never drawn; leave them out, or temperature, top-k, top-p and seed");
    }
    if (beams.isPresent()) {
      return beams(folder, beams.get());
    }
    return draws ? drawing(folder) : folder;
  }

  private static Search beams(Search folder, int count) {
    var known =
        folder instanceof Search.Beams own
            ? own
            : new Search.Beams(1, 1, Search.EarlyStopping.LIKELY, 1);
    return count == 1
        ? new Search.Greedy()
        : new Search.Beams(count, known.lengthPenalty(), known.earlyStopping(), 1);
  }

  private Search drawing(Search folder) {
    var known = folder instanceof Search.Sampling own ? own : new Search.Sampling(1, 0, 1, 1, 0);
    return new Search.Sampling(
        temperature.orElse(known.temperature()),
        topK.orElse(known.topK()),
        topP.orElse(known.topP()),
        1,
        seed.orElse(known.seed()));
  }
}
