package dev.eosin.eval.tiles;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.activations.ActivationPins;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What trainings of an evaluation came to, one file each, so that an evaluation that was stopped
/// or killed does not make them again. A file says all that its training depended on: where
/// anything differs it is another file, and what is cut or altered is trained again. n tiles, k
/// classes.
///
/// @param folder of the files; made when the first is written
/// @param pins what every training depends on, such as the digest of weights and tiles
public record DoneTrainings(Path folder, SortedMap<String, String> pins) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PINS = "pins";
  private static final String SHARES = "shares";
  private static final String ENDING = ".json";

  public DoneTrainings {
    pins = Collections.unmodifiableSortedMap(new TreeMap<>(pins));
  }

  /// One of them.
  ///
  /// @param task of one share
  /// @param rows that it learns from
  /// @param asked rows that it is asked about
  /// @param run draws its linear layer and its order
  @SuppressWarnings("ArrayRecordComponent") // made into text, never compared
  record Training(TileTask.FineTune task, int[] rows, int[] asked, double rate, int run) {
    void pin(SortedMap<String, String> to) {
      to.put("training.version", task.version());
      // Other rates and shares of the same study take nothing from this one.
      to.put("training.batch", Integer.toString(task.batch()));
      to.put("training.epochs", Integer.toString(task.epochs()));
      to.put("training.weight_decay", Double.toString(task.weightDecay()));
      to.put("training.rate", Double.toString(rate));
      to.put("training.run", Integer.toString(run));
      to.put("training.rows", Arrays.toString(rows));
      to.put("training.asked", Arrays.toString(asked));
    }
  }

  private SortedMap<String, String> all(Training training) {
    SortedMap<String, String> all = new TreeMap<>(pins);
    training.pin(all);
    return all;
  }

  private Path file(SortedMap<String, String> all) throws IOException {
    return folder.resolve(ActivationPins.fingerprint(all).substring(0, 32) + ENDING);
  }

  /// What a training came to, if it is known: shares [n][k], or empty where its loss was not
  /// finite.
  ///
  /// @param classes k
  Optional<Optional<double[][]>> known(Training training, int classes) throws IOException {
    SortedMap<String, String> all = all(training);
    Path file = file(all);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    JsonNode said;
    try {
      said = JSON.readTree(file.toFile());
    } catch (JsonProcessingException cut) {
      return Optional.empty();
    }
    if (!said.path(PINS).equals(ActivationPins.json(all))) {
      return Optional.empty();
    }
    if (said.path(SHARES).isNull()) {
      return Optional.of(Optional.empty());
    }
    return shares(said.path(SHARES), training.asked().length, classes).map(Optional::of);
  }

  private static Optional<double[][]> shares(JsonNode rows, int count, int classes) {
    double[][] shares = new double[count][classes];
    boolean whole = rows.size() == count;
    for (int row = 0; whole && row < count; row++) {
      whole = rows.path(row).size() == classes;
      for (int k = 0; whole && k < classes; k++) {
        whole = rows.path(row).path(k).isNumber();
        shares[row][k] = rows.path(row).path(k).asDouble();
      }
    }
    return whole ? Optional.of(shares) : Optional.empty();
  }

  /// Keeps what a training came to.
  ///
  /// @throws DataException when it cannot be written
  void keep(Training training, Optional<double[][]> shares) throws IOException {
    SortedMap<String, String> all = all(training);
    ObjectNode said = JSON.createObjectNode();
    said.set(PINS, ActivationPins.json(all));
    if (shares.isPresent()) {
      ArrayNode rows = said.putArray(SHARES);
      for (double[] row : shares.get()) {
        ArrayNode of = rows.addArray();
        for (double share : row) {
          of.add(share);
        }
      }
    } else {
      said.putNull(SHARES);
    }
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be made: " + AtomicFile.reason(e), e);
    }
    AtomicFile.write(file(all), FileContent.text(said + "\n"));
  }

  /// Removes them all, once what they led to is written.
  ///
  /// @param folder that may not be there
  public static void remove(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> files;
    try (Stream<Path> found = Files.list(folder)) {
      files = found.filter(file -> file.toString().endsWith(ENDING)).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    try (Stream<Path> left = Files.list(folder)) {
      if (left.findAny().isPresent()) {
        return;
      }
    }
    Files.delete(folder);
  }
}
