package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who starts with Java's vector module, with a stand-in for Java.
class LauncherVectorsTest {
  private static final String MODULE = "argument=--add-modules\nargument=jdk.incubator.vector\n";

  @TempDir private Path folder;
  private LauncherSandbox sandbox;

  @BeforeEach
  void javaThatHasTheModule() throws Exception {
    sandbox = LauncherSandbox.checkout(folder);
    Files.writeString(
        folder.resolve("jvm/jdk-25/release"),
        "JAVA_VERSION=\"25.0.1\"\nMODULES=\"java.base jdk.incubator.vector\"\n");
  }

  private Path recipe(String kind) throws Exception {
    return Files.writeString(
        folder.resolve(kind + ".yaml"), "# yaml-language-server: $schema=x\nkind: " + kind + "\n");
  }

  @Test
  void whatGeneratesTextHasIt() throws Exception {
    assertThat(sandbox.run("generate", "--prompt", "x").out()).contains(MODULE);
    assertThat(sandbox.run("train", recipe("vllm").toString()).out()).contains(MODULE);
    assertThat(sandbox.run("evaluate", recipe("vqa-evaluation").toString()).out()).contains(MODULE);
  }

  @Test
  void whatGeneratesNoneStartsWithoutItsWarning() throws Exception {
    assertThat(sandbox.run("train", recipe("clip").toString()).out()).doesNotContain("add-modules");
    assertThat(sandbox.run("train", "missing.yaml").out()).doesNotContain("add-modules");
    assertThat(sandbox.run("runs").out()).doesNotContain("add-modules");
  }

  @Test
  void aServerHasItWhereItAnswersOrSearches() throws Exception {
    assertThat(sandbox.run("serve", "--clip", "a").out()).doesNotContain("add-modules");
    assertThat(sandbox.run("serve", "--clip", "a", "--chat", "b").out()).contains(MODULE);
    assertThat(sandbox.run("serve", "--clip", "a", "--index=b").out()).contains(MODULE);
  }

  @Test
  void itIsLeftOutWhereAskedForAndWhereJavaLacksIt() throws Exception {
    assertThat(sandbox.run(Map.of("EOSIN_VECTORS", "off"), "chat").out())
        .doesNotContain("add-modules");
    sandbox.jdk("25.0.1", "jvm/jdk-25");
    assertThat(sandbox.run("chat").out()).doesNotContain("add-modules").contains("argument=chat");
  }
}
