package dev.eosin.revise;

import dev.eosin.config.DataException;
import dev.eosin.data.Source;
import dev.eosin.eval.Answerer;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.Control;
import dev.eosin.eval.asking.Asking;
import dev.eosin.eval.asking.AskingPlan;
import dev.eosin.eval.asking.AskingSettings;
import dev.eosin.eval.asking.PlannedAnswer;
import dev.eosin.eval.asking.QuestionSet;
import dev.eosin.eval.asking.SharedTexts;
import dev.eosin.eval.asking.ToldFacts;
import dev.eosin.eval.revision.Operation;
import dev.eosin.eval.revision.RevisionRow;
import dev.eosin.eval.revision.RevisionScores;
import dev.eosin.eval.revision.ShownImage;
import dev.eosin.group.Group;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;

/// Asks a model that revises captions, and its twin without sight, then scores what became of them.
public final class RevisionEvaluation {
  private static final String NAME = "revise";

  private final ReviseSettings settings;
  private final RandomKey key;
  private final AskingPlan plan;
  private final AskingPlan ofTwin;
  private final Map<String, RevisionSource.Degraded> captions = new LinkedHashMap<>();
  private final Map<String, String> images = new HashMap<>();

  private RevisionEvaluation(
      ReviseSettings settings, RandomKey key, AskingPlan plan, AskingPlan ofTwin) {
    this.settings = settings;
    this.key = key;
    this.plan = plan;
    this.ofTwin = ofTwin;
  }

  /// Plans what is asked; every image is read once, for its digest.
  ///
  /// @param captions as [RevisionSource] takes them
  /// @param asking whose controls are `other-image` and `no-image` at most
  /// @throws DataException when a sample is none that can be revised
  public static RevisionEvaluation of(
      ReviseSettings settings, Source captions, AskingSettings asking, RandomKey key)
      throws DataException {
    RevisionSource source = RevisionSource.of(captions, settings);
    QuestionSet questions = QuestionSet.of(NAME, source);
    AskingPlan plan = plan(questions, asking, key);
    var evaluation =
        new RevisionEvaluation(settings, key, plan, plan(questions, asking.without(), key));
    for (long i = 0; i < source.size(); i++) {
      evaluation.captions.put(source.get(i).key(), source.degraded(i));
    }
    for (var planned : plan.answers()) {
      if (planned.row().control() == Control.NONE) {
        planned.row().image().ifPresent(name -> evaluation.images.put(planned.row().id(), name));
      }
    }
    return evaluation;
  }

  private static AskingPlan plan(QuestionSet questions, AskingSettings asking, RandomKey key) {
    ToldFacts nothing = id -> Optional.empty();
    return new AskingPlan(questions, asking, key, Optional.empty(), nothing);
  }

  /// What the model is asked.
  public AskingPlan plan() {
    return plan;
  }

  /// What it asks, in a line.
  public String summary() {
    return "%s: %d captions, %d answers with the controls"
        .formatted(NAME, captions.size(), plan.size());
  }

  /// What was answered.
  ///
  /// @param rows by caption and control
  /// @param unread how many answers were no edits that fit their caption, which then stayed as it
  ///   was
  public record Revised(List<RevisionRow> rows, int unread) {
    public Revised {
      rows = List.copyOf(rows);
    }

    /// Of two models.
    public Revised and(Revised other) {
      List<RevisionRow> all = new ArrayList<>(rows);
      all.addAll(other.rows);
      return new Revised(all, unread + other.unread);
    }
  }

  /// Asks a model about every caption, under each control, with the answers in a file, which a run
  /// that was killed goes on with.
  ///
  /// @param twin whether it is one that was trained on blank images: it is asked once
  /// @param pins what answers depend on besides the captions, such as the digest of the model
  /// @param group of ranks that share what is asked; the first one has the file
  /// @return empty when it was asked to stop; the same call goes on
  /// @throws IOException when a caption has no answer, or the file holds others
  public Optional<Revised> revised(
      Answerer answerer,
      boolean twin,
      Path file,
      SortedMap<String, String> pins,
      Asking.Listener listener,
      BooleanSupplier stop,
      Group group)
      throws IOException {
    var asking = new Asking(twin ? ofTwin : plan, answerer, listener, stop, group);
    return asking.inFile(file, pins).map(answers -> revised(answers, twin));
  }

