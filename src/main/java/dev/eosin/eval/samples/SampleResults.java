package dev.eosin.eval.samples;

import dev.eosin.eval.probes.Concordance.Survival;
import dev.eosin.eval.probes.Figures;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.probes.MeanFigures;
import dev.eosin.eval.probes.MeanValues;
import dev.eosin.eval.probes.Resamples;
import dev.eosin.eval.probes.SurvivalFigures;
import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// What an evaluation found of each of its samples.
public sealed interface SampleResults {
  /// In the order of the results.
  List<Sample> samples();

  /// The figures, computed again from what was found of the samples.
  Figures figures();

  /// The samples drawn with replacement, those of one group together.
  default Resamples resamples(RandomKey key) {
    return new Resamples(key, samples().stream().map(Sample::group).toList());
  }

  /// Of figures that are scores of classes, or means of such, or risks.
  ///
  /// @param samples in the order of the figures' rows
  /// @param labels of the classes
  /// @return empty for other figures
  static Optional<SampleResults> of(Figures figures, List<Sample> samples, List<String> labels) {
    return figures instanceof SurvivalFigures(double[] risks, Survival[] survival)
        ? Optional.of(new Risks(samples, risks, survival))
        : Labelled.of(figures, samples, labels);
  }

  /// The same results with those figures alone that all of them have, so that they can be compared:
  /// which means are kept may depend on what was found.
  static List<SampleResults> ofCommonFigures(List<SampleResults> all) {
    List<String> common = new ArrayList<>(all.getFirst().figures().names());
    all.forEach(each -> common.retainAll(each.figures().names()));
    return all.stream().map(each -> each.only(common)).toList();
  }

  private SampleResults only(List<String> names) {
    return switch (this) {
      case Labelled labelled -> labelled;
      case Risks risks -> risks;
      case Valued valued -> {
        int[] columns = names.stream().mapToInt(valued.names()::indexOf).toArray();
        double[][] values =
            Arrays.stream(valued.values())
                .map(row -> IntStream.of(columns).mapToDouble(at -> row[at]).toArray())
                .toArray(double[][]::new);
        yield new Valued(names, valued.samples(), values);
      }
    };
  }

  /// Scores of classes.
  ///
  /// @param labels of the classes
  /// @param truth the class of each sample `[n]`
  /// @param runs of each run the scores `[n][classes]`; several where a figure is a mean over runs
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Labelled(List<String> labels, List<Sample> samples, int[] truth, List<double[][]> runs)
      implements SampleResults {
    public Labelled {
      labels = List.copyOf(labels);
      samples = List.copyOf(samples);
      runs = List.copyOf(runs);
    }

    /// Of figures that are scores of classes, or means of such.
    ///
    /// @param samples in the order of the figures' rows
    /// @return empty for other figures
    public static Optional<SampleResults> of(
        Figures figures, List<Sample> samples, List<String> labels) {
      List<LabelScores> runs = new ArrayList<>();
      List<Figures> parts = figures instanceof MeanFigures mean ? mean.runs() : List.of(figures);
      for (Figures part : parts) {
        if (!(part instanceof LabelScores scores) || scores.rows() != samples.size()) {
          return Optional.empty();
        }
        runs.add(scores);
      }
      int[] truth = runs.getFirst().truth();
      List<Sample> labelled = new ArrayList<>();
      for (int i = 0; i < truth.length; i++) {
        labelled.add(samples.get(i).withLabel(labels.get(truth[i])));
      }
      return Optional.of(
          new Labelled(labels, labelled, truth, runs.stream().map(LabelScores::scores).toList()));
    }

    /// One run's.
    public LabelScores scores(int run) {
      return new LabelScores(runs.get(run), truth);
    }

    @Override
    public Figures figures() {
      List<Figures> scores = new ArrayList<>();
      for (int run = 0; run < runs.size(); run++) {
        scores.add(scores(run));
      }
      return scores.size() == 1 ? scores.getFirst() : new MeanFigures(scores);
    }
  }

  /// Risks, and how those who bore them fared.
  ///
  /// @param risks of each sample, larger means sooner `[n]`
  /// @param survival of each sample `[n]`
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Risks(List<Sample> samples, double[] risks, Survival[] survival) implements SampleResults {
    public Risks {
      samples = List.copyOf(samples);
    }

    @Override
    public Figures figures() {
      return new SurvivalFigures(risks, survival);
    }
  }

  /// Numbers whose means are the figures, such as whether a query found its own among the first.
  ///
  /// @param names of the figures
  /// @param values of each sample; not a number where a figure is not about it [n][names]
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Valued(List<String> names, List<Sample> samples, double[][] values)
      implements SampleResults {
    public Valued {
      names = List.copyOf(names);
      samples = List.copyOf(samples);
    }

    @Override
    public Figures figures() {
      return new MeanValues(names, values);
    }
  }
}
