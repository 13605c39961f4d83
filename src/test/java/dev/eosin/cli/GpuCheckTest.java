package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `scripts/gpu-check.sh` on the CPU at toy size: with Eosin itself, and with a stand-in for what
/// it does on a bad day.
class GpuCheckTest {
  @TempDir private Path folder;

  /// What the script returned and printed, and its results.
  private record Check(int exitCode, String out, JsonNode results, String table) {
    String verdict(String stage) {
      for (JsonNode each : results.get("stages")) {
        if (each.get("stage").asText().equals(stage)) {
          return each.get("verdict").asText();
        }
      }
      return "not there";
    }
  }

  @BeforeEach
  void needsBash() {
    assumeTrue(Files.exists(Path.of("/bin/bash")), "scripts/gpu-check.sh needs bash");
  }

  @Test
  void eosinPassesAtToySize() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String command =
        "exec '%s' --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dai.djl.offline=true -Xmx1g -cp '%s' dev.eosin.cli.Main \"$@\"\n"
            .formatted(java, System.getProperty("java.class.path"));
    Check check = check(command, "resume memory speed", "300");
    assertThat(check.exitCode()).as(check.out()).isZero();
    assertThat(check.results().get("toy").asBoolean()).isTrue();
    assertThat(check.verdict("resume")).isEqualTo("ok");
    assertThat(check.out()).contains("bit for bit", "planned ");
    JsonNode speed = check.results().get("stages").get(2);
    assertThat(speed.get("result").get("images_per_s").asDouble()).isPositive();
    assertThat(check.table()).contains("| resume | ok |", "| tiny | 4 | fp32 |");
  }

  /// Its train writes 20 losses, which are another's on the CPU where OFF says so.
  private static String standIn(String off) {
    return """
    case $1 in
      info) echo 'libtorch  2.7.1' ;;
      doctor) echo 'it "cannot" work'; exit 1 ;;
      bench) exec sleep 30 ;;
      train)
        for word; do case $word in output.dir=*) dir=${word#*=} ;; compute.device=*) on=${word#*=} ;; esac; done
        mkdir -p "$dir"
        for step in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
          echo "{\\"step\\":$step,\\"loss\\":1.$step$([ "$dir" != "${dir%%-cpu}" ] && echo %s)}" >>"$dir/log.jsonl"
        done ;;
    esac
    """
        .formatted(off);
  }

  @Test
  void whatFailsIsToldAndTheRestGoesOn() throws Exception {
    Check check = check(standIn("05"), "info doctor kernels losses", "300");
    assertThat(check.exitCode()).isEqualTo(1);
    assertThat(check.verdict("info")).isEqualTo("ok");
    assertThat(check.verdict("doctor")).isEqualTo("failed");
    assertThat(check.verdict("kernels")).isEqualTo("skipped");
    assertThat(check.verdict("losses")).isEqualTo("ok");
    assertThat(check.out()).contains("exit code 1: it \"cannot\" work", "20 losses, at most");
    assertThat(check.table()).contains("| losses | ok |");
  }

  @Test
  void whatTakesTooLongIsEnded() throws Exception {
    Check check = check(standIn("05"), "speed", "1");
    assertThat(check.exitCode()).isEqualTo(1);
    assertThat(check.verdict("speed-tiny-4")).isEqualTo("timeout");
  }

  /// An `nvidia-smi` that sees more from call to call.
  @Test
  void whatIsTakenStandsBesideThePlan() throws Exception {
    Path seen = folder.resolve("seen");
    tool("nvidia-smi", "echo x >>'%1$s'; wc -l <'%1$s'; echo 0".formatted(seen));
    Check check =
        check(
            "case \"$*\" in *--plan*) echo 'total   2.5 GiB  of one' ;; *) sleep 4 ;; esac",
            "memory",
            "300");
    assertThat(check.exitCode()).as(check.out()).isZero();
    assertThat(check.out()).containsPattern("planned 2.5 GiB, [1-9] MiB of the GPU at most");
  }

  @Test
  void lossesFarFromTheCpusFail() throws Exception {
    Check check = check(standIn("9"), "losses", "300");
    assertThat(check.exitCode()).isEqualTo(1);
    assertThat(check.verdict("losses")).isEqualTo("failed");
  }

  private Path tool(String name, String script) throws IOException {
    Path command = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + script);
    return Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Check check(String eosin, String stages, String limit)
      throws IOException, InterruptedException {
    Path command = tool("eosin", eosin);
    Path out = folder.resolve("out");
    var builder = new ProcessBuilder("bash", "scripts/gpu-check.sh", out.toString());
    Map<String, String> set = new HashMap<>();
    set.put("GPU_CHECK_EOSIN", command.toString());
    set.put("GPU_CHECK_DEVICE", "cpu");
    set.put("GPU_CHECK_STAGES", stages);
    set.put("GPU_CHECK_LIMIT", limit);
    set.put("PYTHON", "/nonexistent/python");
    set.put("PATH", folder + ":" + System.getenv("PATH"));
    builder.environment().putAll(set);
    Process process = builder.redirectErrorStream(true).start();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    return new Check(
        code,
        printed,
        new ObjectMapper().readTree(out.resolve("results.json").toFile()),
        Files.readString(out.resolve("results.md")));
  }
}
