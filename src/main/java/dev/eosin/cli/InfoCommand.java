package dev.eosin.cli;

import dev.eosin.group.Launch;
import dev.eosin.image.TurboJpeg;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.train.DeviceTrial;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Prints what a bug report or a speed figure has to name: versions, machine and settings.
@Command(
    name = "info",
    mixinStandardHelpOptions = true,
    description = "Print versions, machine and settings, and whether the engine starts.")
final class InfoCommand implements Callable<Integer> {
  private static final long MIB = 1 << 20;

  /// What the launcher and the user set for the native side; each changes speed or memory.
  private static final List<String> ENVIRONMENT =
      List.of(
          "MALLOC_ARENA_MAX",
          "MALLOC_MMAP_THRESHOLD_",
          "MALLOC_MMAP_MAX_",
          "GOMP_SPINCOUNT",
          "MALLOC_TRIM_THRESHOLD_",
          "THP_MEM_ALLOC_ENABLE",
          "OMP_NUM_THREADS",
          "OMP_WAIT_POLICY",
          "PYTORCH_LIBRARY_PATH",
          "PYTORCH_VERSION",
          "PYTORCH_FLAVOR",
          "EOSIN_BRIDGE",
          "PYTORCH_CUDA_ALLOC_CONF",
          "CUBLAS_WORKSPACE_CONFIG",
          "CUDA_VISIBLE_DEVICES",
          "ENGINE_CACHE_DIR");

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    machine().forEach((name, value) -> line(out, name, value));
    for (String name : ENVIRONMENT) {
      line(out, name, Objects.requireNonNullElse(System.getenv(name), "not set"));
    }
    return engine(out);
  }

  private static Map<String, String> machine() {
    Runtime runtime = Runtime.getRuntime();
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("eosin", BuildVersion.current());
    facts.put("java", property("java.runtime.version") + " in " + property("java.home"));
    facts.put(
        "system", property("os.name") + " " + property("os.version") + " " + property("os.arch"));
    facts.put("cores", String.valueOf(runtime.availableProcessors()));
    facts.put("memory", memory());
    facts.put("java heap", "at most %d MiB".formatted(runtime.maxMemory() / MIB));
    facts.put(
        "libturbojpeg",
        TurboJpeg.find().map(TurboJpeg::version).orElse("not found (JPEGs decode slower)"));
    facts.put("gpu", property("eosin.gpu"));
    facts.put(
        "ranks",
        Launch.of(System.getenv()).explain().orElse("this process alone, nobody said otherwise"));
    return facts;
  }

  private static int engine(PrintWriter out) {
    try {
      int devices = Engine.cudaDevices();
      Engine engine =
          Engine.start(
              devices > 0 ? new Device.Cuda(0) : Device.CPU,
              Runtime.getRuntime().availableProcessors());
      line(out, "libtorch", engine.torchVersion());
      line(out, "matrix products on cpu", MatrixProducts.best(Device.CPU).library());
      line(
          out,
          "cuda devices",
          devices + Engine.cudaObstacle().map(why -> " (" + why.found() + ")").orElse(""));
      Engine.cudaDriver().ifPresent(cuda -> line(out, "cuda driver", "knows CUDA " + cuda));
      Engine.cudaGpus().forEach(gpu -> line(out, "cuda device", gpu.toString()));
      line(out, engine.device().torchName(), DeviceTrial.of(engine).told());
      return ExitCode.DONE;
    } catch (RuntimeException | LinkageError failure) {
      line(out, "libtorch", "does not start: " + rootOf(failure));
      return ExitCode.OTHER;
    }
  }

  private static Throwable rootOf(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : rootOf(cause);
  }

  private static void line(PrintWriter out, String name, String value) {
    out.printf("%-22s  %s%n", name, value);
    out.flush();
  }

  private static String property(String name) {
    return System.getProperty(name, "unknown");
  }

  private static String memory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? "%d MiB".formatted(system.getTotalMemorySize() / MIB)
        : "unknown";
  }
}
