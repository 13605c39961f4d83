package dev.eosin.train.logs;

import dev.eosin.tensor.KernelListener;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.StepPhase;
import dev.eosin.train.StepReport;
import dev.eosin.train.TrainingObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Measures some steps of a run, after a warm-up: how long each kernel and each part of a step
/// takes. Evaluations and checkpoints between the steps do not count.
///
/// It is the run's observer and its engine's kernel listener at once, on the run's one thread.
public final class Profiler implements TrainingObserver, KernelListener {
  /// Steps before the first measured one: libtorch's allocator and the JVM's compiler settle in
  /// them.
  public static final int WARMUP_STEPS = 3;

  /// Receives the outcome, once.
  public interface Outcome {
    void take(Profile profile) throws IOException;
  }

  private final int wanted;
  private final Outcome outcome;
  private final List<Profile.Span> kernels = new ArrayList<>();
  private final List<Profile.Span> phases = new ArrayList<>();
  private int seen;
  private int measured;
  private boolean listening;
  private boolean told;
  private @Nullable StepPhase phase;
  private long phaseStarted;

  /// @param steps to measure
  public Profiler(int steps, Outcome outcome) {
    this.wanted = steps;
    this.outcome = outcome;
  }

  @Override
  public boolean listens() {
    return listening;
  }

  @Override
  public void called(String kernel, long startedNanos, long endedNanos) {
    kernels.add(new Profile.Span(kernel, startedNanos, endedNanos));
  }

  @Override
  public void begins(StepPhase next) {
    listening = seen >= WARMUP_STEPS && measured < wanted;
    endPhase();
    if (listening) {
      phase = next;
      phaseStarted = System.nanoTime();
    }
  }

  private void endPhase() {
    StepPhase ended = phase;
    if (ended != null) {
      phases.add(new Profile.Span(ended.name(), phaseStarted, System.nanoTime()));
      phase = null;
    }
  }

  @Override
  public void step(StepReport report) throws IOException {
    endPhase();
    seen++;
    if (listening) {
      listening = false;
      measured++;
      if (measured == wanted) {
        tell();
      }
    }
  }

  private void tell() throws IOException {
    told = true;
    outcome.take(new Profile(measured, kernels, phases));
  }

  @Override
  public void evaluation(EvaluationReport report) {}

  @Override
  public void note(String message) {}

  /// A run that ends early tells what was measured so far.
  @Override
  public void close() throws IOException {
    listening = false;
    if (!told && measured > 0) {
      tell();
    }
  }
}
