package dev.eosin.text;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import dev.eosin.text.EncodedCaption.Fit;
import dev.eosin.text.TextSettings.OverLength;
import java.util.ArrayList;
import java.util.List;

/// From a caption to a row of ids: template, over-length rule, tokenizer.
///
/// @param contextLength n, the most ids of a row
/// @param templates what is put around a caption, each with `{caption}`; none leaves it as it is
public record CaptionEncoder(
    Tokenizer tokenizer, int contextLength, OverLength overLength, List<String> templates) {
  public CaptionEncoder {
    templates = List.copyOf(templates);
  }

  /// As `settings` say.
  public CaptionEncoder(Tokenizer tokenizer, TextSettings settings) {
    this(tokenizer, settings.length(), settings.overLength(), settings.templates());
  }

  /// Cuts long captions and has no templates.
  public static CaptionEncoder truncating(Tokenizer tokenizer, int contextLength) {
    return new CaptionEncoder(tokenizer, contextLength, OverLength.TRUNCATE, List.of());
  }

  /// The caption as it is trained on at `position`: a pure function of the arguments.
  public EncodedCaption training(String caption, RandomKey key, long epoch, long position) {
    String template = "";
    if (!templates.isEmpty()) {
      RandomStream random = key.stream(Purpose.CAPTION_TEMPLATE, epoch, position);
      template = templates.get(random.nextInt(templates.size()));
    }
    return switch (overLength) {
      case TRUNCATE -> truncate(fill(template, caption), Fit.WHOLE);
      case SENTENCE_SAMPLING ->
          sample(template, caption, key.stream(Purpose.SENTENCE_SAMPLING, epoch, position));
    };
  }

  /// The caption as it is evaluated: in the first template, with as many leading sentences as fit
  /// where sentences are sampled in training. An empty one stays empty.
  public EncodedCaption evaluation(String caption) {
    String template = templates.isEmpty() || caption.isEmpty() ? "" : templates.getFirst();
    return switch (overLength) {
      case TRUNCATE -> truncate(fill(template, caption), Fit.WHOLE);
      case SENTENCE_SAMPLING -> lead(template, caption);
    };
  }

  /// What of a caption is in the row that was made of it.
  public CutCaption cut(String caption, EncodedCaption encoded) {
    return CutCaption.of(caption, encoded, tokenizer, contextLength);
  }

  /// Whether a caption has no ids between start and end of text, whatever is put around it: it says
  /// nothing of its image.
  ///
  /// @param encoded made of it
  public boolean isEmpty(String caption, EncodedCaption encoded) {
    int ends = tokenizer.untruncatedLength("");
    int ids = templates.isEmpty() ? encoded.ids().length : tokenizer.untruncatedLength(caption);
    // A row of nothing but the ends has no room for any caption.
    return ids <= ends && contextLength > ends;
  }

  private EncodedCaption sample(String template, String caption, RandomStream random) {
    String text = fill(template, caption);
    if (fits(text)) {
      return truncate(text, Fit.WHOLE);
    }
    List<String> sentences = new ArrayList<>(Sentences.of(caption));
    while (sentences.size() > 1 && !fits(text)) {
      sentences.remove(random.nextInt(sentences.size()));
      text = fill(template, String.join(" ", sentences));
    }
    return truncate(text, Fit.SAMPLED);
  }

  private EncodedCaption lead(String template, String caption) {
    String text = fill(template, caption);
    if (fits(text)) {
      return truncate(text, Fit.WHOLE);
    }
    List<String> sentences = Sentences.of(caption);
    int count = sentences.size();
    while (count > 1 && !fits(text)) {
      count--;
      text = fill(template, String.join(" ", sentences.subList(0, count)));
    }
    return truncate(text, Fit.SAMPLED);
  }

  private static String fill(String template, String caption) {
    return template.isEmpty() ? caption : template.replace(TextSettings.CAPTION, caption);
  }

  private boolean fits(String text) {
    return tokenizer.untruncatedLength(text) <= contextLength;
  }

  private EncodedCaption truncate(String text, Fit otherwise) {
    int[] ids = tokenizer.encode(text, contextLength);
    boolean cut = ids.length == contextLength && !fits(text);
    return new EncodedCaption(text, ids, cut ? Fit.TRUNCATED : otherwise);
  }
}
