package dev.eosin.data;

import dev.eosin.config.DataException;
import dev.eosin.image.ImageTransforms;
import dev.eosin.tensor.RandomKey;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The opened data of a run.
///
/// @param tokenizer makes the ids of every batch
/// @param transforms make the tiles of every batch
/// @param notes what a user should know about the data but may accept, one line each
public record DataSets(
    DataSettings settings,
    Tokenizer tokenizer,
    Source train,
    Optional<Source> validation,
    ImageTransforms transforms,
    List<String> notes) {
  public DataSets {
    notes = List.copyOf(notes);
  }

  /// Opens and checks everything.
  ///
  /// @throws DataException when a source or the reference of stains is faulty, both sides share a
  ///   group, a side is empty, or more listed images are missing than `bad-rows.limit` allows
  public static DataSets open(DataSettings settings, Tokenizer tokenizer) throws DataException {
    OpenedSources opened = OpenedSources.open(settings, settings.image().decoder());
    List<String> notes = new ArrayList<>(settings.image().notes());
    notes.addAll(opened.notes());
    if (opened.validation().isPresent()) {
      GroupLeaks.check(opened.train(), opened.validation().get());
    }
    ImageTransforms transforms = settings.image().transforms();
    return new DataSets(
        settings, tokenizer, opened.train(), opened.validation(), transforms, notes);
  }

  /// The same with one more note.
  public DataSets noting(String note) {
    var more = new ArrayList<>(notes);
    more.add(note);
    return new DataSets(settings, tokenizer, train, validation, transforms, more);
  }

  /// The order that a run with this seed trains in.
  public SampleOrder order(RandomKey key) {
    return new SampleOrder(key, train.epochContent());
  }

  /// Augmented full batches for ever, from `position` on. Close it.
  ///
  /// @param position where the run starts or resumes
  /// @param badRowList the file `bad-rows.jsonl`; cut back to `position`
  /// @throws DataException when the samples have no captions or the list cannot be written
  public BatchLoader trainingBatches(
      RandomKey key, BatchSettings batch, long position, Path badRowList) throws DataException {
    BadRowLog log = BadRowLog.open(badRowList, settings.badRows(), train.size(), position);
    return trainingBatches(key, batch, position, log);
  }

  /// The first training batches without a list of bad rows, to look at before a run. Close it.
  ///
  /// @throws DataException when the samples have no captions
  public BatchLoader previewBatches(RandomKey key, BatchSettings batch) throws DataException {
    BadRowLog log = BadRowLog.unlisted(settings.badRows(), train.size());
    return trainingBatches(key, batch, 0, log);
  }

  private BatchLoader trainingBatches(
      RandomKey key, BatchSettings batch, long position, BadRowLog log) throws DataException {
    Preparation preparation = new Preparation(transforms.training(), captions());
    return BatchLoader.training(
        train, order(key), preparation, batch.global(), settings.workerCount(), position, log);
  }

  /// How the first captions that a run with `key` trains on come to fit their rows; no image is
  /// read.
  ///
  /// @param most at most so many captions
  /// @throws DataException when the samples have no captions
  public CaptionFits captionFits(RandomKey key, int most) throws DataException {
    BatchLoader.requireCaptions(train);
    return CaptionFits.of(train, order(key), captions(), Math.min(most, train.size()));
  }

  private CaptionEncoder captions() {
    return new CaptionEncoder(tokenizer, settings.text());
  }

  /// One pass over a source without augmentation, in its order. Close it.
  ///
  /// @param batchSize rows of a batch, but for the last one
  public BatchLoader evaluationBatches(Source source, int batchSize) {
    Preparation preparation = new Preparation(transforms.evaluation(), captions());
    BadRowLog log = BadRowLog.unlisted(settings.badRows(), source.size());
    return BatchLoader.evaluation(source, preparation, batchSize, settings.workerCount(), log);
  }
}
