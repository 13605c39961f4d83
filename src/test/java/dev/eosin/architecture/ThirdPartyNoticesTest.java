package dev.eosin.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Whoever adds a dependency has to name its licence.
class ThirdPartyNoticesTest {
  private static final Pattern ROW = Pattern.compile("(?m)^\\| [\\w.-]+:([\\w.-]+) \\| [^|]+ \\|$");

  /// The build writes the run-time class path here.
  private static final Path CLASS_PATH = Path.of("target/classpath");

  @Test
  void theNoticesNameEveryLibraryOfADistributionAndNoOther() throws IOException {
    String notices = Files.readString(Path.of("THIRD-PARTY-NOTICES.md"));
    assertThat(ROW.matcher(notices).results().map((MatchResult row) -> row.group(1)))
        .containsExactlyInAnyOrderElementsOf(libraries().toList());
  }

  // A jar lies in <artifact>/<version>/ of the local Maven repository.
  private static Stream<String> libraries() throws IOException {
    return Stream.of(Files.readString(CLASS_PATH).strip().split(":"))
        .map(jar -> jar.split("/"))
        .map(path -> path[path.length - 3]);
  }
}
