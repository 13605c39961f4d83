package dev.eosin.checkpoint;

import java.util.ArrayList;
import java.util.List;

/// Rules of a [Layout] while they are collected, in model order.
final class NameTable {
  static final List<String> AFFINE = List.of("weight", "bias");
  private final List<TensorRule> rules = new ArrayList<>();

  List<TensorRule> rules() {
    return rules;
  }

  void copy(String name, String foreign) {
    rules.add(new TensorRule.Copy(name, foreign));
  }

  void copyAffine(String name, String foreign) {
    AFFINE.forEach(part -> copy(name + "." + part, foreign + "." + part));
  }

  void scalar(String name, String foreign) {
    rules.add(new TensorRule.Scalar(name, foreign));
  }

  void transpose(String name, String foreign) {
    rules.add(new TensorRule.Transpose(name, foreign));
  }

  void repeat(String name, List<String> foreign) {
    rules.add(new TensorRule.Repeat(name, foreign));
  }

  void stack(String name, String... foreign) {
    rules.add(new TensorRule.Stack(name, List.of(foreign)));
  }
}
