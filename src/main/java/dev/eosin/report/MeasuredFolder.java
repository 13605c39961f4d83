package dev.eosin.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.eval.samples.SamplesFile;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// What an evaluation left in its folder.
///
/// @param name of the folder, as it was named
/// @param results `evaluation.json`
/// @param samples of those evaluations that keep them
public record MeasuredFolder(
    String name, JsonNode results, SequencedMap<String, SampleResults> samples) {
  private static final String RESULTS = "evaluation.json";

  public MeasuredFolder {
    samples = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(samples));
  }

  /// Whether a folder has results of an evaluation.
  public static boolean is(Path folder) {
    return Files.isRegularFile(folder.resolve(RESULTS));
  }

  /// Reads a folder.
  ///
  /// @throws DataException when it has no results, or such as cannot be read
  public static MeasuredFolder read(Path folder) throws DataException {
    Path file = folder.resolve(RESULTS);
    try {
      JsonNode results = new ObjectMapper().readTree(file.toFile());
      if (!results.path("evaluations").isObject()) {
        throw new DataException(file + ": has no evaluations; evaluate again");
      }
      Path samples = folder.resolve(SamplesFile.NAME);
      return new MeasuredFolder(
          folder.toString(),
          results,
          Files.exists(samples) ? SamplesFile.read(samples) : new LinkedHashMap<>());
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }
}
