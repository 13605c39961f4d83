package dev.eosin.checkpoint;

import java.util.ArrayList;
import java.util.List;

/// Rules of a [Layout] while they are collected, in model order.
public final class NameTable {
  public static final List<String> AFFINE = List.of("weight", "bias");
  private final List<TensorRule> rules = new ArrayList<>();

  public List<TensorRule> rules() {
    return rules;
  }

  public void copy(String name, String foreign) {
    rules.add(new TensorRule.Copy(name, foreign));
  }

  public void copyAffine(String name, String foreign) {
    AFFINE.forEach(part -> copy(name + "." + part, foreign + "." + part));
  }

  public void scalar(String name, String foreign) {
    rules.add(new TensorRule.Scalar(name, foreign));
  }

  public void transpose(String name, String foreign) {
    rules.add(new TensorRule.Transpose(name, foreign));
  }

  public void repeat(String name, List<String> foreign) {
    rules.add(new TensorRule.Repeat(name, foreign));
  }

  public void stack(String name, String... foreign) {
    rules.add(new TensorRule.Stack(name, List.of(foreign)));
  }

  /// A stack of three, the middle one zero and not kept.
  public void stackAroundZeros(String name, String first, String last) {
    rules.add(new TensorRule.StackAroundZeros(name, first, last));
  }
}
