package dev.eosin.cli.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.eosin.cli.TinyRecipe;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.run.folders.JobScripts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobScriptsTest {
  private static final String[] SIZE = {"--nodes=4", "--ranks-per-node=8", "--cores-per-rank=6"};

  @TempDir Path home;

  @Test
  void aBatchScriptStartsEveryRankAndQueuesAgain() throws Exception {
    TinyRecipe tiny = TinyRecipe.in(home);
    assertThat(tiny.eosin("slurm", SIZE[0], SIZE[1], SIZE[2], "--gpus", "data.workers=3")).isZero();
    assertThat(tiny.out())
        .startsWith("#!/bin/bash\n")
        .contains("#SBATCH --nodes=4\n#SBATCH --ntasks-per-node=8\n#SBATCH --cpus-per-task=6\n")
        .contains("#SBATCH --gpus-per-node=8\n#SBATCH --time=24:00:00\n")
        .contains("\n#SBATCH --signal=USR1@300\n")
        .contains("--kill-on-bad-exit=1 ./eosin train " + tiny.recipe + " data.workers=3\n")
        .contains("[ ! -f " + tiny.run + "/finished.json ]");
    Path script = Files.writeString(home.resolve("job.sh"), tiny.out());
    assertThat(new ProcessBuilder("sh", "-n", script.toString()).start().waitFor()).isZero();
  }

  @Test
  void anMpiJobHasALauncherAndItsWorkers() throws Exception {
    TinyRecipe tiny = TinyRecipe.in(home);
    String override = "output.dir=\"/srv/a b\"";
    assertThat(tiny.eosin("mpijob", SIZE[0], SIZE[1], SIZE[2], "--gpus", "--image=i:1", override))
        .isZero();
    JsonNode job = new YAMLMapper().readTree(tiny.out());
    assertThat(job.at("/kind").asText()).isEqualTo("MPIJob");
    assertThat(job.at("/metadata/name").asText()).isEqualTo("eosin-tiny");
    JsonNode replicas = job.at("/spec/mpiReplicaSpecs");
    JsonNode command = replicas.at("/Launcher/template/spec/containers/0/command");
    assertThat(command.valueStream().map(JsonNode::asText))
        .startsWith("mpirun", "--allow-run-as-root", "-n", "32")
        .endsWith("./eosin", "train", tiny.recipe.toString(), override);
    assertThat(replicas.at("/Worker/replicas").asInt()).isEqualTo(4);
    JsonNode worker = replicas.at("/Worker/template/spec");
    assertThat(worker.at("/containers/0/resources/limits/nvidia.com~1gpu").asInt()).isEqualTo(8);
    assertThat(worker.at("/containers/0/resources/limits/cpu").asInt()).isEqualTo(48);
    assertThat(worker.at("/containers/0/volumeMounts/0/mountPath").asText()).isEqualTo("/work");
    assertThat(worker.at("/volumes/0/persistentVolumeClaim/claimName").asText()).isEqualTo("eosin");
    // The operator overwrites what a pod's template says of restarts, and mpirun begins on every
    // machine where the launcher stands.
    assertThat(replicas.at("/Launcher/restartPolicy").asText()).isEqualTo("OnFailure");
    assertThat(replicas.at("/Worker/restartPolicy").asText()).isEqualTo("Never");
    for (String role : List.of("Launcher", "Worker")) {
      JsonNode pod = replicas.at("/%s/template/spec".formatted(role));
      assertThat(pod.has("restartPolicy")).as(role).isFalse();
      assertThat(pod.at("/containers/0/workingDir").asText()).as(role).isEqualTo("/work");
      assertThat(pod.at("/volumes")).as(role).isEqualTo(worker.at("/volumes"));
    }
  }

  /// The operator refuses a job whose last worker's name is no label of DNS.
  @Test
  void theLastWorkersNameIsALabel() throws Exception {
    for (int length : List.of(1, 40, 41, 42, 120)) {
      for (int nodes : List.of(1, 11)) {
        String name = "x".repeat(length) + ".-_" + "y".repeat(length);
        String text =
            JobScripts.mpiJob(
                name,
                "i",
                "c",
                "/m",
                "e",
                List.of("r.yaml"),
                new JobScripts.Size(nodes, 1, 1, false));
        String label = new YAMLMapper().readTree(text).at("/metadata/name").asText();
        assertThat("%s-worker-%d".formatted(label, nodes - 1))
            .hasSizeLessThanOrEqualTo(63)
            .matches("[a-z]([-a-z0-9]*[a-z0-9])?")
            .doesNotContain("--");
      }
    }
  }

  @Test
  void aWrongRecipeIsRefusedBeforeAScriptIsWritten() throws Exception {
    TinyRecipe tiny = TinyRecipe.in(home);
    assertThat(tiny.eosin("slurm", "batch.global=none")).isEqualTo(ExitCode.USAGE);
    assertThat(tiny.out()).isEmpty();
  }
}
