package dev.eosin.cli.recipes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.eosin.cli.TinyRecipe;
import dev.eosin.cli.terminal.ExitCode;
import java.nio.file.Files;
import java.nio.file.Path;
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
  }

  @Test
  void aWrongRecipeIsRefusedBeforeAScriptIsWritten() throws Exception {
    TinyRecipe tiny = TinyRecipe.in(home);
    assertThat(tiny.eosin("slurm", "batch.global=none")).isEqualTo(ExitCode.USAGE);
    assertThat(tiny.out()).isEmpty();
  }
}
