package dev.eosin.checkpoint;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.Disk;
import dev.eosin.file.FileContent;
import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The native checkpoints of one run: a folder of `step-00000100` folders. `docs/formats.md` is the
/// specification.
///
/// A checkpoint appears whole or not at all, an older one is removed only after a newer one is
/// durable, and a failed save leaves the older ones as they were. For one process at a time.
public final class CheckpointStore {
  private static final Pattern NAME = Pattern.compile("step-(\\d{8,18})");
  private static final Pattern LEFTOVER = Pattern.compile("\\.(step-\\d{8,18})\\.(partial|old)");

  /// What a run can go on from.
  ///
  /// @param checkpoint the newest whole one, if there is any
  /// @param rejected why newer ones were passed over, one line each, newest first
  public record Recovery(Optional<Checkpoint> checkpoint, List<String> rejected) {
    public Recovery {
      rejected = List.copyOf(rejected);
    }
  }

  private final Disk disk;
  private final Path folder;
  private final int keep;
  private final String version;

  /// Opens a store; nothing is read or written yet.
  ///
  /// @param folder usually `<run>/checkpoints`; made when first needed
  /// @param keep how many of the newest stay, at least 1; the best one stays besides
  /// @param version Eosin's, for the manifest
  public CheckpointStore(Path folder, int keep, String version) {
    this(Disk.REAL, folder, keep, version);
  }

  CheckpointStore(Disk disk, Path folder, int keep, String version) {
    if (keep < 1) {
      throw new IllegalArgumentException("keep: at least one checkpoint must stay, got " + keep);
    }
    this.disk = disk;
    this.folder = folder;
    this.keep = keep;
    this.version = version;
  }

  /// Writes a checkpoint; when it returns, the checkpoint is durable and older ones have been
  /// thinned out: the newest `keep` stay, and the one with the highest score. Checkpoints of later
  /// steps, which a run that fell back to an older one leaves behind, are removed.
  ///
  /// @throws DataException naming the file and the reason (a full disk, ...); the partial files are
  ///   gone and the older checkpoints untouched
  public Path save(CheckpointContent content) throws DataException {
    tidy();
    long step = content.state().step();
    Path target = folder.resolve(name(step));
    try (AtomicFolder writing = AtomicFolder.begin(disk, target)) {
      SortedMap<String, FileDigest> files = new TreeMap<>();
      for (Map.Entry<String, FileContent> file : files(content).entrySet()) {
        files.put(file.getKey(), writing.write(file.getKey(), file.getValue()));
      }
      CheckpointManifest manifest = CheckpointManifest.of(version, step, files);
      writing.write(CheckpointManifest.NAME, text(manifest.json().toPrettyString()));
      writing.commit();
    }
    thinOut(step);
    return target;
  }

  private static Map<String, FileContent> files(CheckpointContent content) {
    Map<String, FileContent> files = new TreeMap<>(content.others());
    files.put(Checkpoint.MODEL, content.model());
    files.put(Checkpoint.OPTIMIZER, content.optimizer());
    files.put(Checkpoint.STATE, text(content.state().json().toPrettyString()));
    return files;
  }

  private static FileContent text(String json) {
    return FileContent.text(json + "\n");
  }

  /// The newest checkpoint whose every byte is what its manifest says. Leftovers of interrupted
  /// saves are removed; damaged checkpoints are reported and left for a person to look at.
  ///
  /// @throws DataException when the folder itself cannot be read
  public Recovery newestValid() throws DataException {
    tidy();
    return newestSound(Checkpoint.Use.TRAINING);
  }

  /// As [#newestValid], for a run that is not one's own: nothing is removed.
  ///
  /// @throws DataException when the folder itself cannot be read
  public Recovery newestSound(Checkpoint.Use use) throws DataException {
    List<String> rejected = new ArrayList<>();
    for (long step : steps().reversed()) {
      try {
        return new Recovery(
            Optional.of(Checkpoint.verify(folder.resolve(name(step)), use)), rejected);
      } catch (DataException e) {
        rejected.add(e.getMessage());
      }
    }
    return new Recovery(Optional.empty(), rejected);
  }

