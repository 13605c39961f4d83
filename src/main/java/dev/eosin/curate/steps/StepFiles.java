package dev.eosin.curate.steps;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What steps read besides rows and images, by its content: a run is not continued with others.
public final class StepFiles {
  private StepFiles() {}

  /// Each file with its SHA-256, by a name for people.
  ///
  /// @throws DataException naming a file that cannot be read
  public static Map<String, String> of(CurationStep step) throws DataException {
    List<Path> files =
        switch (step) {
          case ClassifierStep likely -> List.of(likely.features(), likely.examples());
          case NearestStep near ->
              List.of(
                  near.index().resolve("index.json"),
                  near.index().resolve("rows.jsonl"),
                  near.index().resolve("vectors"),
                  near.queries());
          case SimilarImagesStep alike -> List.of(alike.features());
          default -> List.of();
        };
    Map<String, String> digests = new TreeMap<>();
    for (Path file : files) {
      try {
        digests.put(step.title() + " " + file, FileDigest.of(file).sha256());
      } catch (IOException e) {
        throw new DataException(
            "%s: cannot be read: %s; the step %s needs it, make it with eosin embed or eosin index"
                .formatted(file, AtomicFile.reason(e), step.title()),
            e);
      }
    }
    return digests;
  }
}
