package dev.eosin.cli;

import static dev.eosin.cli.LauncherSandbox.JAVA_RAN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// When the shell launcher builds, with stand-ins for Java and Maven.
class LauncherBuildTest {
  @TempDir private Path folder;

  @Test
  void itBuildsOnlyWhenTheContentOfTheSourcesChanged() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    sandbox.run("info");
    sandbox.source("class A {}");
    sandbox.run("info");
    assertThat(sandbox.builds()).as("a touched file is no change").isEqualTo(1);
    sandbox.source("class A { int b; }");
    sandbox.run("info");
    assertThat(sandbox.builds()).isEqualTo(2);
  }

  /// What the disk says of the files is asked at every start, their content when that changed.
  @Test
  void contentIsReadAgainWhenTheDiskSaysSo() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    sandbox.run("info");
    Path hashed = sandbox.root().resolve(".cache/builds/hashed");
    assertThat(hashed).as("files of this very moment").doesNotExist();
    Thread.sleep(2_100);
    sandbox.run("info");
    String kept = Files.readString(hashed);
    sandbox.run("info");
    assertThat(hashed).hasContent(kept);
    Path file = sandbox.root().resolve("src/main/java/A.java");
    FileTime time = Files.getLastModifiedTime(file);
    sandbox.source("class B {}");
    Files.setLastModifiedTime(file, time);
    sandbox.run("info");
    assertThat(sandbox.builds()).as("as long, and of the same time").isEqualTo(2);
  }

  /// find of other systems cannot tell times.
  @Test
  void withoutTimesTheContentIsReadAtEveryStart() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    Path find = folder.resolve("bin/find");
    Files.move(find, find.resolveSibling("find-itself"));
    sandbox.program(
        "find",
        """
        for argument; do
          case $argument in -printf | -newerct) echo "find: bad option $argument" >&2; exit 1 ;; esac
        done
        exec find-itself "$@"
        """);
    sandbox.run("info");
    Thread.sleep(2_100);
    assertThat(sandbox.run("info").err()).isEmpty();
    assertThat(sandbox.root().resolve(".cache/builds/hashed")).doesNotExist();
    sandbox.source("class B {}");
    sandbox.run("info");
    assertThat(sandbox.builds()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "flock"})
  void launchersStartedTogetherBuildAndUnpackOnce(String missingTool) throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    if (!missingTool.isEmpty()) {
      sandbox.without(missingTool);
    }
    List<Process> started = List.of(start(sandbox), start(sandbox), start(sandbox), start(sandbox));
    for (Process process : started) {
      assertThat(LauncherSandbox.finish(process).exitCode()).isEqualTo(JAVA_RAN);
    }
    assertThat(sandbox.builds()).isEqualTo(1);
    assertThat(sandbox.lines("checkout/.cache/unpacked")).isEqualTo(1);
  }

  @Test
  void aLockLeftByADeadProcessIsTakenOver() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    sandbox.without("flock");
    Path builds = Files.createDirectories(sandbox.root().resolve(".cache/builds"));
    Files.createSymbolicLink(builds.resolve("lock.held"), Path.of("pid-99999999"));
    assertThat(sandbox.run("info").exitCode()).isEqualTo(JAVA_RAN);
  }

  @Test
  void aFailedBuildStartsNothingAndLeavesTheOldOne() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    sandbox.run("info");
    sandbox.source("class A { broken");
    sandbox.maven(1);
    var failed = sandbox.run("info");
    assertThat(failed.exitCode()).isEqualTo(ExitCode.OTHER);
    assertThat(failed.err()).contains("Tests run", "the build failed");
    sandbox.source("class A {}");
    assertThat(sandbox.run("info").exitCode()).isEqualTo(JAVA_RAN);
  }

  private static Process start(LauncherSandbox sandbox) throws IOException {
    return sandbox.start(sandbox.launcher(), Map.of(), "info");
  }
}
