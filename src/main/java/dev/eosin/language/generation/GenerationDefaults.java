package dev.eosin.language.generation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What a model's folder says of its generation, in `generation_config.json`. What it does not say
/// is what transformers' `generate` does without it.
///
/// @param search how the next token is chosen
/// @param maxNewTokens where it is said
/// @param maxLength most ids with the prompt, where it is said; `maxNewTokens` comes before it
/// @param stop strings that end a sequence
/// @param ends ids that end a sequence; none where the file names none
/// @param padding where it is said
/// @param decoderStart the first id of a decoder behind an encoder, where it is said
public record GenerationDefaults(
    Search search,
    OptionalInt maxNewTokens,
    OptionalInt maxLength,
    int minNewTokens,
    double repetitionPenalty,
    int noRepeatNgram,
    List<String> stop,
    List<Integer> ends,
    OptionalInt padding,
    OptionalInt decoderStart) {
  /// Of a folder without the file.
  public static final GenerationDefaults NONE =
      new GenerationDefaults(
          new Search.Greedy(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          0,
          1,
          0,
          List.of(),
          List.of(),
          OptionalInt.empty(),
          OptionalInt.empty());

  public GenerationDefaults {
    stop = List.copyOf(stop);
    ends = List.copyOf(ends);
    if (!(repetitionPenalty > 0)) {
      throw new IllegalArgumentException(
          "repetition_penalty is %s; a number above 0 is expected".formatted(repetitionPenalty));
    }
  }

  /// Reads a `generation_config.json`.
  ///
  /// @throws DataException naming the file and every option that Eosin does not know or cannot
  ///   honour; a value that changes nothing is none
  public static GenerationDefaults read(Path file) throws DataException {
    try {
      return of(new JsonMapper().readTree(Files.readAllBytes(file)), file.toString());
    } catch (JsonProcessingException e) {
      throw new DataException("%s: no JSON: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException("%s: cannot be read: %s".formatted(file, e), e);
    }
  }

  /// Reads options by their names in transformers.
  ///
  /// @param file for messages
  static GenerationDefaults of(JsonNode options, String file) throws DataException {
    return new GenerationOptions(file, options).read();
  }

  /// How many tokens may follow a prompt; empty where the file does not say. What a model's
  /// positions allow may be less.
  ///
  /// @param promptLength ids of the prompt, which `max_length` counts in
  public OptionalInt maxNewTokens(int promptLength) {
    if (maxNewTokens.isPresent() || maxLength.isEmpty()) {
      return maxNewTokens;
    }
    return OptionalInt.of(Math.max(0, maxLength.getAsInt() - promptLength));
  }

  /// These defaults as settings.
  public GenerationSettings settings(int mostNewTokens) {
    return new GenerationSettings(
        mostNewTokens,
        Math.min(minNewTokens, mostNewTokens),
        repetitionPenalty,
        noRepeatNgram,
        stop,
        search);
  }

  /// The ends of a sequence; rows that have ended are filled with the first of them where no
  /// padding id is said, as in transformers.
  public Optional<EndTokens> endTokens() {
    if (padding.isEmpty() && ends.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(new EndTokens(ends, padding.orElseGet(ends::getFirst)));
  }
}
