package dev.eosin.data.settings;

import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.SubsetSource;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// Divides sources into what a run trains on and what is held out for validation.
///
/// The side of a group, or of a single sample, is a function of its name and the split's seed
/// alone: a draw in [0, 1) from the stream (seed, [Purpose#VALIDATION_SPLIT], 0, 64-bit FNV-1a hash
/// of the name's UTF-8 bytes), held out when below the share.
public final class Split {
  private static final long FNV_OFFSET = 0xCBF29CE484222325L;
  private static final long FNV_PRIME = 0x100000001B3L;

  private final SplitSettings settings;
  private final RandomKey key;
  private final Set<String> heldOutGroups = new HashSet<>();
  private final Set<String> trainingGroups = new HashSet<>();
  private long heldOut;
  private long samples;

  public Split(SplitSettings settings) {
    this.settings = settings;
    this.key = new RandomKey(settings.seed());
  }

  /// One source in two.
  ///
  /// @param validation empty where nothing is held out of this source
  public record Sides(Source train, Optional<Source> validation) {}

  /// @param name of the source in messages
  /// @throws DataException when a sample has no group, or no sample is left to train on
  public Sides of(String name, Source source) throws DataException {
    int size = Math.toIntExact(source.size());
    boolean[] isHeldOut = new boolean[size];
    for (int index = 0; index < size; index++) {
      isHeldOut[index] = decide(source.get(index));
    }
    int[] validation = IntStream.range(0, size).filter(index -> isHeldOut[index]).toArray();
    int[] train = IntStream.range(0, size).filter(index -> !isHeldOut[index]).toArray();
    if (train.length == 0) {
      throw empty(name + ": nothing is left to train on, all");
    }
    samples += size;
    heldOut += validation.length;
    return new Sides(
        new SubsetSource(source, train, "train of " + settings),
        validation.length == 0
            ? Optional.empty()
            : Optional.of(new SubsetSource(source, validation, "validation of " + settings)));
  }

  private boolean decide(Sample sample) throws DataException {
    return switch (settings.by()) {
      case SAMPLE -> isHeldOut(sample.key());
      case GROUP -> {
        String group = group(sample);
        boolean out = isHeldOut(group);
        (out ? heldOutGroups : trainingGroups).add(group);
        yield out;
      }
    };
  }

  private static String group(Sample sample) throws DataException {
    return sample
        .group()
        .orElseThrow(
            () ->
                new DataException(
                    "data.validation: %s has no group to split by; name the column with the slide or"
                            .formatted(sample.key())
                        + " patient, or write by: sample"));
  }

  private boolean isHeldOut(String name) {
    long hash = FNV_OFFSET;
    for (byte letter : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (letter & 0xFF)) * FNV_PRIME;
    }
    return key.stream(Purpose.VALIDATION_SPLIT, 0, hash).nextDouble() < settings.share().value();
  }

  /// Requires that something is held out of all sources together.
  ///
  /// @return what was held out, for a person to read
  /// @throws DataException when nothing is
  public String summary() throws DataException {
    if (heldOut == 0) {
      throw empty("data.validation: nothing is held out, none");
    }
    String groups =
        switch (settings.by()) {
          case SAMPLE -> "";
          case GROUP ->
              String.format(
                  Locale.ROOT,
                  "%,d of %,d groups, ",
                  heldOutGroups.size(),
                  heldOutGroups.size() + trainingGroups.size());
        };
    return String.format(
        Locale.ROOT,
        "data.validation: %s%,d of %,d samples (%.1f %%) are held out of data.train",
        groups,
        heldOut,
        samples,
        100.0 * heldOut / samples);
  }

  private DataException empty(String beginning) {
    String what =
        switch (settings.by()) {
          case SAMPLE -> "samples";
          case GROUP -> "%d groups".formatted(heldOutGroups.size() + trainingGroups.size());
        };
    return new DataException(
        "%s of the %s fall to %s with seed %d; choose another share or seed"
            .formatted(beginning, what, settings.share(), settings.seed()));
  }
}
