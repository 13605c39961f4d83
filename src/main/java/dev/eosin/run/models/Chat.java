package dev.eosin.run.models;

import dev.eosin.config.DataException;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.language.chat.Message;
import dev.eosin.language.chat.Message.Role;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.stored.StoredAnswerer;
import dev.eosin.recipe.stored.StoredAnswerers;
import dev.eosin.train.machine.ComputeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// A conversation with a stored model: questions and answers in turn, with the images that were
/// shown. Used by one thread. Close it.
public final class Chat implements AutoCloseable {
  private static final int TOKENS = 256;
  private static final String MARK = "<image>";

  private final StoredAnswerer model;
  private final StoredAnswerer.Loaded loaded;
  private final int mostTokens;
  private final List<Message> messages = new ArrayList<>();
  private final List<RgbImage> images = new ArrayList<>();
  private final List<RgbImage> shown = new ArrayList<>();

  private Chat(StoredAnswerer model, StoredAnswerer.Loaded loaded, int mostTokens) {
    this.model = model;
    this.loaded = loaded;
    this.mostTokens = mostTokens;
  }

  /// Opens a model with its weights.
  ///
  /// @throws DataException as [StoredAnswerers#open]
  public static Chat open(Generation.Wanted wanted, ComputeSettings compute) throws IOException {
    StoredAnswerer model = StoredAnswerers.open(wanted.stored());
    try {
      int most = wanted.search().tokens().orElse(model.defaults().maxNewTokens().orElse(TOKENS));
      GenerationSettings settings = wanted.search().applied(model.defaults().settings(most));
      return new Chat(model, model.load(compute.start(), settings), most);
    } catch (IOException | RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  /// What a user should know, one line each.
  public List<String> notes() {
    List<String> notes = new ArrayList<>(model.notes());
    if (!loaded.remembers()) {
      notes.add(
          model.path() + ": answers each question by itself; what was said before is not asked");
    }
    return notes;
  }

  /// Whether images can be shown.
  public boolean seesImages() {
    return model.seesImages();
  }

  /// Shows an image with the next question.
  ///
  /// @throws DataException when the model sees none, or the file cannot be read
  public void show(Path image) throws IOException {
    if (!model.seesImages()) {
      throw new DataException(
          "%s: is a model of text alone and cannot see %s".formatted(model.path(), image));
    }
    shown.add(new ImageDecoder().decode(ImageDecoder.bytes(image), image.toString()).toRgb());
  }

  /// Asks, and keeps question and answer. Images that were shown since the last question stand
  /// before the words, each on a line of its own, unless the words say where.
  ///
  /// @param pieces told parts of the answer as they are made
  /// @throws IOException when there is no answer, naming the reason; nothing of the question is
  ///   kept
  public void ask(String question, Consumer<String> pieces) throws IOException {
    List<Message> asked = new ArrayList<>(messages);
    boolean marked = question.contains(MARK) || !loaded.remembers();
    String marks = marked ? "" : (MARK + "\n").repeat(shown.size());
    asked.add(new Message(Role.USER, marks + question));
    List<RgbImage> seen = new ArrayList<>(images);
    seen.addAll(shown);
    String answer = loaded.reply(asked, seen, mostTokens, pieces);
    messages.clear();
    messages.addAll(asked);
    messages.add(new Message(Role.ASSISTANT, answer));
    images.addAll(shown);
    shown.clear();
  }

  /// Forgets everything that was said and shown.
  public void reset() {
    messages.clear();
    images.clear();
    shown.clear();
  }

  @Override
  public void close() {
    loaded.close();
    model.close();
  }
}
