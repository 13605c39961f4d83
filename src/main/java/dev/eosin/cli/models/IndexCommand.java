package dev.eosin.cli.models;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.eval.embeddings.StoredEmbeddings;
import dev.eosin.index.VectorGraph;
import dev.eosin.index.VectorIndex;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin index`: makes embeddings searchable.
@Command(
    name = "index",
    description = {
      "Makes embeddings searchable: the vectors as they are, and above 100,000 of them a graph"
          + " (HNSW), which visits few of them and may miss some."
    },
    mixinStandardHelpOptions = true)
public final class IndexCommand implements Callable<Integer> {
  private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

  @Parameters(
      index = "0",
      paramLabel = "EMBEDDINGS",
      description = "What 'eosin embed' wrote, or another program's .parquet, .npy, ...")
  private Path embeddings;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The folder of the index.")
  private Path out;

  @Option(
      names = "--table",
      paramLabel = "FILE",
      description = "The embeddings' rows in their order, where their file does not have them.")
  private Optional<Path> table = Optional.empty();

  @Option(
      names = "--kind",
      description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private VectorIndex.Kind kind = VectorIndex.Kind.AUTO;

  @Option(
      names = "--connections",
      paramLabel = "N",
      description = "Of each vector in the graph (default: ${DEFAULT-VALUE}).")
  private int connections = VectorGraph.Settings.DEFAULT.connections();

  @Option(
      names = "--breadth",
      paramLabel = "N",
      description = "Candidates looked at for each vector (default: ${DEFAULT-VALUE}).")
  private int breadth = VectorGraph.Settings.DEFAULT.breadth();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    VectorGraph.Settings settings;
    try {
      settings = new VectorGraph.Settings(connections, breadth);
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(spec.commandLine(), "--" + wrong.getMessage());
    }
    PrintWriter err = spec.commandLine().getErr();
    long started = System.nanoTime();
    try (StoredEmbeddings from = StoredEmbeddings.open(embeddings, table)) {
      boolean graphed = VectorIndex.build(from, out, kind, settings, progress(from.size(), err));
      err.println(
          String.format(
              Locale.ROOT,
              "finished; %d embeddings of %d numbers are in %s, %s, in %.1f s",
              from.size(),
              from.width(),
              out,
              graphed ? "with a graph" : "for an exact scan",
              (System.nanoTime() - started) / 1e9));
    }
    err.flush();
    return ExitCode.DONE;
  }

  private static VectorGraph.Progress progress(int all, PrintWriter err) {
    long[] shown = {System.nanoTime()};
    return vectors -> {
      long now = System.nanoTime();
      if (now - shown[0] >= EVERY_NANOS) {
        shown[0] = now;
        err.println("vector %d/%d".formatted(vectors, all));
        err.flush();
      }
    };
  }
}
