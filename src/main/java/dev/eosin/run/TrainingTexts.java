package dev.eosin.run;

import dev.eosin.config.DataException;
import dev.eosin.data.Caption;
import dev.eosin.data.SampleContent;
import dev.eosin.data.Source;
import dev.eosin.data.opened.OpenedSources;
import dev.eosin.experiment.RunSettings;
import dev.eosin.image.formats.ImageDecoder;
import java.util.List;
import java.util.function.Consumer;

/// What the training samples of a recipe say, as texts; no image is read.
public final class TrainingTexts {
  private TrainingTexts() {}

  /// Reads samples in their source's order.
  ///
  /// @param most samples at most
  /// @param reader given each caption, question, answer, turn or document
  /// @throws DataException when the data cannot be opened
  public static void read(RunSettings recipe, long most, Consumer<String> reader)
      throws DataException {
    Source source = OpenedSources.open(recipe.data(), new ImageDecoder()).train();
    for (long index = 0; index < Math.min(most, source.size()); index++) {
      texts(source.get(index).content()).forEach(reader);
    }
  }

  private static List<String> texts(SampleContent content) {
    return switch (content) {
      case SampleContent.Captions(List<Caption> captions) ->
          captions.stream().map(Caption::text).toList();
      case SampleContent.QuestionAnswer asked -> List.of(asked.question(), asked.answer());
      case SampleContent.Conversation(List<SampleContent.Turn> turns) ->
          turns.stream().map(SampleContent.Turn::text).toList();
      case SampleContent.Document(String text) -> List.of(text);
    };
  }
}
