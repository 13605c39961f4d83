package dev.eosin.run.folders;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import java.io.IOException;
import java.nio.file.Files;

/// `finished.json`: says to scripts and schedulers that the run is over and its model whole.
public final class FinishedMarker {
  private static final ObjectMapper JSON = new ObjectMapper();

  private FinishedMarker() {}

  /// Takes away what an earlier end left, before a run goes on.
  public static void remove(RunFolder folder) throws DataException {
    try {
      Files.deleteIfExists(folder.finished());
    } catch (IOException e) {
      throw new DataException(
          folder.finished() + ": cannot be removed: " + AtomicFile.reason(e), e);
    }
  }

  /// @param ranks that finished the run
  public static void write(RunFolder folder, CheckpointState end, int ranks) throws DataException {
    ObjectNode marker = JSON.createObjectNode();
    marker.put("step", end.step()).put("samples", end.samples()).put("ranks", ranks);
    marker.put("model", folder.folder().relativize(folder.exported()).toString());
    AtomicFile.write(folder.finished(), FileContent.text(marker.toPrettyString() + "\n"));
  }
}
