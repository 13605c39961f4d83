package dev.eosin.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Two keys of which a recipe has one, and a record that may be written as one value.
class InsteadOfTest {
  record Trip(Vehicle vehicle, @InsteadOf("vehicle.fuel") Optional<Tow> tow) {}

  record Vehicle(int wheels, Optional<String> fuel) {}

  @Doc("Who pulls.")
  record Tow(@Bare Path by, @OrElse("10 %") Share slack) {}

  @TempDir private Path home;

  private static Trip bind(String text, String... overrides) {
    return Binder.bind(
        RecipeFile.parse(Path.of("trip.yaml"), text, List.of(overrides), Map.of("CAR", "red")),
        Trip.class);
  }

  private static Tow tow(String by, double slack) {
    return new Tow(Path.of(by), new Share(slack));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tow: ${CAR}/it | red/it | 0.1",
        "tow: { by: blue } | blue | 0.1",
        "tow: { by: blue, slack: 20 % } | blue | 0.2",
      })
  void oneValueMayStandForTheWholeRecord(String written, String by, double slack) {
    Trip trip = bind("vehicle: { wheels: 4 }\n" + written);
    assertThat(trip.tow()).contains(tow(by, slack));
    assertThat(trip.vehicle().fuel()).isEmpty();
    ResolvedRecipe resolved = ResolvedRecipe.of(trip, Trip.class);
    assertThat(bind(resolved.text())).isEqualTo(trip);
    assertThat(resolved.value("tow.by")).contains(by);
  }

  @Test
  void overridesReplaceTheValueOrAPartOfTheMap() {
    String bare = "vehicle: { wheels: 4 }\ntow: red\n";
    assertThat(bind(bare, "tow=blue").tow()).contains(tow("blue", 0.1));
    assertThat(bind(bare, "tow={ by: blue, slack: 5 % }").tow()).contains(tow("blue", 0.05));
    assertThat(bind(bare.replace("red", "{ by: red }"), "tow.slack=5 %").tow())
        .contains(tow("red", 0.05));
    assertThatThrownBy(() -> bind(bare, "tow.slack=5 %"))
        .hasMessageContaining(
            "line 2  tow  found 'red' and a part of a map; give the map, with 'by'");
    assertThatThrownBy(() -> bind(bare.replace("red", "[red]")))
        .hasMessageContaining("line 2  tow  found a list, expected a path or a map of by, slack");
  }

  @Test
  void theKeyLaidOverTheOtherCounts() throws IOException {
    String fuel = "vehicle: { wheels: 4, fuel: gas }\n";
    assertThat(bind(fuel, "tow=blue")).isEqualTo(bind("vehicle: { wheels: 4 }\ntow: blue"));
    String tow = "vehicle: { wheels: 4 }\ntow: red\n";
    assertThat(bind(tow, "vehicle.fuel=gas")).isEqualTo(bind(fuel));
    assertThat(bind(tow, "vehicle.wheels=3").tow()).contains(tow("red", 0.1));
    assertThat(bind(fuel + "tow: null").vehicle().fuel()).contains("gas");

    Files.writeString(home.resolve("a.yaml"), fuel);
    Files.writeString(home.resolve("b.yaml"), "extends: a.yaml\ntow: red\n");
    Files.writeString(home.resolve("c.yaml"), "extends: b.yaml\nvehicle: { wheels: 3 }\n");
    Files.writeString(home.resolve("d.yaml"), "extends: c.yaml\nvehicle: { fuel: coal }\n");
    assertThat(read("c.yaml"))
        .isEqualTo(new Trip(new Vehicle(3, Optional.empty()), Optional.of(tow("red", 0.1))));
    assertThat(read("d.yaml"))
        .isEqualTo(new Trip(new Vehicle(3, Optional.of("coal")), Optional.empty()));
    assertThat(read("d.yaml", "tow=blue").tow()).contains(tow("blue", 0.1));
    assertThat(read("c.yaml", "tow=null").vehicle().fuel()).contains("gas");
  }

  private Trip read(String file, String... overrides) {
    return Binder.bind(
        RecipeFile.read(home.resolve(file), List.of(overrides), Map.of()), Trip.class);
  }

  @Test
  void bothInOnePlaceAreAProblemAndSoIsNeither() {
    assertThatThrownBy(() -> bind("vehicle:\n  wheels: 4\n  fuel: gas\ntow: red\n"))
        .hasMessageContaining(
            "line 4  tow  'vehicle.fuel' (line 3) is given too, which it stands for; leave one of them out");
    assertThatThrownBy(() -> bind("vehicle: { wheels: 4 }", "tow=red", "vehicle.fuel=gas"))
        .hasMessageContaining("override  tow  'vehicle.fuel' (override) is given too");
    assertThatThrownBy(() -> bind("vehicle:\n  wheels: 4\n"))
        .hasMessageContaining("line 1  vehicle.fuel  missing key; give it, or 'tow' in its place");
    // A key that was mistyped is not missing as well.
    assertThatThrownBy(() -> bind("vehicle: { wheels: 4 }\ntaw: red\n"))
        .hasMessageContaining("1 problem,")
        .hasMessageContaining("line 2  taw  unknown key; did you mean 'tow'?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tow: red", "tow: { by: red }", "tow: ~", "tow: [red]", "tow: { slack: 1 % }"})
  void theSchemaAcceptsBothForms(String written) {
    String text = "vehicle: { wheels: 4%s }\n".formatted(written.endsWith("~") ? ", fuel: x" : "");
    boolean accepted;
    try {
      bind(text + written);
      accepted = true;
    } catch (RecipeException refused) {
      accepted = false;
    }
    JsonNode schema = JsonSchema.of(Trip.class, "A trip");
    Tree root =
        YamlReader.read(
            text + written, _ -> new Place.Default(), "", new Problems(Path.of("trip.yaml")));
    assertThat(
            JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(schema)
                .validate(JsonTree.of(Objects.requireNonNull(root)))
                .isEmpty())
        .isEqualTo(accepted);
    assertThat(Reference.markdown(Trip.class))
        .contains("| `tow` | path or [Tow](#tow) | none |  |")
        .contains("## Tow\n\nWho pulls.\n");
  }

  @Test
  void aProblemFoundLaterIsToldAtTheKeyThatTheRecipeHas() {
    Path unnamed = Path.of("the recipe");
    RecipeException later =
        new RecipeException(
            unnamed, List.of(new Problem(new Place.Whole(unnamed), "tow", "is too far")));
    String vehicle = "vehicle:\n  wheels: 4\n";
    assertThat(located(later, vehicle + "  fuel: diesel\n"))
        .contains("line 3  vehicle.fuel  is too far");
    assertThat(located(later, vehicle + "tow: red\n")).contains("line 3  tow  is too far");
  }

  @Test
  void aProblemOfAKeyThatNamesTheWholeFileIsToldAtItsLine() {
    Path file = Path.of("trip.yaml");
    RecipeException later =
        new RecipeException(
            file, List.of(new Problem(new Place.Whole(file), "vehicle.fuel", "was another")));
    assertThat(located(later, "vehicle:\n  wheels: 4\n  fuel: diesel\n"))
        .contains("line 3  vehicle.fuel  was another");
  }

  private static String located(RecipeException problem, String text) {
    RecipeFile recipe = RecipeFile.parse(Path.of("trip.yaml"), text, List.of(), Map.of());
    return String.valueOf(problem.located(recipe, Trip.class).getMessage());
  }
}
