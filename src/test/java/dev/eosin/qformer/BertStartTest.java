package dev.eosin.qformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.ParameterSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A BERT made of a recorded Q-Former's own words, with an id less and the norms' old names.
class BertStartTest {
  private static final ParityCase CASE = ParityCase.open("blip2-stage1-drawn");

  private static Path bert(Path folder, int idsLess) throws IOException {
    return TinyStarts.bert(CASE, folder.resolve("bert.safetensors"), idsLess);
  }

  @Test
  void queriesBeginAsWordsAndNewIdsKeepTheirValues(@TempDir Path folder) throws IOException {
    try (RecordedAlignment each = RecordedAlignment.open(CASE, true, true);
        StoredTensors bert = StoredTensors.open(bert(folder, 1))) {
      var parameters = each.recorded().parameters();
      String up = "qformer.blocks.1.mlp.up.weight";
      String queryUp = "qformer.blocks.1.query-mlp.up.weight";
      String cross = "qformer.blocks.0.cross-attention.query.weight";
      String table = each.model().qformer().table();
      float[] words = parameters.get(up).data().toFloats();
      float[] crossing = parameters.get(cross).data().toFloats();
      float[] entries = parameters.get(table).data().toFloats();
      assertThat(parameters.get(queryUp).data().toFloats()).isNotEqualTo(words);
      List<String> all = parameters.trainable().stream().map(p -> p.name()).toList();
      for (String name : all) {
        parameters.fill(name, () -> 0.5);
      }
      List<String> kept = BertStart.apply(each.model(), bert, parameters);
      assertThat(parameters.get(up).data().toFloats()).isEqualTo(words);
      assertThat(parameters.get(queryUp).data().toFloats()).isEqualTo(words);
      assertThat(crossing).isNotEqualTo(parameters.get(cross).data().toFloats());
      assertThat(kept).contains(cross, "qformer.query-tokens", "alignment.temperature");
      assertThat(kept).doesNotContain(up, queryUp, table, "alignment.words.weight");
      for (String name : kept) {
        assertThat(parameters.get(name).data().toFloats()).as(name).containsOnly(0.5f);
      }
      float[] found = parameters.get(table).data().toFloats();
      int c = each.model().qformer().spec().width();
      int last = found.length - c;
      assertThat(Arrays.copyOf(found, last)).isEqualTo(Arrays.copyOf(entries, last));
      assertThat(Arrays.copyOfRange(found, last, found.length)).containsOnly(0.5f);
    }
  }

  @Test
  void aBertOfMoreIdsIsRefused(@TempDir Path folder) throws IOException {
    try (RecordedAlignment each = RecordedAlignment.open(CASE, true, true);
        StoredTensors bert = StoredTensors.open(bert(folder, 0))) {
      Alignment model = each.model();
      QFormerSpec spec = model.qformer().spec();
      var words = spec.words().orElseThrow();
      QFormer smaller =
          new QFormer(
              "qformer",
              new QFormerSpec(
                  spec.layers(),
                  spec.width(),
                  spec.heads(),
                  spec.mlpWidth(),
                  spec.imageWidth(),
                  spec.crossEvery(),
                  spec.queries(),
                  Optional.of(new QFormerSpec.Words(words.vocabulary() - 1, words.positions())),
                  spec.normEpsilon(),
                  spec.dropout()));
      Alignment other =
          new Alignment(
              model.norm(),
              smaller,
              new AlignmentHeads(smaller, "alignment", model.heads().embedSize()),
              3,
              0.1);
      List<ParameterSet.Spec> specs =
          other.parts().stream()
              .flatMap(part -> part.weights().stream())
              .map(weight -> weight.spec(true))
              .toList();
      try (var parameters = ParameterSet.allocate(RecordedQFormer.ENGINE, specs, DType.FLOAT32)) {
        assertThatThrownBy(() -> BertStart.apply(other, bert, parameters))
            .isInstanceOf(DataException.class)
            .hasMessageContaining("bert.embeddings.word_embeddings.weight is [")
            .hasMessageContaining("at most as many ids");
      }
    }
  }
}
