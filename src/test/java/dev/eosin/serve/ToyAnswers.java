package dev.eosin.serve;

import dev.eosin.eval.Answerer;
import dev.eosin.image.RgbImage;
import dev.eosin.language.chat.Message;
import dev.eosin.language.stored.StoredAnswerer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Says how much it was told and shown, and repeats the last line, a word at a time. What it is
/// asked to revise it answers with red in the place of blue.
final class ToyAnswers implements StoredAnswerer.Loaded {
  private final AtomicInteger told = new AtomicInteger();
  private final long wordMillis;

  ToyAnswers(long wordMillis) {
    this.wordMillis = wordMillis;
  }

  /// Words told so far.
  int told() {
    return told.get();
  }

  @Override
  public Answerer answerer() {
    return (question, pieces) -> new Answerer.Answer(question.text(), List.of());
  }

  @Override
  public String reply(
      List<Message> messages, List<RgbImage> images, int mostTokens, Consumer<String> pieces) {
    String last = messages.getLast().content();
    String line = last.substring(last.lastIndexOf('\n') + 1);
    String text =
        line.startsWith("Revise: ")
            ? line.substring("Revise: ".length()).replace("blue", "red")
            : "%d messages, %d images: %s".formatted(messages.size(), images.size(), line);
    var said = new StringBuilder();
    for (String word : text.split("(?<= )")) {
      pause();
      told.incrementAndGet();
      said.append(word);
      pieces.accept(word);
    }
    return said.toString();
  }

  private void pause() {
    try {
      Thread.sleep(wordMillis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public boolean remembers() {
    return true;
  }

  @Override
  public void close() {}
}
