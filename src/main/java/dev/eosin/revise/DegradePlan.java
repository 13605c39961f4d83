package dev.eosin.revise;

import dev.eosin.random.RandomStream;
import dev.eosin.revise.CaptionEdit.Operation;
import java.util.ArrayList;
import java.util.List;

/// Which operations a caption gets, before it is known on which words. Where statements are there
/// once or not at all, they are left out where there is one and added where there is none, so that
/// as many captions have one afterwards as before.
///
/// @param operations none where the caption is left as it is
record DegradePlan(List<Operation> operations) {
  private static final DegradePlan NONE = new DegradePlan(List.of());

  DegradePlan {
    operations = List.copyOf(operations);
  }

  /// @param clean the share of captions that are left as they are
  static DegradePlan draw(
      ReadCaption read,
      double clean,
      OperationShares shares,
      Lexicon.Statements rules,
      RandomStream random) {
    if (random.nextDouble() < clean) {
      return NONE;
    }
    double drawn = random.nextDouble() * shares.all();
    if (drawn < shares.modification()) {
      return new DegradePlan(List.of(Operation.MODIFY));
    }
    if (drawn < shares.all() - shares.several()) {
      return new DegradePlan(List.of(ofStatements(read, rules, random)));
    }
    int count = 2 + random.nextInt(2);
    List<Operation> several = new ArrayList<>();
    if (shares.haveStatements() && random.nextBoolean()) {
      several.add(ofStatements(read, rules, random));
    }
    while (several.size() < count) {
      several.add(Operation.MODIFY);
    }
    return new DegradePlan(several);
  }

  private static Operation ofStatements(
      ReadCaption read, Lexicon.Statements rules, RandomStream random) {
    boolean leavesOut = rules.areOnce() ? !read.removable(rules).isEmpty() : random.nextBoolean();
    return leavesOut ? Operation.DELETE : Operation.ADD;
  }
}
