package dev.eosin.data.json;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.data.Caption;
import dev.eosin.data.settings.QuestionFields;
import dev.eosin.data.settings.RowFields;
import dev.eosin.data.tables.TableRow;
import dev.eosin.text.CaptionText;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// How a kind of JSON record becomes a row.
sealed interface RecordMapping {
  /// The row in a record; what is missing stays empty.
  ///
  /// @param problem is told of what cannot be understood; completes "3 rows ..."
  TableRow read(JsonNode record, Consumer<String> problem);

  /// Fields by the names in the settings.
  record Fields(RowFields names) implements RecordMapping {
    @Override
    public TableRow read(JsonNode record, Consumer<String> problem) {
      String image = JsonFields.text(JsonFields.at(record, names.image())).orElse("");
      Optional<QuestionFields> questions = names.questions();
      if (questions.isPresent()) {
        return TableRow.of(
            TableRow.named(image),
            JsonQuestion.read(record, questions.get(), problem).about(image),
            field(record, names.label()),
            field(record, names.group()));
      }
      return new TableRow(
          image,
          names
              .caption()
              .map(name -> JsonFields.captions(JsonFields.at(record, name), problem))
              .orElse(List.of()),
          field(record, names.label()),
          field(record, names.group()));
    }
  }

  /// LLaVA's conversations: `{image, conversations: [{from, value}, ...]}`.
  record Conversations(String speaker, int turn, Optional<String> group) implements RecordMapping {
    private static final String IMAGE_PLACEHOLDER = "<image>";

    @Override
    public TableRow read(JsonNode record, Consumer<String> problem) {
      return new TableRow(
          image(record.path("image"), problem),
          caption(record.path("conversations"), problem).map(Caption::equal).orElse(List.of()),
          Optional.empty(),
          field(record, group));
    }

    private static String image(JsonNode image, Consumer<String> problem) {
      if (image.size() > 1) {
        problem.accept("with several images");
      }
      Optional<String> path = JsonFields.text(image.isArray() ? image.path(0) : image);
      if (path.isEmpty()) {
        problem.accept("without an image (without-image: skip leaves them out)");
      }
      return path.orElse("");
    }

    private Optional<List<String>> caption(JsonNode turns, Consumer<String> problem) {
      int left = turn;
      for (JsonNode one : turns) {
        if (one.path("from").asText().equals(speaker) && --left == 0) {
          String words = CaptionText.of(one.path("value").asText());
          String text = words.replace(IMAGE_PLACEHOLDER, "").strip();
          return CaptionText.isEmpty(text) ? Optional.empty() : Optional.of(List.of(text));
        }
      }
      problem.accept(
          turn == 1
              ? "without words of '%s' (speaker)".formatted(speaker)
              : "with fewer than %d turns of '%s' (turn, speaker)".formatted(turn, speaker));
      return Optional.empty();
    }
  }

  /// The same records, whole: every turn, with none to several images.
  ///
  /// @param textAlone whether a record may be without an image
  record Dialogues(boolean textAlone, Optional<String> group) implements RecordMapping {
    @Override
    public TableRow read(JsonNode record, Consumer<String> problem) {
      List<String> images = images(record.path("image"), problem);
      if (images.isEmpty() && !textAlone) {
        problem.accept(
            "without an image (without-image: keep takes them as text, skip leaves them out)");
      }
      return TableRow.of(
          images, Dialogue.read(record, images.size()), Optional.empty(), field(record, group));
    }

    private static List<String> images(JsonNode image, Consumer<String> problem) {
      if (!image.isArray()) {
        return JsonFields.text(image).stream().toList();
      }
      List<String> paths =
          image.valueStream().flatMap(one -> JsonFields.text(one).stream()).toList();
      if (paths.size() != image.size()) {
        problem.accept("with an empty path among several images");
      }
      return paths;
    }
  }

  /// PathGen-1.6M's records: `{wsi_id, position: [x, y], caption}`; some of its tools write
  /// `WSI_id`. The image is `<wsi_id>_<x>_<y>`.
  record PathGen() implements RecordMapping {
    @Override
    public TableRow read(JsonNode record, Consumer<String> problem) {
      Optional<String> slide =
          JsonFields.text(record.path("wsi_id")).or(() -> JsonFields.text(record.path("WSI_id")));
      Optional<String> place = place(record.path("position"));
      if (slide.isEmpty()) {
        problem.accept("without wsi_id");
      }
      if (place.isEmpty()) {
        problem.accept("whose position is not [x, y] in pixels");
      }
      return new TableRow(
          slide.flatMap(id -> place.map(at -> id + at)).orElse(""),
          JsonFields.captions(record.path("caption"), problem),
          Optional.empty(),
          slide);
    }

    private static Optional<String> place(JsonNode position) {
      String x = position.path(0).asText();
      String y = position.path(1).asText();
      boolean pixels = position.size() == 2 && (x + "/" + y).matches("\\d{1,9}/\\d{1,9}");
      return pixels ? Optional.of("_%s_%s".formatted(x, y)) : Optional.empty();
    }
  }

  private static Optional<String> field(JsonNode record, Optional<String> name) {
    return name.flatMap(one -> JsonFields.text(JsonFields.at(record, one)));
  }
}
