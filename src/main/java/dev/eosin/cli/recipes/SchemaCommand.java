package dev.eosin.cli.recipes;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.config.JsonSchema;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.recipe.Recipe;
import dev.eosin.recipe.ReferencePage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `eosin schema`: what a recipe may say, for editors and for docs/recipes.md.
@Command(
    name = "schema",
    mixinStandardHelpOptions = true,
    description = "Print the JSON Schema of recipes, for completion and checks in an editor.",
    footer = {
      "",
      "Editors with the YAML language server take it from a recipe's first line:",
      "  # yaml-language-server: $schema=recipe.schema.json"
    })
public final class SchemaCommand implements Callable<Integer> {
  @Option(
      names = "--markdown",
      description =
          "The reference of docs/recipes.md instead; an introduction that is in FILE stays.")
  private boolean markdown;

  @Option(names = "--out", paramLabel = "FILE", description = "Write to FILE, not to the terminal.")
  private Optional<Path> file = Optional.empty();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (file.isPresent()) {
      AtomicFile.write(file.get(), FileContent.text(text(file.get())));
    } else {
      PrintWriter out = spec.commandLine().getOut();
      out.print(text(Path.of("")));
      out.flush();
    }
    return ExitCode.DONE;
  }

  private String text(Path before) throws IOException {
    if (markdown) {
      return ReferencePage.renewed(Files.isRegularFile(before) ? Files.readString(before) : "");
    }
    return JsonSchema.of(Recipe.class, "Eosin recipe").toPrettyString() + "\n";
  }
}
