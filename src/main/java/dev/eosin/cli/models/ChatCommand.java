package dev.eosin.cli.models;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.config.DataException;
import dev.eosin.run.models.Chat;
import dev.eosin.run.models.Generation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `eosin chat`: a conversation with a stored model.
@Command(
    name = "chat",
    description = {
      "Talks with a model that answers: each line is a question, answered as its text is made, and"
          + " what was said before is remembered. /image FILE shows an image with the next"
          + " question, /reset forgets everything, /help says this, the end of the input ends it."
    },
    mixinStandardHelpOptions = true)
public final class ChatCommand implements Callable<Integer> {
  private static final String HELP =
      """
      /image FILE  shows an image with the next question
      /reset       forgets everything that was said and shown
      /help        says this
      /quit        ends, as the end of the input does
      """;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "A run that trained a model that answers, or a folder of Hugging Face's.")
  private Path model;

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description = "Shown with the first question; may be given several times.")
  private List<Path> images = new ArrayList<>();

  @Mixin private AdapterOption adapter = new AdapterOption();
  @Mixin private BaseOption base = new BaseOption();
  @Mixin private ComputeOptions computing = new ComputeOptions();

  @Mixin private SearchOptions search;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    var wanted = new Generation.Wanted(model, adapter.folder(), base.choice(), search.choice());
    try {
      wanted.check();
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(spec.commandLine(), "--" + wrong.getMessage());
    }
    PrintWriter err = spec.commandLine().getErr();
    try (Chat chat = Chat.open(wanted, computing.settings())) {
      chat.notes().forEach(err::println);
      err.flush();
      for (Path image : images) {
        chat.show(image);
      }
      talk(chat, err);
    }
    return ExitCode.DONE;
  }

  /// Only a person at a terminal is shown where to write.
  private void talk(Chat chat, PrintWriter err) throws IOException {
    boolean person = System.console() != null && System.console().isTerminal();
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (true) {
      if (person) {
        err.print("> ");
        err.flush();
      }
      String line = lines.readLine();
      if (line == null || line.strip().equals("/quit")) {
        return;
      }
      try {
        obey(chat, line.strip(), err);
      } catch (DataException wrong) {
        // A question that has no answer is no reason to lose the conversation.
        err.println(wrong.getMessage());
        err.flush();
      }
    }
  }

  private void obey(Chat chat, String line, PrintWriter err) throws IOException {
    if (line.isEmpty()) {
      return;
    }
    String[] words = line.split("\\s+", 2);
    switch (words[0]) {
      case "/help" -> err.print(HELP);
      case "/reset" -> chat.reset();
      case "/image" -> {
        if (words.length < 2) {
          throw new DataException("/image needs the name of a file");
        }
        chat.show(Path.of(words[1]));
      }
      default -> {
        if (line.startsWith("/")) {
          throw new DataException(words[0] + " is no command; /help names them");
        }
        ask(chat, line);
      }
    }
    err.flush();
  }

  private void ask(Chat chat, String line) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    chat.ask(
        line,
        piece -> {
          out.print(piece);
          out.flush();
        });
    out.println();
    out.flush();
  }
}
