package dev.eosin.language.stored;

import dev.eosin.config.DataException;
import dev.eosin.eval.Answerer;
import dev.eosin.image.RgbImage;
import dev.eosin.language.chat.Message;
import dev.eosin.language.generation.GenerationDefaults;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.function.Consumer;

/// A stored model that is to answer, whether it sees pictures or text alone: everything about it is
/// read and compared, but for its weights' values. Close it.
public interface StoredAnswerer extends AutoCloseable {
  /// Where it is, for messages.
  Path path();

  /// What a user should know, one line each.
  List<String> notes();

  /// Whether it looks at pictures.
  boolean seesImages();

  /// How it generates where nobody says otherwise.
  GenerationDefaults defaults();

  /// The ids that it reads of a question, those of a picture among them where it sees one.
  int length(String text);

  /// Most ids that it reads, its answer among them; empty where there is no limit.
  OptionalInt context();

  /// Refuses a question that can have no answer.
  ///
  /// @param id names it
  /// @throws DataException when it and its answer have no room in the model
  void requireRoom(String id, String text, int mostTokens) throws DataException;

  /// What answers depend on besides what is asked.
  ///
  /// @param generation with which it answers, limited to the tokens that an answer may have
  SortedMap<String, String> pins(GenerationSettings generation) throws DataException;

  /// Opens the weights.
  ///
  /// @param generation but for the number of tokens, of which a question says the most, and these
  ///   at most
  Loaded load(Engine engine, GenerationSettings generation) throws IOException;

  /// A model with its weights. Close it.
  interface Loaded extends AutoCloseable {
    Answerer answerer();

    /// Answers the last question of a conversation.
    ///
    /// @param images that the conversation shows, in order; its messages mark where each stands
    /// @param pieces told parts of the answer as they are made
    /// @return the answer
    /// @throws IOException when there is none, naming the reason
    default String reply(
        List<Message> messages, List<RgbImage> images, int mostTokens, Consumer<String> pieces)
        throws IOException {
      List<RgbImage> last = images.isEmpty() ? images : List.of(images.getLast());
      String text = messages.getLast().content();
      var question = new Answerer.Question("the message", last, text, List.of(), mostTokens);
      return answerer().answer(question, pieces).text();
    }

    /// Whether what was said before a question matters to its answer.
    default boolean remembers() {
      return false;
    }

    @Override
    void close();
  }

  @Override
  void close();
}
