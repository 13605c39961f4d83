package dev.eosin.curate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.page.Page;
import dev.eosin.prepare.Fields;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPictures;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.RowView;
import dev.eosin.prepare.Rows;
import dev.eosin.text.CaptionText;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Keeps the pairs of a table that are worth training on, and writes them to `pairs.jsonl`: each
/// row as it was, with its caption cleaned.
///
/// Words are what white space sets apart. Images are not opened: a name is all that is asked of
/// them.
public record PairCuration(PairCurationSettings settings) implements RowPreparation {
  /// The pairs that were kept.
  public static final String PAIRS = "pairs.jsonl";

  private static final String NO_IMAGE = "no-image";
  private static final String EMPTY_CAPTION = "empty-caption";
  private static final String TOO_SHORT = "too-short";
  private static final String TOO_LONG = "too-long";
  private static final String DUPLICATE = "duplicate";

  @Override
  public Rows rows() throws DataException {
    return Rows.table(settings.path(), settings.key(), Map.of());
  }

  @Override
  public Map<String, String> pins() {
    return Map.of(
        "pairs.key", settings.key(),
        "pairs.image", settings.image(),
        "pairs.caption", settings.caption(),
        "pairs.min-words", Integer.toString(settings.minWords()),
        "pairs.max-words", Integer.toString(settings.maxWords()));
  }

  @Override
  public List<String> reasons() {
    return List.of(NO_IMAGE, EMPTY_CAPTION, TOO_SHORT, TOO_LONG, DUPLICATE);
  }

  /// Clean-up is quick, so that no step is recorded.
  @Override
  public Outcome prepare(Row row, RowSteps steps) throws DataException {
    if (text(row, settings.image(), "image").isBlank()) {
      return new Outcome.Rejected(NO_IMAGE, "the row names no image");
    }
    String given = text(row, settings.caption(), "caption");
    String caption = CaptionText.cleaned(given);
    if (caption.isEmpty()) {
      return new Outcome.Rejected(EMPTY_CAPTION, given);
    }
    int words = caption.split(" ", -1).length; // clean-up leaves single blanks
    if (words < settings.minWords()) {
      return new Outcome.Rejected(TOO_SHORT, "%d words: %s".formatted(words, caption));
    }
    if (words > settings.maxWords()) {
      return new Outcome.Rejected(TOO_LONG, "%d words".formatted(words));
    }
    return new Outcome.Kept(TextNode.valueOf(caption));
  }

  /// The text of a field, empty where it says null. A field that is missing, or no text, is a table
  /// other than the recipe describes, not a bad pair.
  private static String text(Row row, String field, String key) throws DataException {
    JsonNode value = row.content().path(field);
    if (value.isNull()) {
      return "";
    }
    if (!value.isTextual()) {
      throw Fields.noText(row, field, "pairs." + key);
    }
    return value.textValue();
  }

  @Override
  public Optional<RowView> view() {
    return Optional.of(
        new RowView(
            Page.title("Pairs", settings.path()),
            RowPictures.files(
                RowPictures.root(settings.pictures(), settings.path()),
                settings.image(),
                new ImageDecoder()),
            row -> row.content().path(settings.caption()).asText(),
            (_, caption) -> caption.asText()));
  }

  @Override
  public Assembly assemble(Outputs outputs) throws IOException {
    Outputs.Lines pairs = outputs.jsonLines(PAIRS);
    Set<PairDigest> seen = new HashSet<>();
    return (row, caption) -> {
      String image = row.content().path(settings.image()).textValue();
      if (!seen.add(PairDigest.of(image, caption.textValue()))) {
        return Optional.of(
            new Outcome.Rejected(
                DUPLICATE, "%s has this caption already".formatted(Quote.of(image))));
      }
      ObjectNode line = row.content().deepCopy();
      line.set(settings.caption(), caption);
      pairs.write(line);
      return Optional.empty();
    };
  }
}
