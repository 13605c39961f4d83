package dev.eosin.spark;

import dev.eosin.config.DataException;
import dev.eosin.config.RecipeException;
import dev.eosin.prepare.Funnel;
import dev.eosin.recipe.CurateRecipe;
import dev.eosin.recipe.Preparation;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `data-prep/spark/run`: a recipe of `kind: curate` on a cluster.
@Command(
    name = "run",
    description = "Runs a recipe of kind: curate on a Spark cluster.",
    mixinStandardHelpOptions = true)
final class SparkCommand implements Callable<Integer> {
  private static final int BAD_RECIPE = 2;
  private static final int BAD_DATA = 3;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "RECIPE", description = "A YAML file.")
  private Path file;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "KEY=VALUE",
      description = "Replaces a value of the recipe.")
  private List<String> overrides = new ArrayList<>();

  @Option(
      names = "--master",
      required = true,
      paramLabel = "URL",
      description = "spark://HOST:7077, or local[N] for this process alone.")
  private String master;

  @Option(
      names = "--jars",
      paramLabel = "FOLDER",
      description = "What executors need besides Spark; the launcher gives it.")
  private Path jars = Path.of("executors");

  @Option(
      names = "--executor-memory",
      paramLabel = "SIZE",
      description = "Memory of each executor (${DEFAULT-VALUE}).")
  private String memory = "2g";

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      description = "How long no executor may be there (${DEFAULT-VALUE}).")
  private int patience = 60;

  @Option(
      names = "--part-rows",
      paramLabel = "N",
      description = "Rows of a part; without it four parts a core, at most 50,000 rows each.")
  private int partRows;

  @Option(names = "--conf", paramLabel = "KEY=VALUE", description = "A further setting of Spark.")
  private Map<String, String> options = new LinkedHashMap<>();

  /// @param arguments as the command line gives them
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new SparkCommand()).execute(arguments));
  }

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    try {
      if (!(Preparation.read(file, overrides) instanceof CurateRecipe recipe)) {
        throw new DataException(
            file + ": is not of kind: curate, which alone runs on Spark; use 'eosin prepare'");
      }
      var settings =
          new Cluster.Settings(master, jars, memory, Duration.ofSeconds(patience), options);
      Funnel funnel =
          new SparkCuration(
                  recipe,
                  settings,
                  partRows,
                  line -> {
                    err.println(line);
                    err.flush();
                  })
              .run();
      err.println("finished; the results are in " + recipe.folder());
      PrintWriter out = spec.commandLine().getOut();
      out.println("rows " + funnel.rows());
      funnel.rejected().forEach((reason, n) -> out.println("rejected %s %d".formatted(reason, n)));
      out.println("kept " + funnel.kept());
      out.flush();
      return 0;
    } catch (RecipeException e) {
      err.println(e.getMessage());
      return BAD_RECIPE;
    } catch (DataException e) {
      err.println("error: " + e.getMessage());
      return BAD_DATA;
    }
  }
}
