package dev.eosin.data.quality;

import dev.eosin.data.Reading;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.settings.BadRowSettings;
import dev.eosin.image.ContactSheet;
import dev.eosin.text.Tokenizer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What one part of a recipe's data consists of, and what is wrong with it.
///
/// @param reading what the source looked at, and what of it became no samples
/// @param samples of the source
/// @param examined those that were looked at, evenly spread over the source; all figures below are
///   of these
/// @param content samples by what they say: `caption`, `closed question`, `conversation`, ...
/// @param facts questions by what they ask for; empty where the source does not say it
/// @param captionTokens ids of each caption, start and end of text included, before cutting
/// @param captionsTooLong captions of more ids than the recipe's context length
/// @param samplesWithoutCaption samples that cannot train
/// @param captionsShared samples whose first caption another sample has too
/// @param labels samples of each label, in the order of the labels; empty without labels
/// @param groups different groups; 0 where the source has none
/// @param sizes samples of each image size, largest number first
/// @param unreadable samples that cannot be read, with the reason
/// @param differentlyUnreadable those of them that a training counts: it knows a row again that has
///   the image of another
/// @param equalFiles keys of samples whose files are equal, one list for each file
/// @param equalPictures keys of samples that show the same, apart from equal files
/// @param emptyPictures keys of images of nearly one colour
/// @param pictures some tiles with their captions, for the page
public record SourceStatistics(
    Reading reading,
    long samples,
    long examined,
    Map<String, Integer> content,
    Map<String, Integer> facts,
    Distribution captionTokens,
    long captionsTooLong,
    long samplesWithoutCaption,
    long captionsShared,
    Map<String, Integer> labels,
    long groups,
    Map<String, Integer> sizes,
    List<String> unreadable,
    long differentlyUnreadable,
    List<List<String>> equalFiles,
    List<List<String>> equalPictures,
    List<String> emptyPictures,
    List<ContactSheet.Entry> pictures) {

  /// Whether a training or its evaluation stops at what cannot be read, as far as was examined.
  public boolean exceeds(BadRowSettings limit) {
    return limit.exceeded(differentlyUnreadable, examined, samples);
  }

  /// What is counted, and how.
  ///
  /// @param tokenizer of the recipe
  /// @param contextLength ids of a row
  /// @param distance bits of 63 in which copies of a picture may differ
  /// @param most samples to examine
  /// @param workers threads that read
  public record Plan(
      Tokenizer tokenizer, int contextLength, int distance, long most, int workers) {}

  /// Reads and decodes the examined samples; an image that cannot be read is a figure, no failure.
  ///
  /// @throws IOException when the source's own index can no longer be read
  public static SourceStatistics of(Source source, Plan plan) throws IOException {
    var counts = new StatisticsCounts(plan, source.classTexts());
    List<Long> indices = Examination.spread(source, plan.most());
    Examination.run(
        indices, plan.workers(), index -> examine(source.get(index), plan), counts::add);
    return counts.of(source);
  }

  /// What one sample was found to be.
  ///
  /// @param tokens of each caption
  /// @param identity of the first image; none where it cannot be read or there is none
  /// @param problem why it cannot be read; empty where it can, or there is none
  record Examined(
      Sample sample, List<Integer> tokens, Optional<ImageIdentity> identity, String problem) {}

  private static Examined examine(Sample sample, Plan plan) {
    List<Integer> tokens =
        sample.texts().stream().map(plan.tokenizer()::untruncatedLength).toList();
    if (sample.images().isEmpty()) {
      return new Examined(sample, tokens, Optional.empty(), "");
    }
    try {
      return new Examined(sample, tokens, Optional.of(ImageIdentity.ofPicture(sample)), "");
    } catch (IOException unreadable) {
      return new Examined(
          sample, tokens, Optional.empty(), String.valueOf(unreadable.getMessage()));
    }
  }
}
