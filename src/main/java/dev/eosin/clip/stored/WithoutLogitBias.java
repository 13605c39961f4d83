package dev.eosin.clip.stored;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.clip.Clip;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.model.DerivedTensors;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/// The weights of a SigLIP model as those of one without a logit bias. A cross entropy over logits
/// is the same with any bias added to all of them, so nothing is lost for a contrastive loss.
///
/// @param file under its own names
/// @param bias that file's name of the logit bias
record WithoutLogitBias(StoredTensors file, String bias) implements DerivedTensors {
  /// The file itself, or without a bias that the architecture has no use for; then a note is added.
  static StoredTensors where(
      ClipSpec wanted, Layout layout, StoredTensors file, List<String> notes) {
    if (wanted.logitBias()) {
      return file;
    }
    for (TensorRule rule : layout.rules()) {
      String foreign = rule.foreignNames().getFirst();
      if (rule.name().equals(Clip.LOGIT_BIAS) && file.names().contains(foreign)) {
        notes.add("the weights' logit bias was left out: this model has none");
        return new WithoutLogitBias(file, foreign);
      }
    }
    return file;
  }

  @Override
  public SortedSet<String> names() {
    var names = new TreeSet<>(file.names());
    names.remove(bias);
    return Collections.unmodifiableSortedSet(names);
  }
}