  /// The kept checkpoint with the highest score, the earliest of equals; its tensors are not
  /// verified.
  ///
  /// @throws DataException when the folder itself cannot be read
  public Optional<Checkpoint> best() throws DataException {
    return best(steps());
  }

  private Optional<Checkpoint> best(List<Long> steps) {
    List<Checkpoint> scored = new ArrayList<>();
    for (long step : steps) {
      Path candidate = folder.resolve(name(step));
      try {
        Checkpoint checkpoint = new Checkpoint(candidate, Checkpoint.state(candidate));
        if (checkpoint.state().score().isPresent()) {
          scored.add(checkpoint);
        }
      } catch (DataException damaged) {
        // Nobody's best; newestValid() reports it.
      }
    }
    // A run may have changed what it ranks by: what is best now is best by the newest metric.
    Optional<CheckpointState.Best> metric =
        scored.isEmpty() ? Optional.empty() : scored.getLast().state().best();
    return scored.stream()
        .filter(each -> isRankedBy(metric, each.state()))
        .max(
            Comparator.<Checkpoint>comparingDouble(
                    c -> c.state().score().orElse(Double.NEGATIVE_INFINITY))
                .thenComparing(c -> c.state().step(), Comparator.reverseOrder()));
  }

  private static boolean isRankedBy(Optional<CheckpointState.Best> metric, CheckpointState state) {
    return metric.isEmpty()
        || state.best().isEmpty()
        || state.best().get().sameMetric(metric.get());
  }

  /// What the newest checkpoint with a readable state says; its tensors are not verified.
  ///
  /// @throws DataException when the folder itself cannot be read
  public Optional<CheckpointState> newestState() throws DataException {
    for (long step : steps().reversed()) {
      try {
        return Optional.of(Checkpoint.state(folder.resolve(name(step))));
      } catch (DataException damaged) {
        // Nobody's newest; newestValid() reports it.
      }
    }
    return Optional.empty();
  }

  /// The steps of all checkpoint folders, ascending, whole or not.
  ///
  /// @throws DataException when the folder itself cannot be read
  public List<Long> steps() throws DataException {
    List<Long> steps = new ArrayList<>();
    for (String entry : entries()) {
      Matcher matcher = NAME.matcher(entry);
      if (matcher.matches() && entry.equals(name(Long.parseLong(matcher.group(1))))) {
        steps.add(Long.parseLong(matcher.group(1)));
      }
    }
    steps.sort(null);
    return List.copyOf(steps);
  }

  private void thinOut(long saved) throws DataException {
    List<Long> steps = new ArrayList<>(steps());
    steps.removeIf(step -> step > saved);
    Set<Long> kept = new HashSet<>(steps.subList(Math.max(0, steps.size() - keep), steps.size()));
    best(steps).ifPresent(checkpoint -> kept.add(checkpoint.state().step()));
    for (long step : steps()) {
      if (!kept.contains(step)) {
        Path surplus = folder.resolve(name(step));
        try {
          AtomicFolder.remove(disk, surplus);
        } catch (IOException e) {
          throw new DataException(surplus + ": cannot be removed: " + AtomicFile.reason(e), e);
        }
      }
    }
  }

  private void tidy() throws DataException {
    for (String entry : entries()) {
      Matcher matcher = LEFTOVER.matcher(entry);
      if (matcher.matches()) {
        try {
          AtomicFolder.tidy(disk, folder.resolve(matcher.group(1)));
        } catch (IOException e) {
          throw new DataException(
              folder.resolve(entry) + ": cannot be removed: " + AtomicFile.reason(e), e);
        }
      }
    }
  }

  private List<String> entries() throws DataException {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new DataException(folder + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private static String name(long step) {
    return "step-%08d".formatted(step);
  }
}
