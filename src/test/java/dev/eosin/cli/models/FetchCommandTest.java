package dev.eosin.cli.models;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.FlawedServer;
import dev.eosin.cli.Main;
import dev.eosin.cli.terminal.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `eosin fetch` against a server on this machine.
class FetchCommandTest {
  private static final byte[] WEIGHTS = "not really weights".getBytes(StandardCharsets.UTF_8);
  private static final String UNPINNED = "unpinned";

  private final FlawedServer server;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  FetchCommandTest() throws IOException {
    server = new FlawedServer();
    server.put("/a/model.bin", WEIGHTS);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void theManifestsAreListed() throws IOException {
    manifest(UNPINNED);
    assertThat(run("fetch")).isZero();
    assertThat(out.toString()).matches("tiny +A tiny model\n");
    assertThat(run("fetch", "tyni")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("nothing is named 'tyni'; there are tiny");
  }

  @Test
  void theFirstFetchLocksWhatLaterOnesMustFind() throws IOException {
    manifest(UNPINNED);
    assertThat(run("fetch", "tiny")).isZero();
    assertThat(folder.resolve("out/tiny/model.bin")).hasBinaryContent(WEIGHTS);
    assertThat(folder.resolve("out/tiny.lock")).content().contains(sha256(WEIGHTS) + "  tiny/");
    assertThat(out.toString())
        .contains("recorded in tiny.lock", "licence: MIT", "preset: vit-b-32-quickgelu")
        .contains("weights: { type: open-clip, path: " + folder.resolve("out/tiny/model.bin"));
    assertThat(run("fetch", "tiny", "--verify")).isZero();
    Files.delete(folder.resolve("out/tiny/model.bin"));
    server.put("/a/model.bin", new byte[3]);
    assertThat(run("fetch", "tiny")).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).contains("expected " + sha256(WEIGHTS), "nothing was kept");
    assertThat(folder.resolve("out/tiny/model.bin")).doesNotExist();
  }

  @Test
  void whatIsThereIsVerifiedAndNotFetched() throws IOException {
    manifest(sha256(WEIGHTS));
    assertThat(run("fetch", "tiny")).isZero();
    assertThat(run("fetch", "tiny")).isZero();
    assertThat(server.requests()).hasSize(1);
    Files.writeString(folder.resolve("out/tiny/model.bin"), "damaged");
    assertThat(run("fetch", "tiny", "--verify")).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).contains("remove it and fetch it again");
  }

