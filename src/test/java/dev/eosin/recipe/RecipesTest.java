package dev.eosin.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.eosin.config.RecipeException;
import dev.eosin.config.ResolvedRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

/// Every recipe that ships is valid, says how to run it, and docs/recipes.md describes what it may
/// say.
class RecipesTest {
  private static final JsonSchema SCHEMA =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
          .getSchema(dev.eosin.config.JsonSchema.of(Recipe.class, "recipe").toString());

  @TempDir private Path folder;

  static Stream<Path> recipes() throws IOException {
    List<Path> recipes = new ArrayList<>();
    for (String folder : List.of("recipes", "data-prep")) {
      try (Stream<Path> files = Files.walk(Path.of(folder))) {
        files.filter(file -> file.toString().endsWith(".yaml")).sorted().forEach(recipes::add);
      }
    }
    return recipes.stream();
  }

  @Test
  void thereAreRecipes() throws IOException {
    assertThat(recipes())
        .contains(Path.of("recipes/clip/quickstart.yaml"), Path.of("recipes/prepare/pairs.yaml"));
  }

  /// All but a program of its own, which has no data.
  static Stream<Path> dataSets() throws IOException {
    try (Stream<Path> folders = Files.list(Path.of("data-prep"))) {
      return folders
          .filter(each -> !Files.exists(each.resolve("pom.xml")))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("dataSets")
  void aDataSetTellsItsSourceItsLicenceWhatToExpectAndItsCommand(Path folder) throws IOException {
    String text = Files.readString(folder.resolve("README.md"));
    for (String row : List.of("Source", "Licence", "Expected")) {
      assertThat(text).containsPattern("(?m)^\\| " + row + "[^|]*\\| .{10,}\\|$");
    }
    List<String> prepared =
        text.lines()
            .filter(line -> line.contains("./eosin prepare data-prep/"))
            .map(line -> line.replaceFirst(".*eosin prepare (data-prep/\\S+?\\.yaml).*", "$1"))
            .toList();
    assertThat(prepared).isNotEmpty().allMatch(recipe -> Files.exists(Path.of(recipe)));
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void aRecipeIsValidAndItsResolvedFormMeansTheSame(Path file) throws IOException {
    Recipe recipe = Recipe.read(file, List.of());
    String resolved = ResolvedRecipe.of(recipe, Recipe.class).text();
    Path copy = Files.writeString(folder.resolve("resolved.yaml"), resolved);
    assertThat(Recipe.read(copy, List.of())).isEqualTo(recipe);
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void theSchemaAcceptsARecipe(Path file) throws IOException {
    Map<String, Object> content = new Yaml().load(Files.readString(file));
    JsonNode document = new ObjectMapper().valueToTree(content);
    assertThat(SCHEMA.validate(document)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void aRecipeNamesTheSchemaForEditors(Path file) throws IOException {
    Path schema = Path.of("").resolve("recipe.schema.json");
    String line =
        head(file).lines().filter(each -> each.contains("$schema=")).findFirst().orElse("");
    assertThat(line).startsWith("# yaml-language-server: $schema=");
    String named = line.substring(line.indexOf('=') + 1);
    assertThat(file.resolveSibling(named).normalize()).isEqualTo(schema);
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void aRecipeSaysHowToRunIt(Path file) throws IOException {
    String command =
        switch (Recipe.read(file, List.of())) {
          case Training training -> "train";
          case Preparation preparation -> "prepare";
          case Evaluation evaluation -> "evaluate";
        };
    assertThat(Files.readAllLines(file))
        .anyMatch(
            line ->
                line.startsWith("#") && line.contains("./eosin %s %s".formatted(command, file)));
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void aRecipeSaysWhatItNeedsAndWhatToExpect(Path file) throws IOException {
    assertThat(head(file)).contains("# Needs:").contains("Expect:");
  }

  /// Recipes after a paper or a method say where their numbers are from, which are nobody's but
  /// ours, and what is not known.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "recipes/clip/plip-vit-b32",
        "recipes/clip/quiltnet-b32",
        "recipes/clip/pathgen-clip-b16",
        "recipes/clip/pathgen-clip-b16-init",
        "recipes/clip/pathgen-clip-l14",
        "recipes/clip/siglip-vit-b16",
        "recipes/clip/lora-vit-b16",
        "recipes/qformer/clover-stage1a",
        "recipes/qformer/clover-stage1b",
        "recipes/qformer/clover-stage2-flant5xl",
        "recipes/qformer/clover-stage2-vicuna7b",
        "recipes/qformer/instructblip-vicuna7b",
        "recipes/qformer/few-shot",
        "recipes/albef/pa-plip",
        "recipes/vllm/pathgen-revise",
        "data-prep/clover-instructions/generation",
        "data-prep/clover-instructions/templates",
        "data-prep/clover-instructions/hybrid",
        "data-prep/clover-instructions/few-shot",
        "data-prep/pathgen-revise/degrade",
        "data-prep/pathgen-revise/degrade-llm",
        "data-prep/pathgen-revise/summaries",
        "data-prep/pathgen-revise/agents",
        "data-prep/pathgen-revise/summarise",
        "data-prep/captions/describe",
        "data-prep/captions/local",
        "data-prep/captions/enhance",
        "data-prep/captions/summarise",
        "data-prep/captions/attributes",
        "data-prep/captions/findings",
        "data-prep/openpath/curate",
        "data-prep/quilt-1m/curate",
        "data-prep/pcaption-0.5m/curate",
        "data-prep/pcaption-0.5m/judge",
        "data-prep/openpath/classify",
        "data-prep/pathlaion/curate",
        "data-prep/pathvqa/curate",
        "data-prep/pmc-vqa/curate",
        "data-prep/pmc-vqa/judge",
        "data-prep/quilt-vqa/curate",
        "data-prep/lc25000/curate",
        "data-prep/nct-crc-he/curate"
      })
  void aRecipeAfterAPublicationSaysWhereItsNumbersAreFrom(String name) throws IOException {
    assertThat(head(Path.of(name + ".yaml"))).contains("\n# Source:", "\n# Ours:", "\n# Open:");
  }

  /// The comment that a file begins with.
  private static String head(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .takeWhile(line -> line.startsWith("#"))
        .collect(Collectors.joining("\n"));
  }

  @Test
  void everyKeyIsDescribed() {
    JsonNode schema = dev.eosin.config.JsonSchema.of(Recipe.class, "recipe");
    List<String> described = new ArrayList<>();
    for (JsonNode properties : schema.findValues("properties")) {
      properties
          .properties()
          .forEach(
              key -> {
                if (!List.of("kind", "type", "extends").contains(key.getKey())) {
                  assertThat(key.getValue().path("description").asText())
                      .as("@Doc of %s", key.getKey())
                      .endsWith(".");
                  described.add(key.getKey());
                }
              });
    }
    assertThat(described).contains("seed", "crop-scale", "weight-decay", "class-names", "device");
  }

  @Test
  void theReferenceInTheDocsIsWhatTheRecordsSay() throws IOException {
    String page = Files.readString(Path.of("docs/recipes.md"));
    assertThat(page)
        .as("renew it with ./eosin schema --markdown --out docs/recipes.md")
        .isEqualTo(ReferencePage.renewed(page));
  }

  @Test
  void whatCannotTrainIsRefusedBeforeAnythingStarts() {
    List<String> overrides =
        List.of(
            "batch.global=1",
            "compute.threads=100000",
            "data.workers=2000",
            "schedule.warmup=300 steps");
    assertThatThrownBy(() -> Recipe.read(Path.of("recipes/clip/quickstart.yaml"), overrides))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("compute.threads")
        .hasMessageContaining("data.workers");
    assertThatThrownBy(
            () ->
                Recipe.read(
                    Path.of("recipes/clip/quickstart.yaml"),
                    List.of("batch.global=1", "schedule.warmup=300 steps")))
        .isInstanceOf(RecipeException.class)
        .hasMessageContaining("one pair has nothing to be told apart from")
        .hasMessageContaining("300 steps is longer than the run of 200 steps");
  }
}
