package dev.eosin.data.opened;

import dev.eosin.config.DataException;
import dev.eosin.data.EpochContent;
import dev.eosin.data.SampleGroups;
import dev.eosin.data.Source;
import dev.eosin.data.batches.BadRowLog;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.batches.BatchShare;
import dev.eosin.data.batches.PairPreparation;
import dev.eosin.data.batches.Preparations;
import dev.eosin.data.order.Arrangement;
import dev.eosin.data.order.CaptionFits;
import dev.eosin.data.order.GroupSpread;
import dev.eosin.data.order.LengthGroups;
import dev.eosin.data.order.MeasuredPreparation;
import dev.eosin.data.order.OverLength;
import dev.eosin.data.order.RowLengths;
import dev.eosin.data.order.SampleOrder;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.data.settings.RowLayoutSettings;
import dev.eosin.data.settings.SideSettings;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.random.RandomKey;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.CutCaption;
import dev.eosin.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The opened data of a run.
///
/// @param captionTokenizer makes the ids of captions, where rows are made of some
/// @param preparations make the rows of every batch
/// @param groups of the training samples, where the order needs them
/// @param lengths of the training samples' rows, where the order needs them
/// @param notes what a user should know about the data but may accept, one line each
public record DataSets(
    SideSettings settings,
    Optional<Tokenizer> captionTokenizer,
    Source train,
    Optional<Source> validation,
    Preparations preparations,
    Optional<SampleGroups> groups,
    Optional<GroupedRows> lengths,
    List<String> notes) {
  /// What a recipe calls the samples that a run trains on.
  public static final String TRAIN = "data.train";

  /// What a recipe calls those that evaluations use.
  public static final String VALIDATION = "data.validation";

  /// How rows are grouped by their lengths.
  public record GroupedRows(RowLengths lengths, RowLayoutSettings settings) {}

  public DataSets {
    notes = List.copyOf(notes);
  }

  /// Opens and checks everything.
  ///
  /// @throws DataException when a source or the reference of stains is faulty, both sides share a
  ///   group or a sample, a side is empty, or more listed images are missing than `bad-rows.limit`
  ///   allows
  public static DataSets open(DataSettings settings, Tokenizer tokenizer) throws DataException {
    var captions = new CaptionEncoder(tokenizer, settings.text());
    DataSets sets =
        open(
            settings,
            settings.image().decoder(),
            Preparations.ofPairs(settings.image().transforms(), captions));
    List<String> notes = new ArrayList<>(settings.image().notes());
    notes.addAll(sets.notes);
    return new DataSets(
        settings,
        Optional.of(tokenizer),
        sets.train,
        sets.validation,
        sets.preparations,
        sets.groups,
        Optional.empty(),
        notes);
  }

  /// Opens and checks samples that become rows in another way than pairs do.
  ///
  /// @param decoder reads images of sources that hold files
  /// @throws DataException as above
  public static DataSets open(
      SideSettings settings, ImageDecoder decoder, Preparations preparations) throws DataException {
    OpenedSources opened = OpenedSources.open(settings, decoder);
    List<String> notes = new ArrayList<>(opened.notes());
    if (opened.validation().isPresent()) {
      Source validation = opened.validation().get();
      SampleLeaks.of(opened.train(), validation).verdict(settings.leaks()).ifPresent(notes::add);
      GroupLeaks.of(opened.train(), validation).verdict().ifPresent(notes::add);
    }
    Optional<SampleGroups> groups =
        switch (settings.trainOrder().groups()) {
          case ANY -> Optional.empty();
          case SPREAD -> Optional.of(SampleGroups.of(opened.train()));
        };
    return new DataSets(
        settings,
        Optional.empty(),
        opened.train(),
        opened.validation(),
        preparations,
        groups,
        Optional.empty(),
        notes);
  }

  /// Makes the ids of captions.
  ///
  /// @throws java.util.NoSuchElementException where rows are not made of captions
  public Tokenizer tokenizer() {
    return captionTokenizer.orElseThrow();
  }

  /// The same with one more note.
  public DataSets noting(String note) {
    var more = new ArrayList<>(notes);
    more.add(note);
    return new DataSets(
        settings, captionTokenizer, train, validation, preparations, groups, lengths, more);
  }

  /// Sees a source in another way.
  @FunctionalInterface
  public interface View {
    /// @throws DataException where its samples are none that can be seen so
    Source of(Source source) throws DataException;
  }

  /// The same samples in the same order, of which something else is said.
  ///
  /// @throws DataException where a side's samples are none that can be seen so
  public DataSets seen(View view) throws DataException {
    Optional<Source> held =
        validation.isPresent() ? Optional.of(view.of(validation.get())) : validation;
    return new DataSets(
        settings, captionTokenizer, view.of(train), held, preparations, groups, lengths, notes);
  }

  /// The same samples, made into rows otherwise.
  public DataSets prepared(Preparations otherwise) {
    return new DataSets(
        settings, captionTokenizer, train, validation, otherwise, groups, lengths, notes);
  }

  /// The same after a look at the length of every row, which the notes then tell: without rows that
  /// are left out for their length, and in an order that groups them where that is asked for.
  ///
  /// @throws DataException when rows are too long and refused, nothing can be learned of one, none
  ///   is left, or groups are to be spread, too
  public DataSets measured(MeasuredPreparation rows, OverLength rule, RowLayoutSettings layout)
      throws DataException {
    boolean grouped = layout.as() == RowLayoutSettings.Layout.GROUPED;
    if (grouped && groups.isPresent()) {
      throw new DataException(
          "data.train-order: groups: spread and rows: grouped both say which rows make a step; leave one of them out");
    }
    var more = new ArrayList<>(notes);
    RowLengths training = fitting(RowLengths.of(TRAIN, train, rows), train, rule, more);
    more.add(training.summary());
    Optional<Source> held = validation;
    if (validation.isPresent()) {
      Source whole = validation.get();
      RowLengths own = RowLengths.of(VALIDATION, whole, rows);
      held = Optional.of(fitting(own, whole, rule, more).source());
    }
    return new DataSets(
        settings,
        captionTokenizer,
        training.source(),
        held,
        preparations,
        groups.isPresent() ? Optional.of(SampleGroups.of(training.source())) : groups,
        grouped ? Optional.of(new GroupedRows(training, layout)) : Optional.empty(),
        more);
  }

  private static RowLengths fitting(
      RowLengths lengths, Source source, OverLength rule, List<String> notes) throws DataException {
    Optional<String> verdict = lengths.verdict(rule);
    verdict.ifPresent(notes::add);
    if (verdict.isEmpty() || rule != OverLength.DROP) {
      return lengths;
    }
    int[] kept = lengths.fitting();
    return lengths.of(source.only(kept, lengths.choice()), kept);
  }

  /// The order that a run with this seed trains in.
  ///
  /// @throws DataException when groups are to be spread over batches larger than an epoch
  public SampleOrder order(RandomKey key, BatchSettings batch) throws DataException {
    EpochContent content = train.epochContent();
    if (lengths.isPresent()) {
      var grouped =
          new LengthGroups(
              key,
              new Arrangement.Shuffled(key, content),
              content.size(),
              lengths.get().lengths(),
              batch.global(),
              lengths.get().settings());
      return new SampleOrder(key, content, grouped);
    }
    return groups.isEmpty()
        ? new SampleOrder(key, content)
        : new SampleOrder(key, content, spread(key, batch, groups.get()));
  }

  /// What a user should know about the order but may accept, one line each.
  ///
  /// @throws DataException when groups are to be spread over batches larger than an epoch
  public List<String> orderNotes(RandomKey key, BatchSettings batch) throws DataException {
    List<String> repeats =
        train instanceof JoinedSource parts ? parts.repeats(batch.global()) : List.of();
    if (groups.isPresent()) {
      return Stream.concat(repeats.stream(), spread(key, batch, groups.get()).note(train).stream())
          .toList();
    }
    return train.size() < batch.global()
        ? List.of(
            "data.train has %d samples and batch.global is %d: an epoch has no whole batch, so that each batch holds samples more than once; where samples are told apart, each copy counts as a wrong answer to the others"
                .formatted(train.size(), batch.global()))
        : repeats;
  }

  private GroupSpread spread(RandomKey key, BatchSettings batch, SampleGroups known)
      throws DataException {
    EpochContent content = train.epochContent();
    if (content.size() < batch.global() || content.size() > Integer.MAX_VALUE) {
      throw new DataException(
          "data.train-order: groups: spread is for epochs of at least one batch and below 2^31"
              + " samples; an epoch has %d and batch.global is %d"
                  .formatted(content.size(), batch.global()));
    }
    return new GroupSpread(key, content, known, batch.global());
  }

  /// Augmented full batches for ever, from `position` on. Close it.
  ///
  /// @param position where the run starts or resumes
  /// @param badRowList the file `bad-rows.jsonl`; cut back to `position`
  /// @throws DataException when the samples have no captions or the list cannot be written
  public BatchLoader trainingBatches(
      RandomKey key, BatchSettings batch, long position, Path badRowList) throws DataException {
    BadRowLog log = BadRowLog.open(TRAIN, badRowList, settings.badRows(), train.size(), position);
    return trainingBatches(key, batch, batch.global(), position, log);
  }

  /// As above, one rank's share of every batch.
  ///
  /// @param badRowList of this rank
  public BatchLoader trainingBatches(
      RandomKey key, BatchSettings batch, BatchShare share, long position, Path badRowList)
      throws DataException {
    requireWhatRowsNeed();
    BadRowLog log =
        BadRowLog.open(TRAIN, badRowList, settings.badRows(), train.size(), position, share);
    return sharedBatches(key, batch, share, position, log);
  }

  /// The first training batches without a list of bad rows, to look at before a run. Close it.
  ///
  /// @param batch that the run trains with
  /// @param rows of a batch to look at
  /// @throws DataException when the samples have no captions
  public BatchLoader previewBatches(RandomKey key, BatchSettings batch, int rows)
      throws DataException {
    BadRowLog log = BadRowLog.unlisted(TRAIN, settings.badRows(), train.size());
    return trainingBatches(key, batch, rows, 0, log);
  }

  /// The first training batches without augmentation, the caller's to keep.
  ///
  /// @param count how many
  /// @throws IOException when they cannot be read, or the samples have no captions
  public List<Batch> plainBatches(RandomKey key, BatchSettings batch, int count)
      throws IOException {
    BadRowLog log = BadRowLog.unlisted(TRAIN, settings.badRows(), train.size());
    requireWhatRowsNeed();
    var all = new BatchShare(batch.global(), 0, 1);
    int workers = settings.workerCount();
    var batches = new ArrayList<Batch>();
    try (BatchLoader loader =
        BatchLoader.training(
            train, order(key, batch), preparations.plain(), all, workers, 0, log)) {
      while (batches.size() < count) {
        batches.add(loader.next().copy());
      }
    }
    return batches;
  }

  /// One rank's share of the training batches, without a list of bad rows. Close it.
  ///
  /// @throws DataException when the samples lack what rows need
  public BatchLoader sharedBatches(
      RandomKey key, BatchSettings batch, BatchShare share, long position) throws DataException {
    requireWhatRowsNeed();
    BadRowLog log = BadRowLog.unlisted(TRAIN, settings.badRows(), train.size());
    return sharedBatches(key, batch, share, position, log);
  }

  private BatchLoader sharedBatches(
      RandomKey key, BatchSettings batch, BatchShare share, long position, BadRowLog log)
      throws DataException {
    return BatchLoader.training(
        train,
        order(key, batch),
        preparations.training(),
        share,
        settings.workerCount(),
        position,
        log);
  }

  private BatchLoader trainingBatches(
      RandomKey key, BatchSettings batch, int rows, long position, BadRowLog log)
      throws DataException {
    requireWhatRowsNeed();
    return BatchLoader.training(
        train,
        order(key, batch),
        preparations.training(),
        new BatchShare(rows, 0, 1),
        settings.workerCount(),
        position,
        log);
  }

  /// Pairs need captions, which a look at the first sample tells.
  private void requireWhatRowsNeed() throws DataException {
    if (preparations.training() instanceof PairPreparation) {
      BatchLoader.requireCaptions(train);
    }
  }

  /// How the first captions that a run with `key` trains on come to fit their rows; no image is
  /// read. None where rows are not made of captions.
  ///
  /// @param most at most so many captions
  /// @throws DataException when the samples have no captions
  public Optional<CaptionFits> captionFits(RandomKey key, BatchSettings batch, int most)
      throws DataException {
    if (preparations.training() instanceof PairPreparation(var _, CaptionEncoder captions)) {
      BatchLoader.requireCaptions(train);
      long count = Math.min(most, train.size());
      return Optional.of(CaptionFits.of(train, order(key, batch), captions, count));
    }
    return Optional.empty();
  }

  /// What of a row's caption its ids were made of, in the first epoch; empty where rows are no
  /// captions.
  public Optional<CutCaption> cutCaption(RandomKey key, Batch.Row row) {
    return preparations.training() instanceof PairPreparation(var _, CaptionEncoder captions)
        ? Optional.of(
            captions.cut(row.caption(), captions.training(row.caption(), key, 0, row.position())))
        : Optional.empty();
  }

  /// One pass over a source without augmentation, in its order. Close it.
  ///
  /// @param side names the source in messages, such as `data.validation`
  /// @param batchSize rows of a batch, but for the last one
  public BatchLoader evaluationBatches(String side, Source source, int batchSize) {
    return evaluationBatches(side, source, batchSize, 0, 1);
  }

  /// As above, the batches of one rank; every rank is given as many, some of them without a row.
  ///
  /// @param rank from 0
  public BatchLoader evaluationBatches(
      String side, Source source, int batchSize, int rank, int ranks) {
    BadRowLog log = BadRowLog.unlisted(side, settings.badRows(), source.size());
    return BatchLoader.evaluation(
        source, preparations.plain(), batchSize, rank, ranks, settings.workerCount(), log);
  }
}
