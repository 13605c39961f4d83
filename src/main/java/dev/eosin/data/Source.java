package dev.eosin.data;

import dev.eosin.config.DataException;
import dev.eosin.random.RandomKey;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// A finite, randomly accessible collection of samples. Opening a source checks it: columns,
/// folders, class names.
public interface Source {
  /// Number of samples, at least 1.
  long size();

  /// The sample at `index` in [0, size). Cheap: nothing is decoded. Thread safe.
  ///
  /// @throws java.io.UncheckedIOException when the source's own index can no longer be read
  Sample get(long index);

  /// Changes whenever the samples' identity or order changes (file list, table bytes, generator
  /// settings); kept in checkpoints.
  String fingerprint();

  /// Where a sample lies, as a number of 64 bits: samples have it in common when their images are
  /// read from the same place. Nothing is read for it. Thread safe.
  default long place(long index) {
    return SamplePlace.of(SamplePlace.of(fingerprint()), index);
  }

  /// Whether the samples are drawn by a program, so that none shares a slide or patient.
  default boolean drawn() {
    return false;
  }

  /// The text of each class by its label, in the order of the classes; empty when the samples have
  /// no labels. Every label of a sample is a key.
  default Map<String, String> classTexts() {
    return Map.of();
  }

  /// What was found to be bad when the source was opened.
  default BadSamples badSamples() {
    return BadSamples.NONE;
  }

  /// The same of some of the samples alone.
  ///
  /// @param indices in any order
  /// @throws java.io.UncheckedIOException when the source's own index can no longer be read
  default BadSamples badAmong(int[] indices) {
    return BadSamples.NONE;
  }

  /// What an epoch of training on this source has.
  default EpochContent epochContent() {
    return new EpochContent.EverySample(size());
  }

  /// What a user should know of the data but may accept, one line each.
  default List<String> notes() {
    return List.of();
  }

  /// What was looked at when the source was opened, and what of it are no samples.
  default Reading reading() {
    return new Reading("%d samples".formatted(size()));
  }

  /// At most `most` of the samples, at even distances and in their order, so that a sorted source
  /// still shows all its classes.
  default Source spread(int most) {
    if (size() <= most) {
      return this;
    }
    int[] indices =
        IntStream.range(0, most)
            .map(i -> Math.toIntExact(Math.multiplyExact(i, size()) / most))
            .toArray();
    return new SubsetSource(this, indices, most + " at even distances");
  }

  /// The same samples in a random order, a function of the key and their number alone, so that what
  /// stands beside each other in a table does not end up in one batch.
  ///
  /// @throws ArithmeticException for more than 2^31 - 1 samples
  default Source shuffled(RandomKey key) {
    long order = key.stream(RandomKey.Purpose.VALIDATION_ORDER, 0, 0).nextLong();
    var permutation = new Permutation(new RandomKey(order), 0, size());
    int[] indices =
        IntStream.range(0, Math.toIntExact(size()))
            .map(i -> Math.toIntExact(permutation.apply(i)))
            .toArray();
    return new SubsetSource(this, indices, "in the order " + order);
  }

  /// Some of the samples alone; shares of a mixture stay as they are.
  ///
  /// @param indices rising, at least one
  /// @param choice says how they were chosen, for the fingerprint
  /// @throws DataException when none of a part of a mixture is left
  default Source only(int[] indices, String choice) throws DataException {
    return new SubsetSource(this, indices, choice);
  }
}
