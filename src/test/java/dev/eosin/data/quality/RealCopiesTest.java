package dev.eosin.data.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.eosin.data.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// LC25000 was made by turning and mirroring tiles by arbitrary angles, and its copies are known:
/// those that are near in one of the eight orientations are found, and nothing else.
class RealCopiesTest {
  private static final int DISTANCE = 8;

  @Test
  void picturesThatAreTakenForCopiesAreCopies() throws IOException {
    String shared = System.getenv().getOrDefault("EOSIN_SHARED", "../shared");
    Path folder = Path.of(shared, "data", "lc25000-5class");
    assumeTrue(
        Files.isDirectory(folder),
        () -> "no folder %s: set EOSIN_SHARED to the folder that holds data/".formatted(folder));
    Map<String, String> groups = groups(folder.resolve("labels.csv"));
    Source source = SplitFiles.open(folder);
    var similar = new SimilarPictures(DISTANCE);
    for (long index = 0; index < source.size(); index++) {
      var sample = source.get(index);
      similar.add(
          groups.getOrDefault(sample.key(), sample.key()),
          PerceptualHash.of(sample.image().read()).orElseThrow());
    }
    List<List<String>> sets = similar.sets();
    assertThat(sets).allSatisfy(set -> assertThat(set).containsOnly(set.getFirst()));
    assertThat(sets.stream().mapToInt(List::size).sum() - sets.size()).isGreaterThanOrEqualTo(10);
  }

  /// filepath,label,label_text,caption,group_id,...: group identifiers hold no comma.
  private static Map<String, String> groups(Path table) throws IOException {
    Map<String, String> groups = new HashMap<>();
    for (String line : Files.readAllLines(table).subList(1, 293)) {
      String[] fields = line.split(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", -1);
      groups.put(fields[0], fields[4]);
    }
    return groups;
  }
}
