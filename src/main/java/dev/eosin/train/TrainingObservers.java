package dev.eosin.train;

import java.io.IOException;
import java.util.List;

/// Several observers as one, told in order.
public record TrainingObservers(List<TrainingObserver> all) implements TrainingObserver {
  public TrainingObservers {
    all = List.copyOf(all);
  }

  @Override
  public void begins(StepPhase phase) {
    all.forEach(observer -> observer.begins(phase));
  }

  @Override
  public void step(StepReport report) throws IOException {
    for (TrainingObserver observer : all) {
      observer.step(report);
    }
  }

  @Override
  public void evaluation(EvaluationReport report) throws IOException {
    for (TrainingObserver observer : all) {
      observer.evaluation(report);
    }
  }

  @Override
  public void note(String message) throws IOException {
    for (TrainingObserver observer : all) {
      observer.note(message);
    }
  }

  @Override
  public void sync() throws IOException {
    for (TrainingObserver observer : all) {
      observer.sync();
    }
  }

  @Override
  public void close() throws IOException {
    for (TrainingObserver observer : all) {
      observer.close();
    }
  }
}
