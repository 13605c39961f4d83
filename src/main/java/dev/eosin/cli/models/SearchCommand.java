package dev.eosin.cli.models;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.cli.terminal.ArchitectureOptions;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.PartOption;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.Png;
import dev.eosin.run.models.IndexSearch;
import dev.eosin.run.models.IndexSearch.Found;
import dev.eosin.run.models.IndexSearch.Query;
import dev.eosin.run.models.IndexSearch.Result;
import dev.eosin.run.models.SearchSheet;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin search`: what of an index is nearest to texts and tiles.
@Command(
    name = "search",
    description = "Finds what of an index is nearest to texts and tiles.",
    mixinStandardHelpOptions = true)
public final class SearchCommand implements Callable<Integer> {
  private static final int BREADTH = 100;

  @Parameters(index = "0", paramLabel = "INDEX", description = "A folder of 'eosin index'.")
  private Path index;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "IMAGE|TEXT",
      description = "Image files, and sentences in quotes.")
  private List<String> asked = new ArrayList<>();

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "The CLIP model that the embeddings are of.")
  private Path model;

  @Option(
      names = "--top",
      paramLabel = "K",
      description = "How many are found of each (default: ${DEFAULT-VALUE}).")
  private int top = 10;

  @Option(
      names = "--exact",
      description = "Compare with everything, also where the index has a graph.")
  private boolean exact;

  @Option(
      names = "--breadth",
      paramLabel = "N",
      description = "Candidates that the graph looks at, at least K (100).")
  private Optional<Integer> breadth = Optional.empty();

  @Option(
      names = "--sheet",
      paramLabel = "FILE.png",
      description = "Draws what was found, a row for each query.")
  private Optional<Path> sheet = Optional.empty();

  @Option(
      names = "--images",
      paramLabel = "PATH",
      description =
          "Of --sheet: the images, where they lie elsewhere than when they were embedded.")
  private Optional<Path> images = Optional.empty();

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  @Mixin private ComputeOptions computing = new ComputeOptions();

  @Mixin private ArchitectureOptions architecture = new ArchitectureOptions();

  @Mixin private PartOption part = new PartOption();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (top < 1 || breadth.orElse(top) < top) {
      throw usage("--top is at least 1, and --breadth at least --top");
    }
    if (exact && breadth.isPresent()) {
      throw usage("--breadth is of the graph; --exact looks at everything");
    }
    if (images.isPresent() && sheet.isEmpty()) {
      throw usage("--images is for --sheet");
    }
    List<Query> queries = asked.stream().map(SearchCommand::query).toList();
    var compute = computing.settings();
    PrintWriter err = spec.commandLine().getErr();
    try (IndexSearch search =
        IndexSearch.open(index, model, part.part(), architecture.named(), compute)) {
      search.notes(queries).forEach(err::println);
      boolean graph = search.index().hasGraph();
      if (breadth.isPresent() && !graph) {
        throw usage("--breadth is of a graph, and the index has none");
      }
      Optional<SearchSheet> drawing =
          sheet.isPresent() ? Optional.of(SearchSheet.of(place(search))) : Optional.empty();
      OptionalInt looked =
          graph && !exact
              ? OptionalInt.of(breadth.orElse(Math.max(BREADTH, top)))
              : OptionalInt.empty();
      List<Result> results = search.search(queries, top, looked);
      PrintWriter out = spec.commandLine().getOut();
      out.print(json ? json(results, looked.isPresent()) : table(results));
      out.flush();
      if (drawing.isPresent()) {
        draw(drawing.get(), results, err);
      }
    }
    err.flush();
    return ExitCode.DONE;
  }

  private static Query query(String argument) {
    return ScoreCommand.isImage(argument)
        ? new IndexSearch.OfImage(Path.of(argument))
        : new IndexSearch.OfText(argument);
  }

  private Path place(IndexSearch search) throws DataException {
    if (images.isPresent()) {
      return images.get();
    }
    return search
        .index()
        .images()
        .orElseThrow(
            () ->
                new DataException(
                    index + ": does not say where its images lie; name them with --images"));
  }

  private void draw(SearchSheet drawing, List<Result> results, PrintWriter err) throws IOException {
    byte[] png = Png.encode(drawing.draw(results));
    AtomicFile.write(sheet.orElseThrow(), to -> to.write(png));
    drawing.notes().forEach(err::println);
    err.println("the sheet is in " + sheet.orElseThrow());
  }

  private static String table(List<Result> results) {
    var text = new StringBuilder();
    for (Result result : results) {
      text.append(result.query().title()).append('\n');
      for (int rank = 0; rank < result.found().size(); rank++) {
        Found found = result.found().get(rank);
        text.append(String.format(Locale.ROOT, "%5d  %7.4f  ", rank + 1, found.cosine()));
        text.append(found.row().path());
        found.row().label().ifPresent(label -> text.append("  ").append(label));
        found.row().group().ifPresent(group -> text.append("  ").append(group));
        found.row().text().ifPresent(said -> text.append("  ").append(said));
        text.append('\n');
      }
    }
    return text.toString();
  }

  private static String json(List<Result> results, boolean approximate) throws IOException {
    var mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode().put("approximate", approximate);
    ArrayNode all = root.putArray("queries");
    for (Result result : results) {
      ObjectNode query = all.addObject().put("query", result.query().title());
      ArrayNode found = query.putArray("found");
      for (Found each : result.found()) {
        ObjectNode row = found.addObject().put("cosine", each.cosine());
        row.setAll((ObjectNode) mapper.readTree(each.row().line()));
      }
    }
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
