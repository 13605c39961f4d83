package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.cli.terminal.RecipeArguments;
import dev.eosin.config.ByteSize;
import dev.eosin.data.opened.SampleSheet;
import dev.eosin.data.opened.SplitExport;
import dev.eosin.data.webdataset.ShardPack;
import dev.eosin.eval.training.ZeroShotSettings.Part;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.OutputPlace;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.run.SplitExports;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `eosin data`: what concerns data alone.
@Command(
    name = "data",
    subcommands = {DataStatsCommand.class, DataCeilingCommand.class},
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Work on the data of a recipe.")
public final class DataCommand {
  @Spec private CommandSpec spec;

  /// Writes a split for other tools.
  @Command(
      name = "export",
      mixinStandardHelpOptions = true,
      description = {
        "Write a split as tiles/*.png, labels.csv and prompts.json, so that a score can be "
            + "checked with another tool."
      })
  int export(
      @Mixin RecipeArguments recipe,
      @Option(
              names = "--split",
              required = true,
              paramLabel = "SPLIT",
              description = "One of train, validation.")
          Part split,
      @Option(
              names = "--out",
              required = true,
              paramLabel = "DIR",
              description = "A folder that does not exist yet.")
          Path out)
      throws IOException {
    OutputPlace.requireRoom(out);
    SplitExport.Summary summary = SplitExports.write(recipe.read(), split, out);
    PrintWriter printer = spec.commandLine().getOut();
    printer.printf("%d tiles written to %s%n", summary.written(), out);
    if (summary.unreadable() > 0) {
      printer.printf(
          "%d images cannot be read and were left out; %s says which and why%n",
          summary.unreadable(), out.resolve(SplitExport.BAD_ROWS));
    }
    printer.flush();
    return ExitCode.DONE;
  }

  /// Draws samples of a split.
  @Command(
      name = "sheet",
      mixinStandardHelpOptions = true,
      showDefaultValues = true,
      description = "Draw the first tiles of a split into one PNG, with what is said about each.")
  int sheet(
      @Mixin RecipeArguments recipe,
      @Option(
              names = "--split",
              required = true,
              paramLabel = "SPLIT",
              description = "One of train, validation.")
          Part split,
      @Option(
              names = "--tiles",
              defaultValue = "48",
              paramLabel = "N",
              description = "How many samples to draw.")
          int tiles,
      @Option(
              names = "--out",
              required = true,
              paramLabel = "FILE",
              description = "The picture; one that is there is replaced.")
          Path out)
      throws IOException {
    if (tiles < 1 || tiles > SampleSheet.MOST) {
      throw new ParameterException(
          spec.commandLine(), "--tiles: from 1 to %d samples".formatted(SampleSheet.MOST));
    }
    OutputPlace.requireFile(out);
    SampleSheet.Drawn drawn = SplitExports.sheet(recipe.read(), split, tiles);
    RgbImage sheet = drawn.sheet();
    byte[] png = Png.encode(sheet);
    AtomicFile.write(out, stream -> stream.write(png));
    PrintWriter printer = spec.commandLine().getOut();
    printer.printf("%d x %d px written to %s%n", sheet.width(), sheet.height(), out);
    if (!drawn.unreadable().isEmpty()) {
      printer.printf(
          "%d of %d samples cannot be read and are not shown; first: %s%n",
          drawn.unreadable().size(),
          drawn.unreadable().size() + drawn.shown(),
          drawn.unreadable().getFirst());
    }
    printer.flush();
    return ExitCode.DONE;
  }

  /// Writes a split as tar shards.
  @Command(
      name = "pack",
      mixinStandardHelpOptions = true,
      showDefaultValues = true,
      description = {
        "Write a split as tar shards of the encoded images with .txt and .json, for 'type: "
            + "webdataset'.",
        "An interrupted pack goes on where it was."
      })
  int pack(
      @Mixin RecipeArguments recipe,
      @Option(
              names = "--split",
              required = true,
              paramLabel = "SPLIT",
              description = "One of train, validation.")
          Part split,
      @Option(
              names = "--shard-size",
              defaultValue = "1GB",
              paramLabel = "SIZE",
              description = "What a shard may have, for example 500MB.")
          ByteSize shardSize,
      @Option(
              names = "--out",
              required = true,
              paramLabel = "DIR",
              description = "A folder for 00000.tar and so on.")
          Path out)
      throws IOException {
    OutputPlace.requireRoom(out);
    ShardPack.Summary summary = SplitExports.pack(recipe.read(), split, shardSize, out);
    PrintWriter printer = spec.commandLine().getOut();
    printer.printf(
        "%d samples written; %d shards in %s, %d of them from before%n",
        summary.written(), summary.shards(), out, summary.kept());
    if (summary.unreadable() > 0) {
      printer.printf("%d images cannot be read and were left out%n", summary.unreadable());
    }
    printer.flush();
    return ExitCode.DONE;
  }
}
