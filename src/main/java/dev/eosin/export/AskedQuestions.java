package dev.eosin.export;

import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.questions.QuestionRows;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Questions that a model was not trained on, to compare it and its graphs by.
///
/// @param name says where they are, for messages
/// @param fingerprint changes whenever they or their order change
/// @param questions at least [HeldOut#LEAST]
public record AskedQuestions(String name, String fingerprint, List<Asked> questions) {
  /// One of them.
  ///
  /// @param key names it
  /// @param images that it shows, which are read when it is asked
  public record Asked(String key, String text, List<Sample.ImageReader> images) {
    public Asked {
      images = List.copyOf(images);
    }

    /// @throws IOException naming the image that cannot be read
    Question read() throws IOException {
      List<RgbImage> pictures = new ArrayList<>();
      for (Sample.ImageReader image : images) {
        pictures.add(image.read().toRgb());
      }
      return new Question(key, pictures, text, List.of(), AnswerVerification.TOKENS);
    }
  }

  public AskedQuestions {
    questions = List.copyOf(questions);
  }

  /// Reads a table of questions, as [QuestionRows] does, and of their images those of the first.
  ///
  /// @param sees whether the model looks at pictures
  /// @param most of the rows, at even distances
  /// @throws DataException when there are fewer than [HeldOut#LEAST], a row cannot be read, or one
  ///   shows no image to a model that sees
  /// @throws IOException when the first image cannot be read
  public static AskedQuestions open(Path file, boolean sees, int most) throws IOException {
    QuestionRows rows =
        QuestionRows.open(file, sees ? Optional.of(new ImageDecoder()) : Optional.empty());
    int count = Math.toIntExact(Math.min(rows.size(), most));
    if (count < HeldOut.LEAST) {
      throw new DataException(
          "%s: has %d questions, and equality is proven on %d or more; name a longer table with --verify"
              .formatted(file, count, HeldOut.LEAST));
    }
    List<Asked> questions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Sample sample = rows.get(i * rows.size() / count);
      if (sees && sample.images().isEmpty()) {
        throw new DataException(
            "%s: %s shows no image; a model that sees is proven on images, give each question one"
                .formatted(file, sample.key()));
      }
      if (!(sample.content() instanceof SampleContent.QuestionAnswer asked)) {
        throw new IllegalStateException("not a question: " + sample.content());
      }
      questions.add(new Asked(sample.key(), asked.question(), sample.images()));
    }
    questions.getFirst().read();
    return new AskedQuestions(file.toString(), rows.fingerprint(), questions);
  }
}
