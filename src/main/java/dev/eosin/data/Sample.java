package dev.eosin.data;

import dev.eosin.config.DataException;
import dev.eosin.image.Raster;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Images with what is said about them, before decoding.
///
/// @param key names the sample in messages and logs: a file path, `synthetic/train/17`, ...
/// @param images each decodes when asked; most samples have one, text alone has none
/// @param content captions, a question with its answer, a conversation, or text alone
/// @param label class, for zero-shot evaluation
/// @param group slide, patient or original tile: samples of one group belong on one side of a split
public record Sample(
    String key,
    List<ImageReader> images,
    SampleContent content,
    Optional<String> label,
    Optional<String> group) {
  /// Decodes one image; thread safe.
  @FunctionalInterface
  public interface ImageReader {
    /// In the colour mode of the file: transforms decide when to convert to RGB.
    ///
    /// @throws IOException naming the file and the reason, when the image cannot be read
    Raster read() throws IOException;

    /// The encoded file, where the image comes from one; equal bytes are equal images.
    ///
    /// @throws IOException naming the file and the reason
    default Optional<byte[]> encoded() throws IOException {
      return Optional.empty();
    }
  }

  public Sample {
    images = List.copyOf(images);
  }

  /// One image with its captions.
  ///
  /// @param captions at least one where the source trains; empty for label-only evaluation sources
  public Sample(
      String key,
      ImageReader image,
      List<Caption> captions,
      Optional<String> label,
      Optional<String> group) {
    this(key, List.of(image), new SampleContent.Captions(captions), label, group);
  }

  /// The only image.
  ///
  /// @throws IllegalStateException when there is none, or several
  public ImageReader image() {
    if (images.size() != 1) {
      throw new IllegalStateException("%s has %d images, not one".formatted(key, images.size()));
    }
    return images.getFirst();
  }

  /// What the sample says, in a word: `caption`, `image alone`, `open question`, `conversation`,
  /// ...
  public String kind() {
    return switch (content) {
      case SampleContent.Captions(List<Caption> captions) ->
          captions.isEmpty() ? "image alone" : "caption";
      case SampleContent.QuestionAnswer asked ->
          switch (asked.kind()) {
            case OPEN -> "open question";
            case CLOSED -> "closed question";
            case CHOICE -> "choice question";
          };
      case SampleContent.Conversation _ -> "conversation";
      case SampleContent.Document _ -> "text alone";
    };
  }

  /// The same, where it must be one image with its captions.
  ///
  /// @throws DataException when it is anything else
  public Sample pair() throws DataException {
    if (content instanceof SampleContent.Captions && images.size() == 1) {
      return this;
    }
    throw new DataException(
        "%s: is a %s with %d images; expected one image with its caption; name the field of captions as 'caption'"
            .formatted(key, kind(), images.size()));
  }

  /// The captions; none where the sample says something else.
  public List<Caption> captions() {
    return switch (content) {
      case SampleContent.Captions(List<Caption> captions) -> captions;
      case SampleContent.QuestionAnswer _, SampleContent.Conversation _, SampleContent.Document _ ->
          List.of();
    };
  }

  /// The captions without their weights.
  public List<String> texts() {
    return captions().stream().map(Caption::text).toList();
  }
}
