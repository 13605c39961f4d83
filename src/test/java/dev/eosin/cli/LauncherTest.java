package dev.eosin.cli;

import static dev.eosin.cli.LauncherSandbox.JAVA_RAN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The shell launcher, with stand-ins for Java and Maven.
class LauncherTest {
  @TempDir private Path folder;

  @Test
  void theVersionNeedsNeitherJavaNorMaven() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    sandbox.without("mvn");
    Files.delete(folder.resolve("jvm/jdk-25/bin/java"));
    assertThat(sandbox.run("--version").out()).isEqualTo("eosin 1.2.3\n");
  }

  @Test
  void argumentsAndTheExitCodeOfJavaPassThrough() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    var result = sandbox.run("train", "a b", "x=*");
    assertThat(result.exitCode()).isEqualTo(JAVA_RAN);
    assertThat(result.out()).contains("argument=train\nargument=a b\nargument=x=*\n");
  }

  @Test
  void javaGetsTheEnginesFlagsAndMallocSettingsUnlessTheyAreSet() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    var result =
        sandbox.run(Map.of("MALLOC_ARENA_MAX", "4", "EOSIN_JAVA_OPTS", "-Xmx9g -Dx=y"), "info");
    assertThat(result.out())
        .contains("--enable-native-access=ALL-UNNAMED", "-Dai.djl.offline=true")
        .contains("argument=-Xmx9g\nargument=-Dx=y\n")
        .contains(
            "MALLOC_ARENA_MAX=4",
            "MALLOC_MMAP_THRESHOLD_=33554432",
            "MALLOC_MMAP_MAX_=0",
            "GOMP_SPINCOUNT=2000")
        .contains("LC_ALL=C.UTF-8");
  }

  @Test
  void anInstalledAllocatorIsTakenWhereMemoryMatters() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    assertThat(sandbox.run("train", "x").out()).doesNotContain("LD_PRELOAD");
    // An empty library: the loader says that it is too short, on stderr, and goes on.
    Path library = folder.resolve("lib/libjemalloc.so.2");
    Files.createDirectories(library.resolveSibling(""));
    Files.createFile(library);
    assertThat(sandbox.run("train", "x").out()).contains("LD_PRELOAD=" + library);
    assertThat(sandbox.run("doctor").out()).contains("LD_PRELOAD=" + library);
    assertThat(sandbox.run("runs").out()).doesNotContain("LD_PRELOAD");
    assertThat(sandbox.run(Map.of("EOSIN_MALLOC", "system"), "train", "x").out())
        .doesNotContain("LD_PRELOAD");
    Path better = Files.createFile(folder.resolve("lib/libtcmalloc_minimal.so.4"));
    assertThat(sandbox.run("train", "x").out())
        .contains("LD_PRELOAD=" + better, "TCMALLOC_RELEASE_RATE=0");
  }

  @ParameterizedTest
  @CsvSource({
    "de_DE.UTF-8, C.UTF-8",
    "en_GB.UTF-8, en_GB.UTF-8",
    "POSIX, C.UTF-8",
    "de_DE.ISO-8859-1, C.UTF-8"
  })
  void theLocaleIsJudgedByItsEffect(String asked, String taken) throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    sandbox.program(
        "locale",
        """
        case "$1 $LC_ALL" in
          "charmap C.UTF-8" | "charmap en_GB.UTF-8") echo UTF-8 ;;
          "charmap de_DE.ISO-8859-1") echo ISO-8859-1 ;;
          *) echo "locale: Cannot set LC_ALL to default locale" >&2; echo ANSI_X3.4-1968 ;;
        esac
        """);
    var result = sandbox.run(Map.of("LC_ALL", asked), "info");
    assertThat(result.out()).contains("\nLC_ALL=" + taken + "\n");
    assertThat(result.err()).doesNotContain("Cannot set");
  }

  @Test
  void withoutAToolToAskTheLocalesNameDecides() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    assertThat(sandbox.run(Map.of("LC_ALL", "fr_FR.utf8"), "info").out())
        .contains("\nLC_ALL=fr_FR.utf8\n");
    assertThat(sandbox.run(Map.of("LC_ALL", "fr_FR"), "info").out()).contains("\nLC_ALL=C.UTF-8\n");
  }

  @Test
  void whatIsUnpackedCanBeReadByOtherUsers() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    assertThat(sandbox.run("train").exitCode()).isEqualTo(JAVA_RAN);
    Path unpacked = sandbox.root().resolve(".cache/native/pytorch");
    assertThat(Files.getPosixFilePermissions(unpacked))
        .contains(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_EXECUTE);
  }

  @Test
  void aJavaThatIsTooOldGivesWayToAnotherOne() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    sandbox.jdk("17.0.15", "old");
    sandbox.jdk("26.0.2", "jvm/jdk-26");
    var result = sandbox.run(Map.of("JAVA_HOME", folder.resolve("old").toString()), "info");
    assertThat(result.out()).contains("home=" + folder.resolve("jvm/jdk-25"));
  }

  @Test
  void aJavaOnThePathIsFoundThroughItsLinks() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    sandbox.jdk("27", "else where");
    Files.createSymbolicLink(folder.resolve("bin/java"), folder.resolve("else where/bin/java"));
    assertThat(sandbox.run("info").out()).contains("home=" + folder.resolve("else where"));
  }

  @Test
  void withoutAJdkOneMessageSaysHowToGetOne() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    Files.move(folder.resolve("jvm/jdk-25"), folder.resolve("gone"));
    sandbox.jdk("1.8.0_402", "jvm/jdk-8");
    var result = sandbox.run("info");
    assertThat(result.exitCode()).isEqualTo(ExitCode.OTHER);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .contains("apt install", "dnf install", "brew install", "Java 8 in " + folder);
  }

  @Test
  void withoutMavenOneMessageSaysHowToGetIt() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    sandbox.without("mvn");
    var result = sandbox.run("info");
    assertThat(result.exitCode()).isEqualTo(ExitCode.OTHER);
    assertThat(result.err()).contains("Maven is missing", "apt install maven");
  }

  @Test
  void itWorksThroughLinksAndFromFoldersWithSpaces() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder.resolve("with space"));
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, sandbox.launcher());
    String java = folder.resolve("with space/jvm/jdk-25").toString();
    var result = sandbox.run(link, Map.of("JAVA_HOME", java), "info");
    assertThat(result.exitCode()).isEqualTo(JAVA_RAN);
    assertThat(sandbox.builds()).isEqualTo(1);
  }

  @Test
  void aDistributionRunsItsJarsWithoutMaven() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.distribution(folder);
    String lib = sandbox.root().resolve("lib").toString();
    var result = sandbox.run("info");
    assertThat(result.exitCode()).isEqualTo(JAVA_RAN);
    assertThat(result.out()).contains("argument=" + lib + "/eosin-1.2.3.jar:" + lib + "/a.jar:");
    assertThat(sandbox.run("--version").out()).isEqualTo("eosin 1.2.3\n");
    assertThat(sandbox.run("test").exitCode()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void aNamedCudaLibtorchReplacesTheCpuOne() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.distribution(folder);
    Path torch = Files.createDirectories(folder.resolve("torch/lib"));
    Files.createFile(torch.resolve("libtorch.so"));
    Files.createFile(torch.resolve("libtorch_cuda.so"));
    var result = sandbox.run(Map.of("EOSIN_LIBTORCH", folder.resolve("torch").toString()), "info");
    assertThat(result.out())
        .contains("PYTORCH_LIBRARY_PATH=" + torch, "PYTORCH_FLAVOR=cu128", "PYTORCH_VERSION=2.7.1")
        .doesNotContain("pytorch-native-cpu");
  }

  @Test
  void aFetchedCudaLibtorchIsTakenWhereThereIsAGpu() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.distribution(folder);
    Path lib =
        Files.createDirectories(folder.resolve("home/.cache/eosin/libtorch/2.7.1-cu128/lib"));
    Files.createFile(lib.resolve("libtorch.so"));
    Files.createFile(lib.resolve("libtorch_cuda.so"));
    assertThat(sandbox.run("info").out()).contains("pytorch-native-cpu", "eosin.gpu=absent");
    Files.createDirectories(folder.resolve("dev"));
    Files.createFile(folder.resolve("dev/nvidia0"));
    assertThat(sandbox.run("info").out())
        .contains("PYTORCH_LIBRARY_PATH=" + lib, "PYTORCH_FLAVOR=cu128", "eosin.gpu=present")
        .doesNotContain("pytorch-native-cpu");
  }

  /// Linux in Windows shows every GPU as /dev/dxg; Windows' NVIDIA driver adds its libcuda.
  @Test
  void aGpuLentByWindowsCountsWhereItIsNvidias() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.distribution(folder);
    Files.createDirectories(folder.resolve("dev"));
    Files.createFile(folder.resolve("dev/dxg"));
    assertThat(sandbox.run("info").out()).contains("eosin.gpu=absent");
    Files.createDirectories(folder.resolve("usr/lib/wsl/lib"));
    Files.createFile(folder.resolve("usr/lib/wsl/lib/libcuda.so.1"));
    assertThat(sandbox.run("info").out()).contains("eosin.gpu=present");
  }

  @Test
  void aNamedLibtorchThatIsNotThereIsAnError() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.distribution(folder);
    var result = sandbox.run(Map.of("EOSIN_LIBTORCH", folder.toString()), "info");
    assertThat(result.exitCode()).isEqualTo(ExitCode.OTHER);
    assertThat(result.err()).contains("no libtorch.so in " + folder);
  }

  /// DJL's bridge fits one version of libtorch; a pip torch names its own in version.py.
  @Test
  void anotherLibtorchNeedsItsBridgeAndSaysWhichVersionsDo() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.distribution(folder);
    Path torch = folder.resolve("torch");
    Files.createDirectories(torch.resolve("lib"));
    Files.createFile(torch.resolve("lib/libtorch.so"));
    Files.createFile(torch.resolve("lib/libtorch_cuda.so"));
    Files.writeString(
        torch.resolve("version.py"),
        "__all__ = ['__version__']\n__version__ = '2.11.0+cu130'\ndebug = False\n");
    Map<String, String> named = Map.of("EOSIN_LIBTORCH", torch.toString());
    var refused = sandbox.run(named, "info");
    assertThat(refused.exitCode()).isEqualTo(ExitCode.OTHER);
    assertThat(refused.err())
        .hasLineCount(1)
        .contains("version 2.11.0", "version 2.7.1 works", "from 2.7 on", "EOSIN_BRIDGE");
    Path bridge = folder.resolve("a bridge.so");
    Map<String, String> both =
        Map.of("EOSIN_LIBTORCH", torch.toString(), "EOSIN_BRIDGE", bridge.toString());
    assertThat(sandbox.run(both, "info").err()).contains("no file " + bridge);
    Files.createFile(bridge);
    assertThat(sandbox.run(both, "info").out())
        .contains("PYTORCH_VERSION=2.11.0", "PYTORCH_FLAVOR=cu130")
        .containsPattern("ENGINE_CACHE_DIR=.*/bridge\n");
    Files.createFile(torch.resolve("lib/libdjl_torch.so"));
    assertThat(sandbox.run(named, "info").out())
        .contains("PYTORCH_VERSION=2.11.0")
        .doesNotContain("/bridge\n");
    assertThat(sandbox.run(Map.of("EOSIN_BRIDGE", bridge.toString()), "info").err())
        .contains("without EOSIN_LIBTORCH");
  }

  @Test
  void anUnpackedLibtorchNamesItsVersionToo() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.distribution(folder);
    Path torch = folder.resolve("torch");
    Files.createDirectories(torch.resolve("lib"));
    Files.createFile(torch.resolve("lib/libtorch.so"));
    Map<String, String> named = Map.of("EOSIN_LIBTORCH", torch.toString());
    Files.writeString(torch.resolve("build-version"), "2.7.1+cu128\n");
    assertThat(sandbox.run(named, "info").out()).contains("PYTORCH_VERSION=2.7.1");
    Files.writeString(torch.resolve("build-version"), "2.8.0+cpu\n");
    assertThat(sandbox.run(named, "info").err()).contains("version 2.8.0");
  }

  @Test
  void aGpuGetsItsAllocatorAndWorkspaceUnlessTheyAreSet() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.distribution(folder);
    assertThat(sandbox.run("info").out()).doesNotContain("PYTORCH_CUDA", "CUBLAS");
    Files.createDirectories(folder.resolve("dev"));
    Files.createFile(folder.resolve("dev/nvidia0"));
    assertThat(sandbox.run("info").out())
        .contains(
            "PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True", "CUBLAS_WORKSPACE_CONFIG=:4096:8");
    Map<String, String> set =
        Map.of(
            "PYTORCH_CUDA_ALLOC_CONF", "max_split_size_mb:64", "CUBLAS_WORKSPACE_CONFIG", ":16:8");
    assertThat(sandbox.run(set, "info").out())
        .contains("PYTORCH_CUDA_ALLOC_CONF=max_split_size_mb:64", "CUBLAS_WORKSPACE_CONFIG=:16:8");
    Files.createFile(folder.resolve("dev/dxg"));
    assertThat(sandbox.run("info").out())
        .as("Linux in Windows has no growing segments")
        .doesNotContain("PYTORCH_CUDA_ALLOC_CONF")
        .contains("CUBLAS_WORKSPACE_CONFIG");
  }

  @Test
  void testsEndWithTheSummaryAndMavensExitCode() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    assertThat(sandbox.run("test"))
        .returns(0, LauncherSandbox.Result::exitCode)
        .returns(
            "Tests run: 5, Failures: 0, Errors: 0, Skipped: 0", LauncherSandbox.Result::lastLine);
    sandbox.maven(1);
    assertThat(sandbox.run("test").exitCode()).isEqualTo(1);
  }

  @Test
  void anArchiveIsMadeWithTheLaunchersJava() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    sandbox.program(
        "mvn",
        "echo \"$JAVA_HOME $*\"; mkdir -p \"%1$s/target\"; : >\"%1$s/target/eosin-1.2.3-x.tar.gz\"\n"
            .formatted(sandbox.root()));
    var made = sandbox.run("dist");
    assertThat(made.exitCode()).as(made.err()).isZero();
    assertThat(made.out()).isEqualTo(sandbox.root() + "/target/eosin-1.2.3-x.tar.gz\n");
    assertThat(made.err()).contains("jvm/jdk-25 ", "-Pdist", "package");
    sandbox.maven(1);
    assertThat(sandbox.run("dist").err()).contains("the archive was not made");
  }

  @Test
  void parityTestsAreChosenByAWordWhateverItsDashes() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    parityTest(sandbox, "OpenClipGeluParityTest", "@Tag(\"parity\")");
    parityTest(sandbox, "OpenClipTrainParity", "@Tag(\"parity\")");
    parityTest(sandbox, "OpenClipTrainGeluParityTest", "extends OpenClipTrainParity");
    parityTest(sandbox, "WordsParityTest", "@Tag(\"parity\") String name = \"tokenizer-clip\"");
    sandbox.run("test", "parity", "openclip-train_GELU");
    sandbox.run("test", "parity", "tokenizer-clip");
    assertThat(folder.resolve("builds"))
        .content()
        .contains("-Dparity.groups=parity -Dtest=OpenClipTrainGeluParityTest test")
        .contains("-Dparity.groups=parity -Dtest=WordsParityTest test");
  }

  @Test
  void aWordThatNamesNoParityTestListsThoseThereAre() throws Exception {
    LauncherSandbox sandbox = LauncherSandbox.checkout(folder);
    parityTest(sandbox, "OpenClipGeluParityTest", "@Tag(\"parity\")");
    var result = sandbox.run("test", "parity", "nonsense");
    assertThat(result.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("nonsense", "open-clip-gelu");
  }

  private static void parityTest(LauncherSandbox sandbox, String name, String text)
      throws IOException {
    Path tests = Files.createDirectories(sandbox.root().resolve("src/test/java"));
    Files.writeString(tests.resolve(name + ".java"), text + "\n");
  }
}
