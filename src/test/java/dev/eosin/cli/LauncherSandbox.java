package dev.eosin.cli;

import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.stream.Stream;

/// A copy of the launcher in a folder with stand-ins for Java and Maven that only write down how
/// they were called, so that its decisions can be tested in milliseconds.
///
/// @param folder holds `checkout` (the launcher and its sources), `jvm` (the usual JDK folder) and
///   `bin` (the only entry of PATH besides the system's)
public record LauncherSandbox(Path folder) {
  /// What the stand-in for Java ends with, to tell its code from the launcher's own.
  static final int JAVA_RAN = 7;

  /// All that the launcher may need of a system; PATH has nothing else.
  private static final List<String> TOOLS =
      List.of(
          ("sh env cat chmod cksum cp cut find flock grep gzip id ln ls mkdir mv ps readlink rm rmdir sed"
                  + " sha256sum shasum sleep sort tail tar tee tr uname")
              .split(" "));

  private static final Path LAUNCHER = Path.of("eosin").toAbsolutePath();

  /// What a run printed and returned.
  public record Result(int exitCode, String out, String err) {
    String lastLine() {
      return out.lines().reduce("", (before, line) -> line);
    }
  }

  /// A checkout with one source file, a JDK 25 in the usual folder and Maven on the PATH.
  public static LauncherSandbox checkout(Path folder) throws IOException {
    LauncherSandbox sandbox = new LauncherSandbox(folder);
    Files.createDirectories(sandbox.root().resolve("src/main/java"));
    sandbox.installLauncher();
    Files.copy(
        Path.of("src/launcher/checkout.sh"), sandbox.root().resolve("src/launcher/checkout.sh"));
    Files.writeString(
        sandbox.root().resolve("pom.xml"), "<project>\n  <version>1.2.3</version>\n</project>\n");
    sandbox.source("class A {}");
    sandbox.jdk("25.0.1", "jvm/jdk-25");
    sandbox.maven(0);
    return sandbox;
  }

  /// An unpacked distribution: jars, no sources.
  static LauncherSandbox distribution(Path folder) throws IOException {
    LauncherSandbox sandbox = new LauncherSandbox(folder);
    Files.createDirectories(sandbox.root().resolve("lib"));
    for (String jar : List.of("eosin-1.2.3", "a", "pytorch-native-cpu-2.7.1-linux-x86_64")) {
      Files.createFile(sandbox.root().resolve("lib/" + jar + ".jar"));
    }
    sandbox.installLauncher();
    sandbox.jdk("25.0.1", "jvm/jdk-25");
    return sandbox;
  }

  Path root() {
    return folder.resolve("checkout");
  }

  Path launcher() {
    return root().resolve("eosin");
  }

  void source(String text) throws IOException {
    Files.writeString(root().resolve("src/main/java/A.java"), text);
  }

  /// A JDK whose `java` prints its own folder, its arguments and what the launcher set for it.
  void jdk(String version, String name) throws IOException {
    Path home = folder.resolve(name);
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    script(
        home.resolve("bin/java"),
        """
        case "$*" in
          *" unpack")
            echo unpack >>"$ENGINE_CACHE_DIR/../unpacked"
            mkdir -m 700 "$ENGINE_CACHE_DIR/pytorch" && : >"$ENGINE_CACHE_DIR/pytorch/x.so"
            exit 0
            ;;
          *" renew "*)
            for argument; do :; done
            echo x >"$argument"
            exit 0
            ;;
          *" rehearse "*)
            echo "$*" >>"%1$s/../../rehearsals"
            [ ! -e "%1$s/../../broken" ] || exit 1
            for argument; do
              case $argument in -XX:AOTCacheOutput=*) echo x >"${argument#*=}" ;; esac
            done
            exit 0
            ;;
        esac
        echo "home=%1$s"
        for argument; do echo "argument=$argument"; done
        env | grep -E '^(LD_PRELOAD|TCMALLOC|MALLOC|THP|GOMP|PYTORCH|CUBLAS|ENGINE|LC_ALL)'
        exit %2$d
        """
            .formatted(home, JAVA_RAN));
    script(home.resolve("bin/javac"), "exit 0\n");
  }

