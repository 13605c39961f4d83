package dev.eosin.cli;

import static dev.eosin.cli.LauncherSandbox.JAVA_RAN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.cli.terminal.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The launcher where Java and Maven are missing, with stand-ins for what is downloaded.
class LauncherBareMachineTest {
  @TempDir private Path folder;

  /// With EOSIN_DOWNLOAD unset a bare machine gets both, says so, and has them from then on.
  @Test
  void aBareMachineGetsJavaAndMavenOnce() throws Exception {
    LauncherSandbox sandbox = bare();
    Map<String, String> cache = Map.of("XDG_CACHE_HOME", folder.resolve("my cache").toString());
    List<Process> started =
        List.of(
            sandbox.start(sandbox.launcher(), cache, "info"),
            sandbox.start(sandbox.launcher(), cache, "info"));
    for (Process process : started) {
      var result = LauncherSandbox.finish(process);
      assertThat(result.exitCode()).as(result.err()).isEqualTo(JAVA_RAN);
      assertThat(result.err()).contains("EOSIN_DOWNLOAD=never");
    }
    assertThat(folder.resolve("downloads"))
        .content()
        .hasLineCount(2)
        .contains("OpenJDK25U-jdk_", "apache-maven-3.9.11-bin.tar.gz");
    assertThat(sandbox.builds()).isEqualTo(1);
    assertThat(sandbox.run(cache, "info").err()).doesNotContain("download");
    assertThat(folder.resolve("my cache/eosin/tools"))
        .isDirectoryNotContaining(file -> file.getFileName().toString().startsWith("part"));
  }

  @Test
  void whatHasAnotherDigestIsNotUsed() throws Exception {
    LauncherSandbox sandbox = bare();
    sandbox.program(
        "curl", "for a; do [ \"${b:-}\" = -o ] && f=$a; b=$a; done; echo evil >\"$f\"\n");
    var result = sandbox.run("info");
    assertThat(result.exitCode()).isEqualTo(ExitCode.OTHER);
    assertThat(result.err()).contains("does not have the SHA-256", "apt install openjdk-25-jdk");
  }

  @ParameterizedTest
  @ValueSource(strings = {"never", "offline"})
  void withoutDownloadsABareMachineIsToldWhatToInstall(String how) throws Exception {
    LauncherSandbox sandbox = bare();
    if (how.equals("offline")) {
      sandbox.program("curl", "exit 6\n");
    }
    var result = sandbox.run(Map.of("EOSIN_DOWNLOAD", how), "info");
    assertThat(result.exitCode()).isEqualTo(ExitCode.OTHER);
    assertThat(result.err()).contains("needs a JDK 25 or newer", "apt install openjdk-25-jdk");
    assertThat(Files.exists(folder.resolve("downloads"))).isFalse();
  }

  /// As root, where the distribution has a JDK 25, it is that one.
  @Test
  void theDistributionsJavaIsInstalledWhereThatMayBe() throws Exception {
    LauncherSandbox sandbox = bare();
    sandbox.program("id", "echo 0\n");
    sandbox.program("apt-cache", "exit 0\n");
    sandbox.program(
        "apt-get", "echo \"$*\"; mv \"%1$s/gone/jdk-25\" \"%1$s/jvm/jdk-25\"\n".formatted(folder));
    var result = sandbox.run("info");
    assertThat(result.exitCode()).as(result.err()).isEqualTo(JAVA_RAN);
    assertThat(result.err()).contains("install -y -q openjdk-25-jdk-headless");
    assertThat(folder.resolve("downloads")).content().hasLineCount(1).contains("apache-maven");
  }

  /// A sandbox without Java and Maven, and a server that has both.
  private LauncherSandbox bare() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    Files.createDirectories(folder.resolve("gone/maven/bin"));
    Files.move(folder.resolve("jvm/jdk-25"), folder.resolve("gone/jdk-25"));
    Files.move(folder.resolve("bin/mvn"), folder.resolve("gone/maven/bin/mvn"));
    String machine = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x64";
    sandbox.offer(
        "jdk_digest_" + machine,
        "OpenJDK25U-jdk_%s_linux_hotspot_25.0.2_10.tar.gz".formatted(machine),
        folder.resolve("gone/jdk-25"));
    sandbox.offer("maven_digest", "apache-maven-3.9.11-bin.tar.gz", folder.resolve("gone/maven"));
    sandbox.program("id", "echo 1000\n");
    return sandbox;
  }
}
