package dev.eosin.cli;

import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Prints what a bug report or a speed figure has to name: versions, machine and settings.
@Command(
    name = "info",
    mixinStandardHelpOptions = true,
    description = "Print versions, machine and settings.")
final class InfoCommand implements Runnable {
  private static final long MIB = 1 << 20;

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    facts().forEach((name, value) -> out.printf("%-16s %s%n", name, value));
    out.flush();
  }

  private static Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("eosin", BuildVersion.current());
    facts.put(
        "java", System.getProperty("java.runtime.version") + " " + System.getProperty("java.home"));
    facts.put(
        "system", "%s %s".formatted(System.getProperty("os.name"), System.getProperty("os.arch")));
    facts.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
    facts.put("memory", memory());
    facts.put("java heap", "at most %d MiB".formatted(Runtime.getRuntime().maxMemory() / MIB));
    for (String name :
        new String[] {
          "MALLOC_ARENA_MAX",
          "MALLOC_MMAP_THRESHOLD_",
          "MALLOC_TRIM_THRESHOLD_",
          "THP_MEM_ALLOC_ENABLE",
          "OMP_NUM_THREADS"
        }) {
      facts.put(name, Objects.requireNonNullElse(System.getenv(name), "not set"));
    }
    return facts;
  }

  private static String memory() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? "%d MiB".formatted(system.getTotalMemorySize() / MIB)
        : "unknown";
  }
}