  @Test
  void aLockThatContradictsTheManifestIsRefused() throws IOException {
    manifest(UNPINNED);
    assertThat(run("fetch", "tiny")).isZero();
    manifest(sha256(new byte[3]));
    assertThat(run("fetch", "tiny")).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).contains("tiny.lock", "the manifest says " + sha256(new byte[3]));
    Files.writeString(folder.resolve("out/tiny.lock"), "nonsense\n");
    assertThat(run("fetch", "tiny")).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).contains("tiny.lock: line 1 is not");
  }

  @Test
  void aMirrorTakesThePlaceOfTheServer() throws IOException {
    manifest(sha256(WEIGHTS));
    try (FlawedServer mirror = new FlawedServer()) {
      mirror.put("/base/a/model.bin", WEIGHTS);
      assertThat(run("fetch", "tiny", "--mirror", mirror.uri("/base/").toString())).isZero();
      assertThat(server.requests()).isEmpty();
    }
  }

  @Test
  void offlineAndAfterAFailureItSaysWhatToDoByHand() throws IOException {
    manifest(UNPINNED);
    assertThat(run("fetch", "tiny", "--offline")).isZero();
    Path target = folder.resolve("out/tiny/model.bin");
    assertThat(out.toString())
        .contains(server.uri("/a/model.bin") + "\n", "as " + target, "sha256 unpinned")
        .contains("eosin fetch tiny --verify --out " + folder.resolve("out"));
    assertThat(server.requests()).isEmpty();
    server.fail(new FlawedServer.Fault.Status(404, Map.of()));
    assertThat(run("fetch", "tiny")).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).contains("To do it by hand", "404");
    Files.createDirectories(folder.resolve("out/tiny"));
    Files.write(target, WEIGHTS);
    assertThat(run("fetch", "tiny", "--verify")).isZero();
    assertThat(folder.resolve("out/tiny.lock")).content().contains(sha256(WEIGHTS));
  }

  @Test
  void aBrokenConnectionIsMended() throws IOException {
    manifest(sha256(WEIGHTS));
    server.fail(new FlawedServer.Fault.Break(5));
    assertThat(run("fetch", "tiny")).isZero();
    assertThat(folder.resolve("out/tiny/model.bin")).hasBinaryContent(WEIGHTS);
    assertThat(err.toString()).contains("trying again");
  }

  @Test
  void aFaultyManifestIsNamedWithItsLine() throws IOException {
    manifest("123");
    assertThat(run("fetch")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("tiny.yaml", "line ", "files.0.sha256", "'123'");
  }

  @Test
  void aLibtorchIsUnpackedFromItsZip() throws IOException {
    libtorch(zip("libtorch/lib/libtorch.so", "libtorch/lib/libtorch_cuda.so", "libtorch/x.h"), 1);
    assertThat(run("fetch", "torch")).isZero();
    Path lib = folder.resolve("out/2.7.1-cu128/lib");
    assertThat(lib.resolve("libtorch.so")).hasContent("libtorch/lib/libtorch.so");
    assertThat(lib.toFile().list()).containsExactlyInAnyOrder("libtorch.so", "libtorch_cuda.so");
  }

  @Test
  void aZipThatLeadsElsewhereIsTooLargeOrDamagedIsRefused() throws IOException {
    libtorch(zip("libtorch/lib/libtorch.so", "libtorch/lib/../../../evil.so", "/evil.so"), 1);
    assertThat(run("fetch", "torch")).isZero();
    assertThat(folder.resolve("out/2.7.1-cu128/lib").toFile().list()).hasSize(1);
    assertRefused(zip("other/libtorch.so"), "has no libtorch/lib/libtorch.so");
    assertRefused(new byte[100], "is not a whole zip");
    assertRefused(zip("libtorch/lib/libtorch.so!"), "unpacks to more than 1 MiB");
  }

  private void assertRefused(byte[] zip, String reason) throws IOException {
    Files.deleteIfExists(folder.resolve("out/torch.lock"));
    Files.deleteIfExists(folder.resolve("out/torch/torch.zip"));
    libtorch(zip, 1);
    assertThat(run("fetch", "torch")).isEqualTo(ExitCode.DATA);
    assertThat(err.toString()).contains(reason);
  }

  /// Each entry holds its own name; one that ends in `!` holds two mebibytes.
  private static byte[] zip(String... names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name : names) {
        boolean large = name.endsWith("!");
        zip.putNextEntry(new ZipEntry(name.replace("!", "")));
        zip.write(large ? new byte[2 << 20] : name.getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private void libtorch(byte[] zip, int mebibytes) throws IOException {
    server.put("/torch.zip", zip);
    write(
        "torch",
        """
        kind: libtorch
        name: torch
        title: A libtorch
        server: %s
        source: here
        files: [{ name: torch.zip, path: torch.zip, sha256: unpinned, pinned-by: nobody }]
        version: 2.7.1
        flavour: cu128
        unpacked-mebibytes: %d
        licence: { name: BSD, terms: None., gated: false }
        """
            .formatted(server.uri("/"), mebibytes));
  }

  private void manifest(String sha256) throws IOException {
    write(
        "tiny",
        """
        kind: weights
        name: tiny
        title: A tiny model
        server: %s
        source: here
        files:
          - { name: model.bin, path: a/model.bin, sha256: "%s", pinned-by: nobody }
        model:
          layout: open-clip
          preset: vit-b-32-quickgelu
          activation: quick-gelu
          tokenizer: clip-bpe
          end-of-text: largest-id
          image-size: 224
          mean: [0.5, 0.5, 0.5]
          std: [0.5, 0.5, 0.5]
        licence: { name: MIT, terms: None., gated: false }
        citation: Nobody
        """
            .formatted(server.uri("/"), sha256));
  }

  private void write(String name, String text) throws IOException {
    Files.createDirectories(folder.resolve("manifests"));
    Files.writeString(folder.resolve("manifests/" + name + ".yaml"), text);
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    String[] all = new String[arguments.length + 4];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--manifests";
    all[arguments.length + 1] = folder.resolve("manifests").toString();
    all[arguments.length + 2] = "--out";
    all[arguments.length + 3] = folder.resolve("out").toString();
    return Main.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(all);
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