  /// What a model says of the image of every caption that is not asked anything.
  ///
  /// @param mark stands for the image
  /// @param stop asked before each batch
  /// @param group of ranks that describe a batch each by turns
  /// @return the description of each caption's image; empty when it was asked to stop
  /// @throws IOException when an image has no description
  public Optional<SequencedMap<String, String>> described(
      Answerer answerer, String mark, BooleanSupplier stop, Group group) throws IOException {
    int size = ofTwin.settings().batch();
    List<PlannedAnswer> asked = ofTwin.answers();
    SequencedMap<String, String> described = new LinkedHashMap<>();
    for (int from = 0; from < asked.size(); from += size * group.size()) {
      if (group.any(stop.getAsBoolean())) {
        return Optional.empty();
      }
      int own = Math.min(asked.size(), from + size * group.rank());
      List<PlannedAnswer> batch = asked.subList(own, Math.min(asked.size(), own + size));
      int next = from;
      for (List<String> said : SharedTexts.exchange(group, described(answerer, mark, batch))) {
        for (String text : said) {
          described.put(asked.get(next++).row().id(), text);
        }
      }
    }
    return Optional.of(described);
  }

  private List<String> described(Answerer answerer, String mark, List<PlannedAnswer> asked)
      throws IOException {
    int most = ofTwin.settings().mostTokens();
    List<Answerer.Question> batch = new ArrayList<>();
    for (PlannedAnswer each : asked) {
      Answerer.Question own = each.question(most, true);
      batch.add(new Answerer.Question(own.id(), own.images(), mark, List.of(), most));
    }
    return batch.isEmpty()
        ? List.of()
        : answerer.answerAll(batch).stream().map(answer -> answer.text().strip()).toList();
  }

  private Revised revised(List<AnswerRow> answers, boolean twin) {
    List<RevisionRow> rows = new ArrayList<>();
    int unread = 0;
    for (AnswerRow answer : answers) {
      RevisionSource.Degraded degraded = Objects.requireNonNull(captions.get(answer.id()));
      Optional<String> revised =
          Corrections.revised(settings.answer(), degraded.corrupted(), answer.answer());
      unread += revised.isPresent() ? 0 : 1;
      rows.add(
          new RevisionRow(
              answer.id(),
              Optional.ofNullable(images.get(answer.id())),
              Operation.valueOf(degraded.operations().operation().toUpperCase(Locale.ROOT)),
              degraded.corrupted(),
              degraded.target(),
              revised.orElse(degraded.corrupted()),
              twin ? ShownImage.TWIN : shown(answer.control()),
              answer.draw()));
    }
    return new Revised(rows, unread);
  }

  private static ShownImage shown(Control control) {
    return switch (control) {
      case NONE -> ShownImage.NONE;
      case OTHER_IMAGE -> ShownImage.OTHER_IMAGE;
      case NO_IMAGE -> ShownImage.NO_IMAGE;
      case FREQUENT, TOLD ->
          throw new IllegalArgumentException(control.written() + ": is no control of revisions");
    };
  }

  /// Scores rows, wherever they come from.
  ///
  /// @param resamples of images for the intervals; 0 for none
  public static RevisionScores scores(List<RevisionRow> rows, RandomKey key, int resamples) {
    List<RevisionRow> own = rows.stream().filter(row -> row.control() == ShownImage.NONE).toList();
    return RevisionScores.of(rows, new AlwaysEdit(own).revised(key), key, resamples);
  }

  /// Scores rows with this evaluation's draws.
  public RevisionScores scores(List<RevisionRow> rows, int resamples) {
    return scores(rows, key, resamples);
  }
}
