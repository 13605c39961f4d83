package dev.eosin.cli;

import static dev.eosin.cli.LauncherSandbox.JAVA_RAN;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The cache of classes that the launcher has Java make, with a stand-in for Java.
class LauncherQuickStartTest {
  @TempDir private Path folder;

  /// Java's AOT cache: made with the build, once, whoever else starts.
  @Test
  void commandsThatAnswerAtOnceShareACacheOfClasses() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder.resolve("with space"));
    Map<String, String> java =
        Map.of("JAVA_HOME", folder.resolve("with space/jvm/jdk-25").toString());
    List<Process> started =
        List.of(
            sandbox.start(sandbox.launcher(), java, "info"),
            sandbox.start(sandbox.launcher(), java, "--help"),
            sandbox.start(sandbox.launcher(), java));
    for (Process process : started) {
      assertThat(LauncherSandbox.finish(process).out())
          .containsPattern("argument=-XX:AOTCache=.*with space.*/commands-[0-9]+\\.aot\n")
          .containsPattern("argument=-cp\nargument=.*/commands-[0-9]+\\.jar:.*/eosin\\.jar:")
          .contains("-XX:+UseSerialGC");
    }
    assertThat(sandbox.lines("rehearsals")).isEqualTo(1);
    assertThat(sandbox.run(java, "train").out())
        .as("a training has no use for it")
        .contains("-XX:+UseParallelGC")
        .doesNotContain("AOTCache", "UseSerialGC", "TieredStopAtLevel", "/commands-");
    assertThat(sandbox.run(java, "embed").out())
        .as("what outlives the young heap goes before the heap is full")
        .contains("-XX:+UseG1GC")
        .doesNotContain("UseParallelGC", "MaxNewSize");
    sandbox.source("class A { int b; }");
    sandbox.run(java, "train");
    assertThat(sandbox.lines("rehearsals")).as("another build has another one").isEqualTo(2);
    sandbox.jdk("25.0.2", "jvm/jdk-25");
    sandbox.run(java, "runs");
    assertThat(sandbox.lines("rehearsals")).as("another Java has another one").isEqualTo(3);
  }

  @Test
  void aCacheThatCannotBeMadeIsDoneWithoutAndNotTriedAgain() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    Files.createFile(folder.resolve("broken"));
    for (String command : List.of("info", "runs")) {
      var result = sandbox.run(command);
      assertThat(result.exitCode()).isEqualTo(JAVA_RAN);
      assertThat(result.out()).doesNotContain("AOTCache");
    }
    assertThat(sandbox.lines("rehearsals")).isEqualTo(1);
  }

  @Test
  void aDistributionKeepsItBesideTheNativeLibrariesOrDoesWithout() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.distribution(folder);
    var result =
        sandbox.run(Map.of("ENGINE_CACHE_DIR", folder.resolve("native").toString()), "runs");
    assertThat(result.out())
        .containsPattern("argument=-XX:AOTCache=" + folder.resolve("native") + "/commands-");
    var none = sandbox.run(Map.of("ENGINE_CACHE_DIR", "/proc/none"), "runs");
    assertThat(none.exitCode()).isEqualTo(JAVA_RAN);
    assertThat(none.out()).doesNotContain("AOTCache");
  }
}
