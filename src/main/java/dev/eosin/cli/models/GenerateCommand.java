package dev.eosin.cli.models;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.Termination;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.asking.Asking;
import dev.eosin.run.models.Generation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `eosin generate`: what a stored model says.
@Command(
    name = "generate",
    description = {
      "Answers a prompt as its text is made, or every question of a table into a file of answers;"
          + " the same command goes on where it was stopped or killed."
    },
    mixinStandardHelpOptions = true)
public final class GenerateCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "A run of kind language or qformer-instruct, or a folder of Hugging Face's.")
  private Path model;

  @Option(names = "--prompt", paramLabel = "TEXT", description = "What is asked.")
  private Optional<String> prompt = Optional.empty();

  @Option(names = "--image", paramLabel = "FILE", description = "A picture that is shown.")
  private List<Path> images = new ArrayList<>();

  @Option(
      names = "--rows",
      paramLabel = "FILE",
      description =
          "A table (.jsonl, .csv, .tsv) with the column question and, where they are known, id,"
              + " image, answer, options, type, fact and group.")
  private Optional<Path> rows = Optional.empty();

  @Option(names = "--out", paramLabel = "FILE", description = "Of --rows: the file of answers.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Of --rows: questions that are asked at once (default: ${DEFAULT-VALUE}).")
  private int batch = 16;

  @Option(
      names = "--raw",
      description = "The prompt as it is, its special tokens included, without any dialogue.")
  private boolean raw;

  @Option(
      names = "--asks",
      paramLabel = "FORMAT",
      description =
          "Around what is asked, {text} stands for it; as in training otherwise, or nothing where"
              + " the folder does not say.")
  private Optional<String> asks = Optional.empty();

  @Option(
      names = "--answers",
      paramLabel = "FORMAT",
      description = "Of --asks: around what is answered (default: ' {text}').")
  private Optional<String> answers = Optional.empty();

  @Mixin private AdapterOption adapter = new AdapterOption();
  @Mixin private BaseOption base = new BaseOption();
  @Mixin private ComputeOptions computing = new ComputeOptions();

  @Mixin private SearchOptions search;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    var wanted =
        new Generation.Wanted(
            model, adapter.folder(), asks, answers, raw, base.choice(), search.choice());
    requireFitting(wanted);
    PrintWriter err = spec.commandLine().getErr();
    try (Generation generation = Generation.open(wanted, computing.settings())) {
      generation.requireSight(images);
      generation.notes().forEach(err::println);
      if (prompt.isPresent()) {
        generation.unseen(images).forEach(err::println);
      }
      err.flush();
      return rows.isPresent() ? table(generation, err) : one(generation);
    }
  }

  private void requireFitting(Generation.Wanted wanted) {
    if (prompt.isPresent() == rows.isPresent()) {
      throw usage("either --prompt TEXT or --rows FILE is needed");
    }
    if (rows.isPresent() != out.isPresent()) {
      throw usage("--rows and --out go together");
    }
    if (rows.isPresent() && !images.isEmpty()) {
      throw usage("--image is for --prompt; rows name theirs in the column image");
    }
    if (raw && asks.isPresent() || answers.isPresent() && asks.isEmpty()) {
      throw usage("--answers goes with --asks, and --raw with neither");
    }
    if (batch < 1) {
      throw usage("--batch: %d; at least 1 is needed".formatted(batch));
    }
    try {
      wanted.check();
    } catch (IllegalArgumentException wrong) {
      throw usage("--" + wrong.getMessage());
    }
  }

  private int one(Generation generation) throws IOException {
    PrintWriter printer = spec.commandLine().getOut();
    generation.answer(
        prompt.orElseThrow(),
        images,
        piece -> {
          printer.print(piece);
          printer.flush();
        });
    printer.println();
    printer.flush();
    return ExitCode.DONE;
  }

  private int table(Generation generation, PrintWriter err) throws IOException {
    Termination termination = Termination.listen(err);
    var listener =
        new Asking.Listener(
            err::println,
            progress -> {
              err.println(progress.text());
              err.flush();
            });
    Optional<List<AnswerRow>> answered =
        generation.answer(
            rows.orElseThrow(), out.orElseThrow(), batch, listener, termination::requested);
    err.println(
        answered
            .map(all -> "finished; %d answers are in %s".formatted(all.size(), out.get()))
            .orElse("stopped; the same command goes on"));
    err.flush();
    return termination.exitCode().orElse(ExitCode.DONE);
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
