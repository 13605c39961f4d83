package dev.eosin.cli.models;

import dev.eosin.checkpoint.LibtorchArchive;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.Terminal;
import dev.eosin.config.DataException;
import dev.eosin.fetch.Download;
import dev.eosin.fetch.FetchFolder;
import dev.eosin.fetch.FetchManifest;
import dev.eosin.fetch.Patience;
import dev.eosin.file.UserCache;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `eosin fetch`: weights and libraries of others, verified.
@Command(
    name = "fetch",
    mixinStandardHelpOptions = true,
    description = {
      "Fetch weights, or a libtorch for a GPU, and verify them; without NAME list what there is.",
      "An interrupted fetch goes on where it ended. HF_TOKEN is sent to servers of gated models."
    })
public final class FetchCommand implements Callable<Integer> {
  private static final String MIRROR = "EOSIN_MIRROR";

  @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "What to fetch.")
  private Optional<String> name = Optional.empty();

  @Option(
      names = "--mirror",
      paramLabel = "BASE_URL",
      description = "Takes the place of the server, with the same paths (or EOSIN_MIRROR).")
  private Optional<String> mirror = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Holds <NAME>/ and <NAME>.lock (checkpoints; for a libtorch the user's cache).")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--offline",
      description = "Fetch nothing; say what to put where, and how to verify it.")
  private boolean offline;

  @Option(names = "--verify", description = "Fetch nothing; verify what is there.")
  private boolean verify;

  @Option(
      names = "--manifests",
      hidden = true,
      paramLabel = "DIR",
      description = "The folder of the manifests.")
  private Path manifests = Path.of(System.getProperty("eosin.home", "."), "checkpoints");

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws DataException {
    Map<String, FetchManifest> all = FetchManifest.all(manifests);
    PrintWriter printer = spec.commandLine().getOut();
    if (name.isEmpty()) {
      all.values().forEach(one -> printer.printf("%-20s  %s%n", one.name(), one.title()));
    } else {
      fetch(named(all, name.get()), printer);
    }
    printer.flush();
    return ExitCode.DONE;
  }

  private FetchManifest named(Map<String, FetchManifest> all, String wanted) {
    FetchManifest manifest = all.get(wanted);
    if (manifest == null) {
      throw new ParameterException(
          spec.commandLine(),
          "nothing is named '%s'; there are %s".formatted(wanted, String.join(", ", all.keySet())));
    }
    return manifest;
  }

  private void fetch(FetchManifest manifest, PrintWriter printer) throws DataException {
    FetchFolder folder = new FetchFolder(manifest, root(manifest));
    String server = server(manifest);
    if (offline) {
      printer.print(FetchText.instructions(folder, server));
      return;
    }
    List<FetchFolder.Present> present = verify ? folder.verify() : download(folder, server);
    printer.print(FetchText.present(folder, present));
    switch (manifest) {
      case FetchManifest.Weights weights -> printer.print(FetchText.model(weights, folder));
      case FetchManifest.Part part -> printer.println(part.use());
      case FetchManifest.Libtorch libtorch -> unpack(libtorch, folder, printer);
    }
  }

  private List<FetchFolder.Present> download(FetchFolder folder, String server)
      throws DataException {
    PrintWriter err = spec.commandLine().getErr();
    Optional<String> token =
        Optional.ofNullable(System.getenv("HF_TOKEN"))
            .filter(value -> folder.manifest().licence().gated() && !value.isBlank())
            .filter(value -> server.equals(folder.manifest().server()));
    try (DownloadLine line = new DownloadLine(err, Terminal.isStderr());
        Download download = new Download(Patience.usual(), line, token)) {
      return folder.fetch(download, server);
    } catch (DataException e) {
      err.print(FetchText.instructions(folder, server));
      err.flush();
      throw e;
    }
  }

  private void unpack(FetchManifest.Libtorch libtorch, FetchFolder folder, PrintWriter printer)
      throws DataException {
    Path target = folder.root().resolve(libtorch.version() + "-" + libtorch.flavour());
    Path zip = folder.path(libtorch.files().getFirst());
    if (!verify || !Files.isDirectory(target)) {
      LibtorchArchive.unpack(zip, target.resolve("lib"), libtorch.unpackedMebibytes() << 20);
    }
    printer.printf("unpacked to %s; the launcher takes it where there is a GPU%n", target);
  }

  private Path root(FetchManifest manifest) {
    return out.orElseGet(
        () ->
            switch (manifest) {
              case FetchManifest.Weights _, FetchManifest.Part _ -> Path.of("checkpoints");
              case FetchManifest.Libtorch libtorch -> UserCache.folder().resolve("libtorch");
            });
  }

  private String server(FetchManifest manifest) {
    return mirror
        .or(() -> Optional.ofNullable(System.getenv(MIRROR)).filter(url -> !url.isBlank()))
        .orElse(manifest.server());
  }
}
