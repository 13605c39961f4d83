package dev.eosin.cli;

import dev.eosin.cli.terminal.ArchitectureOptions;
import dev.eosin.cli.terminal.PartOption;
import dev.eosin.eval.activations.NumberType;
import dev.eosin.eval.embeddings.EmbeddingPass;
import dev.eosin.file.UserCache;
import dev.eosin.group.Group;
import dev.eosin.run.models.ClipEmbeddings;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/// What `eosin embed` takes for embeddings alone.
final class EmbeddingOptions {
  private static final int BATCH = 64;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Rows that go through the model together (64).")
  private Optional<Integer> batch = Optional.empty();

  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Threads that decode images ahead of the model; one for each core otherwise.")
  private Optional<Integer> workers = Optional.empty();

  @Option(
      names = "--precision",
      description = "What the model computes in: fp32, bf16 or fp16 (fp32).")
  private Optional<Precision> precision = Optional.empty();

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description =
          "Where embeddings are remembered by model and by content of the image's file; the user's"
              + " cache otherwise.")
  private Optional<Path> cache = Optional.empty();

  @Option(names = "--no-cache", description = "Remembers nothing and takes nothing remembered.")
  private boolean uncached;

  @Option(
      names = "--text-column",
      paramLabel = "NAME",
      description = "Of --texts; guessed otherwise.")
  private Optional<String> text = Optional.empty();

  @Mixin private ArchitectureOptions architecture = new ArchitectureOptions();

  @Mixin private PartOption part = new PartOption();

  @Spec(Target.MIXEE)
  private CommandSpec command;

  /// Refuses those that mean nothing for hidden states.
  void requireNone() {
    if (batch.isPresent()
        || workers.isPresent()
        || precision.isPresent()
        || cache.isPresent()
        || uncached
        || text.isPresent()) {
      throw usage(
          "--batch, --workers, --precision, --cache, --no-cache and --text-column are for"
              + " embeddings, without --layers");
    }
  }

  ClipEmbeddings open(Path model, ComputeSettings compute, NumberType type, Group group)
      throws IOException {
    int readers =
        workers.orElse(
            Math.ceilDiv(Runtime.getRuntime().availableProcessors(), group.sharingCores()));
    if (batch.orElse(1) < 1 || readers < 1) {
      throw usage("--batch and --workers are at least 1");
    }
    if (cache.isPresent() && uncached) {
      throw usage("give either --cache or --no-cache");
    }
    Precision computed = precision.orElse(Precision.FP32);
    if (computed == Precision.AUTO) {
      throw usage("--precision: fp32, bf16 or fp16; auto would be another on another machine");
    }
    return ClipEmbeddings.open(
        model,
        part.part(),
        architecture.named(),
        computed,
        compute,
        new EmbeddingPass.Settings(batch.orElse(BATCH), readers, type),
        group);
  }

  /// Where embeddings are remembered, if they are.
  Optional<Path> cache() {
    return uncached
        ? Optional.empty()
        : Optional.of(cache.orElseGet(() -> UserCache.folder().resolve("embeddings")));
  }

  Optional<String> textColumn() {
    return text;
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
