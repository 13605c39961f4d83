package dev.eosin.data.questions;

import dev.eosin.config.DataException;
import dev.eosin.data.Source;
import dev.eosin.data.json.JsonSource;
import dev.eosin.data.json.JsonTable;
import dev.eosin.data.questions.TableByName.Format;
import dev.eosin.data.settings.CaptionConversationsSettings;
import dev.eosin.data.settings.LlavaJsonSettings;
import dev.eosin.data.settings.QuestionSetSettings;
import dev.eosin.data.settings.RowFields;
import dev.eosin.data.settings.TableSample;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.random.RandomKey;
import java.util.List;
import java.util.Optional;

/// Opens published sets: which of their fields holds what.
public final class QuestionSets {
  private static final String CLOSED_GOLD = "yes_no_answer";

  private QuestionSets() {}

  /// @throws DataException when the data is missing or faulty, saying what and where
  public static Source open(QuestionSetSettings settings, ImageDecoder decoder)
      throws DataException {
    return switch (settings.layout()) {
      case CLOVER -> TableByName.of(settings, plain("path")).open(decoder);
      case PATH_VQA -> TableByName.of(settings, plain("image")).open(decoder);
      case PMC_VQA -> TableByName.of(settings, choices()).open(decoder);
      case MULTIPLE_CHOICE -> TableByName.of(settings, lettered(settings)).open(decoder);
      case QUILT_VQA -> TableByName.of(settings, quilt(settings)).open(decoder);
      case DEGRADED -> TableByName.of(settings, revised()).open(decoder);
      case LLAVA_MED -> JsonSource.open(JsonTable.of(conversations(settings), decoder));
    };
  }

  /// @throws DataException when the data is missing or faulty, saying what and where
  public static Source open(CaptionConversationsSettings settings, ImageDecoder decoder)
      throws DataException {
    RowFields fields =
        new RowFields(
            settings.image(), Optional.of(settings.caption()), Optional.empty(), Optional.empty());
    CaptionPrompts prompts =
        CaptionPrompts.open(settings.prompts(), settings.mark(), new RandomKey(settings.seed()));
    TableByName table =
        new TableByName(
            settings.path(),
            settings.images(),
            fields,
            settings.where(),
            settings.only(),
            settings.without(),
            settings.id());
    return new PromptedSource(table.open(decoder), prompts);
  }

  private static RowFields plain(String image) {
    return fields(image, "question", "answer", Optional.empty(), List.of(), Optional.empty());
  }

  private static RowFields revised() {
    return fields("image", "corrupted", "target", Optional.empty(), List.of(), Optional.empty());
  }

  /// Its answer is a letter in some of its files, and an option's text in others.
  private static RowFields choices() {
    return fields(
        "Figure_path",
        "Question",
        "Answer",
        Optional.empty(),
        List.of("Choice A", "Choice B", "Choice C", "Choice D"),
        Optional.empty());
  }

  private static RowFields lettered(QuestionSetSettings settings) throws DataException {
    return fields(
        "image",
        "question",
        "answer",
        Optional.empty(),
        OptionFields.of(settings.path()),
        Optional.empty());
  }

  /// Only the files with answers as sentences have a column of their yes and no.
  private static RowFields quilt(QuestionSetSettings settings) throws DataException {
    boolean json =
        switch (TableByName.format(settings.path())) {
          case JSON, JSON_LINES, PICKLE -> true;
          case COMMAS, TABS -> TableSample.read(settings.path()).columns().contains(CLOSED_GOLD);
          case PARQUET -> false;
        };
    return fields(
        "image",
        "question",
        "answer",
        json ? Optional.of(CLOSED_GOLD) : Optional.empty(),
        List.of(),
        Optional.of("answer_type"));
  }

  private static RowFields fields(
      String image,
      String question,
      String answer,
      Optional<String> closedAnswer,
      List<String> options,
      Optional<String> type) {
    return new RowFields(
        image,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(question),
        Optional.of(answer),
        closedAnswer,
        options,
        type,
        Optional.empty());
  }

  private static LlavaJsonSettings conversations(QuestionSetSettings settings)
      throws DataException {
    Format format = TableByName.format(settings.path());
    if (format != Format.JSON && format != Format.JSON_LINES) {
      throw new DataException(
          settings.path() + ": LLaVA-Med's conversations are .json or .jsonl; choose that file");
    }
    return new LlavaJsonSettings(
        settings.path(),
        settings.images(),
        LlavaJsonSettings.Says.CONVERSATION,
        LlavaJsonSettings.ANSWERING,
        1,
        LlavaJsonSettings.WithoutImage.REFUSE,
        Optional.empty(),
        settings.where(),
        settings.only(),
        settings.without(),
        settings.id());
  }
}
