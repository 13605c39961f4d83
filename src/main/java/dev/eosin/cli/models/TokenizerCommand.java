package dev.eosin.cli.models;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.config.DataException;
import dev.eosin.recipe.trained.TrainableRecipe;
import dev.eosin.run.TrainingTexts;
import dev.eosin.text.BytePairSettings;
import dev.eosin.text.BytePairTrainer;
import dev.eosin.text.BytePairVocabulary;
import dev.eosin.text.TextDocuments;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin tokenizer`: what concerns tokenizers alone.
@Command(
    name = "tokenizer",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Make tokenizers.")
public final class TokenizerCommand {
  @Spec private CommandSpec spec;

  /// Learns a vocabulary from texts and writes it.
  @Command(
      name = "train",
      mixinStandardHelpOptions = true,
      showDefaultValues = true,
      description = {
        "Learn a byte-level vocabulary (GPT-2's kind) from texts, and write it as a tokenizer.json "
            + "that transformers opens, too.",
        "The same texts and options give the same file, whatever the texts' order."
      })
  int train(
      @Option(
              names = "--vocabulary",
              required = true,
              paramLabel = "N",
              description = "The number of tokens, with special ones and 256 bytes.")
          int vocabulary,
      @Option(
              names = "--out",
              required = true,
              paramLabel = "PATH",
              description = "A .json file, or a folder, which gets tokenizer_config.json, too.")
          Path out,
      @Option(
              names = "--field",
              paramLabel = "NAME",
              description = "FILES hold a JSON object a line, and this field is the text.")
          Optional<String> field,
      @Option(
              names = "--special",
              paramLabel = "TOKEN",
              description = "A further special token, such as <image>; may be given again.")
          List<String> special,
      @Option(
              names = "--min-count",
              defaultValue = "2",
              paramLabel = "N",
              description = "How often two tokens must stand together to become one.")
          long minimumCount,
      @Option(names = "--pad", defaultValue = "<pad>", paramLabel = "TOKEN", description = "Id 0.")
          String pad,
      @Option(names = "--bos", defaultValue = "<s>", paramLabel = "TOKEN", description = "Id 1.")
          String bos,
      @Option(names = "--eos", defaultValue = "</s>", paramLabel = "TOKEN", description = "Id 2.")
          String eos,
      @Option(
              names = "--recipe",
              paramLabel = "FILE",
              description = "Learn from what the training samples of a recipe say.")
          Optional<Path> recipe,
      @Option(
              names = "--most",
              defaultValue = "20000",
              paramLabel = "N",
              description = "Samples of the recipe at most.")
          long most,
      @Parameters(arity = "0..*", paramLabel = "FILES", description = "UTF-8 texts, one a line.")
          List<Path> files)
      throws IOException {
    List<String> more = special == null ? List.of() : special;
    var trainer = new BytePairTrainer(settings(vocabulary, minimumCount, pad, bos, eos, more));
    read(trainer, files == null ? List.of() : files, field, recipe, most);
    BytePairVocabulary learned = trainer.train();
    learned.write(out);
    report(trainer, learned, vocabulary, out);
    return ExitCode.DONE;
  }

  private void read(
      BytePairTrainer trainer,
      List<Path> files,
      Optional<String> field,
      Optional<Path> recipe,
      long most)
      throws IOException {
    if (recipe.isEmpty() == files.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(), "name either FILES or a --recipe to learn from");
    }
    for (Path file : files) {
      TextDocuments.read(file, field, trainer::add);
    }
    if (recipe.isPresent()) {
      TrainingTexts.read(TrainableRecipe.read(recipe.get(), List.of()), most, trainer::add);
    }
    if (trainer.documents() == 0) {
      throw new DataException(
          recipe.orElseGet(() -> files.getFirst()) + ": holds no text to learn from");
    }
  }

  private BytePairSettings settings(
      int vocabulary, long minimumCount, String pad, String bos, String eos, List<String> special) {
    try {
      return new BytePairSettings(vocabulary, minimumCount, pad, bos, eos, special);
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()));
    }
  }

  private void report(BytePairTrainer trainer, BytePairVocabulary learned, int wanted, Path out) {
    PrintWriter printer = spec.commandLine().getOut();
    printer.printf(
        "%d texts of %d words; %d tokens, %d of them learned, in %s%n",
        trainer.documents(), trainer.words(), learned.size(), learned.mergeCount(), out);
    if (learned.size() < wanted) {
      printer.printf(
          "fewer than the %d that were asked for: no two tokens stand together often enough"
              + " (--min-count)%n",
          wanted);
    }
    printer.flush();
  }
}
