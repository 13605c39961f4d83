package dev.eosin.data.questions;

import dev.eosin.config.DataException;
import dev.eosin.data.SampleContent.Conversation;
import dev.eosin.data.SampleContent.Turn;
import dev.eosin.data.json.Dialogue;
import dev.eosin.data.settings.CaptionConversationsSettings.Mark;
import dev.eosin.data.settings.TableFiles;
import dev.eosin.file.AtomicFile;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Makes a conversation of a caption: a request to describe the image, answered with the caption.
/// Everything drawn is a function of the key and the position.
///
/// @param requests at least one
record CaptionPrompts(List<String> requests, Mark mark, RandomKey key) {
  private static final String STANDARD = "description-prompts.txt";

  CaptionPrompts {
    requests = List.copyOf(requests);
  }

  /// @param file with a request on each line; empty for Eosin's own
  /// @throws DataException when the file cannot be read, has no request, or one with a mark
  static CaptionPrompts open(Optional<Path> file, Mark mark, RandomKey key) throws DataException {
    List<String> requests = file.isPresent() ? lines(file.get()) : standard();
    return new CaptionPrompts(requests, mark, key);
  }

  private static List<String> lines(Path file) throws DataException {
    TableFiles.checkText(file);
    try {
      List<String> lines =
          Files.readString(file).lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
      if (lines.isEmpty()) {
        throw new DataException(file + ": is empty; expected a request on each line (prompts)");
      }
      for (int i = 0; i < lines.size(); i++) {
        if (lines.get(i).contains(Dialogue.IMAGE_MARK)) {
          throw new DataException(
              "%s: request %d holds %s; expected none, mark says where it stands; remove it"
                  .formatted(file, i + 1, Dialogue.IMAGE_MARK));
        }
      }
      return lines;
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private static List<String> standard() {
    try (InputStream in = CaptionPrompts.class.getResourceAsStream(STANDARD)) {
      if (in == null) {
        throw new IllegalStateException(STANDARD + " is missing beside the classes");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @param position of the row in its source, from 0
  Conversation of(String caption, long position) {
    RandomStream random = key.stream(Purpose.CAPTION_TEMPLATE, 0, position);
    String request = requests.get(random.nextInt(requests.size()));
    // Drawn even where it is not asked for, so that the requests are the same with every mark.
    boolean drawn = random.nextBoolean();
    boolean before =
        switch (mark) {
          case BEFORE -> true;
          case AFTER -> false;
          case EITHER -> drawn;
        };
    String asked =
        before ? Dialogue.IMAGE_MARK + "\n" + request : request + "\n" + Dialogue.IMAGE_MARK;
    return new Conversation(List.of(new Turn(true, asked), new Turn(false, caption)));
  }

  /// Changes with everything that changes a conversation.
  String identity() {
    return "%s %s %s".formatted(requests, mark, key);
  }
}
