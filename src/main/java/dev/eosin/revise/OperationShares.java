package dev.eosin.revise;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// What is done to captions, by relative weights.
@Doc("How often each operation is chosen for a caption that is degraded, relative to the others.")
public record OperationShares(
    @Doc("A term becomes another of its class.") @OrElse("1") @Range(min = 0) double modification,
    @Doc("A statement of another caption is put in; the same weight as deletion.")
        @OrElse("1")
        @Range(min = 0)
        double addition,
    @Doc("A statement is left out.") @OrElse("1") @Range(min = 0) double deletion,
    @Doc("Two or three of these at once.") @OrElse("1") @Range(min = 0) double several) {
  /// @throws IllegalArgumentException where nothing is done, or captions would grow or shrink
  public OperationShares {
    if (addition != deletion) {
      throw new IllegalArgumentException(
          "addition: is %s and deletion %s; where they differ, the number of words tells what was degraded"
              .formatted(addition, deletion));
    }
    if (modification + addition + several == 0) {
      throw new IllegalArgumentException("modification: all weights are 0");
    }
  }

  /// Whether statements are added and left out at all.
  boolean haveStatements() {
    return addition > 0;
  }

  /// Terms that a caption needs.
  int leastTerms() {
    if (several > 0) {
      return 2;
    }
    return modification > 0 ? 1 : 0;
  }

  double all() {
    return modification + addition + deletion + several;
  }
}
