package dev.eosin.cli;

import dev.eosin.config.JsonSchema;
import dev.eosin.config.Reference;
import dev.eosin.recipe.Recipe;
import java.io.PrintWriter;
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
final class SchemaCommand implements Runnable {
  @Option(names = "--markdown", description = "Print the reference of docs/recipes.md instead.")
  private boolean markdown;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        markdown
            ? Reference.markdown(Recipe.class)
            : JsonSchema.of(Recipe.class, "Eosin recipe").toPrettyString());
    out.flush();
  }
}
