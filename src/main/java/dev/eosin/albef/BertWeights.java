package dev.eosin.albef;

import dev.eosin.checkpoint.NameTable;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.config.DataException;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// A BERT's weights for a [TextEncoder]: layers and words; ids that BERT lacks keep their first
/// values, and so does what looks at images.
///
/// @param encoder that begins so
/// @param file of a BERT, with its heads or without
record BertWeights(TextEncoder encoder, StoredTensors file) {
  private static final String TABLE = "embeddings.word_embeddings.weight";

  /// Writes them into weights that have their first values.
  ///
  /// @return how many weights keep those
  /// @throws DataException naming the file and what it lacks or has in another size
  int apply(ParameterSet parameters) throws DataException {
    NameTable table = new NameTable();
    AlbefNames.text(table, encoder, file.names().contains("bert." + TABLE) ? "bert." : "");
    int kept = 0;
    for (TensorRule rule : table.rules()) {
      if (rule.foreignNames().stream().anyMatch(name -> name.contains(".crossattention."))) {
        kept++;
      } else {
        assign(rule, parameters);
      }
    }
    return kept;
  }

  private void assign(TensorRule rule, ParameterSet parameters) throws DataException {
    float[] values = parameters.get(rule.name()).master().toFloats();
    List<String> names = new ArrayList<>();
    rule.foreignNames().forEach(name -> names.add(named(name)));
    int part = values.length / names.size();
    for (int i = 0; i < names.size(); i++) {
      if (!file.names().contains(names.get(i))) {
        throw new DataException(
            "%s: lacks %s; a BERT of %d layers is needed"
                .formatted(file.path(), names.get(i), encoder.spec().layers()));
      }
      float[] theirs = file.floats(names.get(i));
      boolean byId = rule.name().equals(encoder.table());
      if (byId ? theirs.length > part : theirs.length != part) {
        throw new DataException(
            "%s: %s is %s, but %s has %d numbers; a BERT of the encoder's size is needed"
                .formatted(
                    file.path(),
                    names.get(i),
                    file.header(names.get(i)).shape(),
                    rule.name(),
                    part));
      }
      System.arraycopy(theirs, 0, values, i * part, theirs.length);
    }
    try (Tensor tensor =
        parameters.engine().of(values, parameters.get(rule.name()).data().shape())) {
      parameters.assign(rule.name(), tensor);
    }
  }

  /// BERT's first files call gain and bias of norms gamma and beta.
  private String named(String name) {
    String old = name.replace("LayerNorm.weight", "LayerNorm.gamma");
    old = old.replace("LayerNorm.bias", "LayerNorm.beta");
    return file.names().contains(old) ? old : name;
  }
}
