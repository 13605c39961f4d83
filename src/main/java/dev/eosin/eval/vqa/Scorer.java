package dev.eosin.eval.vqa;

import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.eval.answers.AnswerRow;
import dev.eosin.eval.answers.Control;
import java.util.List;
import java.util.Optional;

/// A rule that judges answers. Its name ends in its version: a rule that changes in what it says
/// gets another, so that figures of one name can be compared.
///
/// A figure is a function of sums over questions, so that intervals come from drawing pictures with
/// their sums again.
public interface Scorer {
  /// Such as `open/1`.
  String name();

  /// Whether it has something to say of answers of a type.
  boolean judges(Kind type);

  /// The figures by their names in logs, such as `open_recall`.
  List<String> metrics();

  /// How many sums it needs.
  int width();

  /// Adds what one question is worth.
  ///
  /// @param rotations its rows under each rotation that was asked; one row where there are no
  ///   options
  /// @param sums `[width]`
  void add(List<AnswerRow> rotations, double[] sums);

  /// A figure.
  ///
  /// @param metric its place among [#metrics]
  /// @param sums `[width]` over questions
  /// @return not a number where no question counts
  double value(int metric, double[] sums);

  /// Why an answer could not be read, and therefore counts as wrong; empty where it could.
  Optional<String> unread(AnswerRow row);

  /// What the gold of a row that it judges should have been, where it cannot be judged by; empty
  /// where it can.
  default Optional<String> goldFlaw(AnswerRow row) {
    return Optional.empty();
  }

  /// What answers of each class were read as, for rules that classify.
  ///
  /// @param rows under the control, of types that it judges
  default Optional<Confusion> confusion(Control control, List<AnswerRow> rows) {
    return Optional.empty();
  }
}
