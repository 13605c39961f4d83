package dev.eosin.revise;

import dev.eosin.config.DataException;
import dev.eosin.data.BadSamples;
import dev.eosin.data.EpochContent;
import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.Source;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Captions as questions for a revision: a sample's caption is degraded, or, where the sample is a
/// question already, that is the degraded caption and its answer the good one. Conversations and
/// text stay as they are. How a caption is degraded is a function of where its image lies.
public final class RevisionSource implements Source {
  private static final RandomKey DEGRADING = new RandomKey(0);

  private final Source whole;
  private final ReviseSettings settings;

  private RevisionSource(Source whole, ReviseSettings settings) {
    this.whole = whole;
    this.settings = settings;
  }

  /// @throws DataException where its first sample is neither a caption of drawn findings nor a
  ///   degraded row
  public static RevisionSource of(Source whole, ReviseSettings settings) throws DataException {
    Sample first = whole.get(0);
    boolean drawn =
        whole.drawn() && !first.texts().isEmpty() && DrawnFindings.are(first.texts().getFirst());
    if (!drawn && !(first.content() instanceof QuestionAnswer)) {
      throw new DataException(
          "%s: is a %s; revise takes drawn tiles that say findings, or question-set with layout: degraded, which 'eosin prepare' makes of captions"
              .formatted(first.key(), first.kind()));
    }
    return new RevisionSource(whole, settings);
  }

  /// A caption before and after it was degraded.
  ///
  /// @throws IllegalArgumentException for a sample that says something else
  public Degraded degraded(long index) {
    return degraded(whole.get(index), index)
        .orElseThrow(() -> new IllegalArgumentException(index + ": is no caption"));
  }

  /// @param corrupted what is to be revised
  /// @param target what it should be
  public record Degraded(String corrupted, String target) {
    /// What was done to the target.
    public CaptionEdits operations() {
      return Corrections.between(corrupted, target).inverse();
    }
  }

  private Optional<Degraded> degraded(Sample sample, long index) {
    return switch (sample.content()) {
      case QuestionAnswer asked -> Optional.of(new Degraded(asked.question(), asked.answer()));
      case SampleContent.Captions _ -> {
        var random = DEGRADING.stream(Purpose.CAPTION_DEGRADING, 0, whole.place(index));
        List<String> captions = sample.texts();
        String target = captions.get(random.nextInt(captions.size()));
        CaptionEdits edits = DrawnFindings.degrade(target, settings.clean(), random);
        yield Optional.of(new Degraded(edits.apply(target), target));
      }
      case SampleContent.Conversation _, SampleContent.Document _ -> Optional.empty();
    };
  }

  @Override
  public Sample get(long index) {
    Sample sample = whole.get(index);
    return degraded(sample, index).map(degraded -> asked(sample, degraded)).orElse(sample);
  }

  private Sample asked(Sample sample, Degraded degraded) {
    return new Sample(
        sample.key(),
        sample.images(),
        new QuestionAnswer(
            settings.question(degraded.corrupted()),
            Corrections.answer(settings.answer(), degraded.corrupted(), degraded.target()),
            QuestionAnswer.Kind.OPEN,
            List.of(),
            Optional.of(degraded.operations().operation())),
        sample.label(),
        sample.group());
  }

  @Override
  public long size() {
    return whole.size();
  }

  @Override
  public String fingerprint() {
    return "revisions 1 %s of %s".formatted(settings, whole.fingerprint());
  }

  @Override
  public long place(long index) {
    return whole.place(index);
  }

  @Override
  public boolean drawn() {
    return whole.drawn();
  }

  @Override
  public Source only(int[] indices, String choice) throws DataException {
    return new RevisionSource(whole.only(indices, choice), settings);
  }

  @Override
  public Map<String, String> classTexts() {
    return whole.classTexts();
  }

  @Override
  public BadSamples badSamples() {
    return whole.badSamples();
  }

  @Override
  public BadSamples badAmong(int[] indices) {
    return whole.badAmong(indices);
  }

  @Override
  public EpochContent epochContent() {
    return whole.epochContent();
  }

  @Override
  public List<String> notes() {
    return whole.notes();
  }

  @Override
  public Reading reading() {
    return whole.reading();
  }
}
