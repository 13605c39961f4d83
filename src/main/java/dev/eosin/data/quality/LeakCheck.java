package dev.eosin.data.quality;

import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.settings.LeakSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/// Finds validation images that the model also trains on, as the same file or as the same picture:
/// validation scores would be too good. (Groups on both sides are refused when data is opened.)
///
/// @param leaks validation images that are also in the training data, with their copies
/// @param validationSize images of the validation side
public record LeakCheck(List<Leak> leaks, long validationSize) {
  private static final int SHOWN = 5;

  /// @param validation key of the validation sample
  /// @param train key of the training sample that is the same
  /// @param sameFile whether the files are equal, not only the pictures
  public record Leak(String validation, String train, boolean sameFile) {}

  public LeakCheck {
    leaks = List.copyOf(leaks);
  }

  /// Reads every image of both sides, none where the settings compare groups only; unreadable ones
  /// are left to the run's own rules. Memory holds the identities of the validation side.
  ///
  /// @param workers threads that read
  public static LeakCheck of(Source train, Source validation, LeakSettings settings, int workers)
      throws IOException {
    if (settings.by() == LeakSettings.By.GROUP) {
      return new LeakCheck(List.of(), validation.size());
    }
    Side side = new Side(settings);
    Examination.run(all(validation), workers, i -> examine(validation, i, settings), side::add);
    List<Leak> leaks = new ArrayList<>();
    Examination.run(
        all(train),
        workers,
        i -> examine(train, i, settings).flatMap(side::match),
        leak -> leak.ifPresent(leaks::add));
    return new LeakCheck(leaks, validation.size());
  }

  /// What was found, in one line; empty without leaks.
  public Optional<String> summary() {
    return leaks.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "data.validation: %d of its %d images are also in data.train (%s), for example %s"
                .formatted(copied(), validationSize, kinds(), examples()));
  }

  /// Refuses more leaks than the settings allow.
  ///
  /// @return the summary of those that are allowed
  /// @throws DataException naming pairs
  public Optional<String> verdict(LeakSettings settings) throws DataException {
    if (copied() > settings.allow().value() * validationSize) {
      throw new DataException(
          summary().orElseThrow()
              + "; take the copies out of one side, split by group, or raise data.leaks.allow ("
              + settings.allow()
              + ") to accept them");
    }
    return summary();
  }

  private long copied() {
    return leaks.stream().map(Leak::validation).distinct().count();
  }

  private String kinds() {
    long files = leaks.stream().filter(Leak::sameFile).count();
    return "%d pairs of equal files, %d of equal pictures".formatted(files, leaks.size() - files);
  }

  private String examples() {
    return leaks.stream()
        .limit(SHOWN)
        .map(leak -> leak.validation + " = " + leak.train)
        .toList()
        .toString();
  }

  private static List<Long> all(Source source) {
    return LongStream.range(0, source.size()).boxed().toList();
  }

  private record Known(String key, ImageIdentity identity) {}

  private static Optional<Known> examine(Source source, long index, LeakSettings settings) {
    Sample sample = source.get(index);
    if (sample.images().isEmpty()) {
      return Optional.empty();
    }
    try {
      ImageIdentity identity =
          switch (settings.by()) {
            case GROUP, FILE -> ImageIdentity.ofFile(sample);
            case PICTURE -> ImageIdentity.ofPicture(sample);
          };
      return Optional.of(new Known(sample.key(), identity));
    } catch (IOException unreadable) {
      return Optional.empty();
    }
  }

  /// The validation side; read by many threads once it is full.
  private static final class Side {
    private final int distance;
    private final Map<String, String> files = new HashMap<>();
    private final List<String> keys = new ArrayList<>();
    private final List<PerceptualHash> pictures = new ArrayList<>();

    Side(LeakSettings settings) {
      this.distance = settings.distance();
    }

    void add(Optional<Known> known) {
      known.ifPresent(this::add);
    }

    private void add(Known known) {
      known.identity.file().ifPresent(file -> files.put(file, known.key));
      if (known.identity.picture().isPresent()) {
        keys.add(known.key);
        pictures.add(known.identity.picture().get());
      }
    }

    /// The nearest validation picture, the first of equals.
    Optional<Leak> match(Known known) {
      Optional<String> file = known.identity.file().map(files::get);
      if (file.isPresent()) {
        return Optional.of(new Leak(file.get(), known.key, true));
      }
      int nearest = -1;
      int least = distance + 1;
      for (int i = 0; known.identity.picture().isPresent() && i < pictures.size(); i++) {
        int found = pictures.get(i).distance(known.identity.picture().get());
        if (found < least) {
          least = found;
          nearest = i;
        }
      }
      return nearest < 0
          ? Optional.empty()
          : Optional.of(new Leak(keys.get(nearest), known.key, false));
    }
  }
}
