package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The three commands of data-prep/own-slides/README.md on small slides and a table as a hospital
/// has it.
class OwnSlidesTest {
  private static final Path SLIDES = Path.of("src/test/resources/slide").toAbsolutePath();

  @TempDir private Path folder;

  private CommandRun eosin(String command, String recipe, String... overrides) {
    List<Object> arguments =
        new ArrayList<>(List.of(command, Path.of("data-prep/own-slides", recipe)));
    arguments.addAll(List.of(overrides));
    arguments.add("output.dir=" + folder.resolve(recipe));
    return CommandRun.of(arguments.toArray());
  }

  @Test
  void slidesAndATableBecomeShardsTrainingsAndReports() throws IOException {
    Path table =
        Files.writeString(
            folder.resolve("slides.csv"),
            """
            slide,patient,diagnosis,text,mpp
            %1$s/big-lzw.tif,P1,adenocarcinoma,"Colon biopsy, adenocarcinoma.",
            %1$s/aperio-jpeg.svs,P2,normal,"Colon biopsy, normal mucosa.",
            %1$s/strips.tif,P2,normal,"Colon biopsy, normal mucosa.",0.5
            %1$s/none.svs,P3,normal,"Colon biopsy, normal mucosa.",
            """
                .formatted(SLIDES));
    CommandRun tiles =
        eosin(
            "prepare",
            "tiles.yaml",
            "tiles.slides.path=" + table,
            columns("tiles.yaml"),
            "tiles.cut.size=64 px");
    assertThat(tiles.code()).as(tiles.err()).isZero();
    assertThat(tiles.out()).contains("rows 4\n", "rejected unreadable-slide 1\n", "kept 3\n");
    Path shards = folder.resolve("tiles.yaml/shards");
    try (Stream<Path> files = Files.list(shards)) {
      assertThat(files.filter(file -> file.toString().endsWith(".tar"))).hasSize(3);
    }
    assertThat(folder.resolve("tiles.yaml/page.html")).content().contains("of 3 of 4 slides");
    Path alone = Files.writeString(folder.resolve("readable.csv"), without("none.svs", table));
    trains("train.yaml", "data.train.path=" + shards);
    trains(
        "straight.yaml",
        "data.train.slides.path=" + alone,
        columns("straight.yaml"),
        "data.train.cut.size=64 px");
  }

  /// What the README's command says of the table's columns.
  private static String columns(String recipe) throws IOException {
    String command =
        Files.readAllLines(Path.of("data-prep/own-slides/README.md")).stream()
            .filter(line -> line.startsWith("./eosin ") && line.contains("/" + recipe))
            .findFirst()
            .orElseThrow();
    return command.replaceFirst(".* (\\S+columns=)'([^']*)'.*", "$1$2");
  }

  private static String without(String slide, Path table) throws IOException {
    return String.join(
        "\n", Files.readAllLines(table).stream().filter(line -> !line.contains(slide)).toList());
  }

  private void trains(String recipe, String... overrides) throws IOException {
    List<String> all = new ArrayList<>(List.of(overrides));
    all.addAll(List.of("batch.global=4", "schedule.length=2 steps", "schedule.warmup=0 steps"));
    all.addAll(List.of("compute.threads=1", "compute.device=cpu"));
    CommandRun run = eosin("train", recipe, all.toArray(String[]::new));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(folder.resolve(recipe).resolve("final")).isDirectory();
    assertThat(folder.resolve(recipe).resolve("report.html")).content().contains("<svg");
  }
}