  /// A Maven that counts its builds in `builds`, takes a moment, and ends with this code.
  void maven(int exitCode) throws IOException {
    Path jars = Files.createDirectories(folder.resolve("jars"));
    Files.writeString(jars.resolve("pytorch-native-x.jar"), "");
    Files.writeString(jars.resolve("picocli-x.jar"), "");
    script(
        folder.resolve("bin/mvn"),
        """
        echo "$*" >>"%1$s/builds"
        for argument; do
          case $argument in -Deosin.target=*) target=${argument#*=} ;; esac
        done
        sleep 0.2
        echo '[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1 s -- in A'
        echo '[INFO] Tests run: 5, Failures: 0, Errors: 0, Skipped: 0'
        echo '[INFO] done'
        [ %2$d = 0 ] || exit %2$d
        [ -n "${target:-}" ] || exit 0
        mkdir -p "$target"
        : >"$target/eosin-1.2.3.jar"
        printf %%s "%1$s/jars/pytorch-native-x.jar:%1$s/jars/picocli-x.jar" >"$target/classpath"
        """
            .formatted(folder, exitCode));
  }

  long builds() throws IOException {
    return lines("builds");
  }

  long lines(String file) throws IOException {
    Path path = folder.resolve(file);
    return Files.exists(path) ? Files.readAllLines(path).size() : 0;
  }

  Result run(String... arguments) throws IOException, InterruptedException {
    return run(Map.of(), arguments);
  }

  public Result run(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    return run(launcher(), environment, arguments);
  }

  Result run(Path command, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    return finish(start(command, environment, arguments));
  }

  Process start(Path command, Map<String, String> environment, String... arguments)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Stream.concat(Stream.of(command.toString()), Stream.of(arguments)).toList());
    builder.environment().clear();
    builder.environment().put("HOME", folder.resolve("home").toString());
    builder.environment().put("PATH", folder.resolve("bin").toString());
    builder.environment().putAll(environment);
    return builder.directory(folder.toFile()).start();
  }

  static Result finish(Process process) throws IOException, InterruptedException {
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), out, err);
  }

  /// Lets the launcher download an archive: one folder, once of the JDK or Maven that lies in
  /// `from`, whose digest is the pinned one.
  ///
  /// @param pin the launcher's variable of the digest
  /// @param archive its name on the server
  void offer(String pin, String archive, Path from) throws IOException, InterruptedException {
    Path file = Files.createDirectories(folder.resolve("server")).resolve(archive);
    String up = AtomicFile.parent(from).toString();
    finish(
        new ProcessBuilder("tar", "-czf", file.toString(), "-C", up, from.getFileName().toString())
            .start());
    Path bare = root().resolve("src/launcher/bare.sh");
    Files.writeString(
        bare,
        Files.readString(bare)
            .replaceAll("(?m)^" + pin + "=.*$", pin + "=" + FileDigest.of(file).sha256()));
    program(
        "curl",
        """
        for argument; do
          [ "${before:-}" = -o ] && file=$argument
          before=$argument
        done
        echo "$before" >>"%1$s/downloads"
        cp "%1$s/server/${before##*/}" "$file"
        """
            .formatted(folder));
  }

  /// Puts a stand-in for a program on the PATH.
  public void program(String name, String body) throws IOException {
    script(folder.resolve("bin").resolve(name), body);
  }

  /// Takes a system tool off the PATH.
  void without(String tool) throws IOException {
    Files.delete(folder.resolve("bin").resolve(tool));
  }

  private void installLauncher() throws IOException {
    Files.createDirectories(folder.resolve("bin"));
    for (String tool : TOOLS) {
      for (Path file : List.of(Path.of("/bin", tool), Path.of("/usr/bin", tool))) {
        if (Files.exists(file)) {
          script(folder.resolve("bin").resolve(tool), "exec %s \"$@\"\n".formatted(file));
        }
      }
    }
    String text = Files.readString(LAUNCHER);
    String folders = "jdk_folders='" + folder.resolve("jvm") + "/*'";
    text = text.replaceAll("(?m)^jdk_folders=.*$", Matcher.quoteReplacement(folders));
    String devices = "gpu_devices='" + folder.resolve("dev") + "/nvidia[0-9]*'";
    String libraries = "allocator_folders='" + folder.resolve("lib") + "'";
    text = text.replaceAll("(?m)^allocator_folders=.*$", Matcher.quoteReplacement(libraries));
    text = text.replaceAll("(?m)^gpu_devices=.*$", Matcher.quoteReplacement(devices));
    text = text.replaceAll("(?m)^(wsl_[a-z]+)='/", "$1='" + Matcher.quoteReplacement(folder + "/"));
    Files.writeString(launcher(), text);
    executable(launcher());
    Files.createDirectories(root().resolve("src/launcher"));
    for (String part : List.of("bare.sh", "java.sh")) {
      Files.copy(Path.of("src/launcher", part), root().resolve("src/launcher").resolve(part));
    }
  }

  private static void script(Path file, String body) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + body);
    executable(file);
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
