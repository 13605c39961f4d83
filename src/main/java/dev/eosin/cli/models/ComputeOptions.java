package dev.eosin.cli.models;

import dev.eosin.config.CountOrAuto;
import dev.eosin.train.machine.ComputeSettings;
import dev.eosin.train.machine.Processor;
import picocli.CommandLine.Option;

/// Where a command computes that has no recipe to say so.
public final class ComputeOptions {
  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "auto, cpu, cuda, or one of several GPUs: cuda:1.")
  private Processor device = Processor.AUTO;

  @Option(names = "--threads", paramLabel = "N", description = "CPU threads, or auto.")
  private CountOrAuto threads = new CountOrAuto.Auto();

  Processor device() {
    return device;
  }

  CountOrAuto threads() {
    return threads;
  }

  /// As a recipe would have them.
  public ComputeSettings settings() {
    return new ComputeSettings(device, threads);
  }
}
