package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The recorded vocabularies of tokenizers' `BpeTrainer`, token by token.
@Tag("parity")
class BytePairTrainerParityTest {
  private static List<String> strings(JsonNode node) {
    return node.valueStream().map(JsonNode::asText).toList();
  }

  @Test
  void tokensAndMergesAreThePeers() throws IOException {
    ParityCase recorded = ParityCase.open("bpe-trainer");
    JsonNode expected = new ObjectMapper().readTree(recorded.file("expected.json").toFile());
    List<String> texts = strings(expected.get("texts"));
    assertThat(texts).isNotEmpty();
    assertThat(expected.get("trainings")).isNotEmpty();
    for (JsonNode training : expected.get("trainings")) {
      List<String> special = strings(training.get("special"));
      BytePairSettings settings =
          new BytePairSettings(
              training.get("vocab_size").asInt(),
              training.get("min_frequency").asLong(),
              special.get(0),
              special.get(1),
              special.get(2),
              special.subList(3, special.size()));
      BytePairVocabulary learned = BytePairTrainer.train(texts, settings);
      assertThat(learned.tokens()).isEqualTo(strings(training.get("tokens")));
      List<List<String>> merges =
          learned.merges().stream().map(merge -> List.of(merge.left(), merge.right())).toList();
      assertThat(merges)
          .isEqualTo(training.get("merges").valueStream().map(m -> strings(m)).toList());
    }
  }
}
