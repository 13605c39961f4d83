package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.random.RandomKey;
import dev.eosin.text.EncodedCaption.Fit;
import dev.eosin.text.TextSettings.OverLength;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CaptionEncoderTest {
  private static final ClipTokenizer TOKENIZER = ClipTokenizer.load();
  private static final RandomKey KEY = new RandomKey(7);
  private static final String FOUR =
      "Dense stroma is seen. Glands are fused. Nuclei are large. Mitoses are frequent.";

  @Test
  void captionsThatFitStayWhole() {
    for (OverLength rule : OverLength.values()) {
      EncodedCaption encoded = encoder(rule, 77).training(FOUR, KEY, 0, 3);
      assertThat(encoded.fit()).isEqualTo(Fit.WHOLE);
      assertThat(encoded.text()).isEqualTo(FOUR);
      assertThat(encoded.ids()).isEqualTo(TOKENIZER.encode(FOUR, 77));
    }
    int exact = TOKENIZER.untruncatedLength(FOUR);
    assertThat(encoder(OverLength.TRUNCATE, exact).training(FOUR, KEY, 0, 3).fit())
        .isEqualTo(Fit.WHOLE);
    assertThat(encoder(OverLength.TRUNCATE, exact - 1).training(FOUR, KEY, 0, 3).fit())
        .isEqualTo(Fit.TRUNCATED);
  }

  @Test
  void samplingLeavesOutWholeSentencesOthersEachTime() {
    CaptionEncoder encoder = encoder(OverLength.SENTENCE_SAMPLING, 14);
    List<String> sentences = Sentences.of(FOUR);
    Map<String, Integer> seen = new HashMap<>();
    for (long position = 0; position < 1_200; position++) {
      EncodedCaption encoded = encoder.training(FOUR, KEY, 0, position);
      List<String> kept = Sentences.of(encoded.text());
      List<String> inOrder = new ArrayList<>(sentences);
      inOrder.retainAll(kept);
      assertThat(kept).hasSize(2).isEqualTo(inOrder);
      assertThat(encoded.fit()).isEqualTo(Fit.SAMPLED);
      assertThat(encoded.ids()).isEqualTo(TOKENIZER.encode(encoded.text(), 77));
      assertThat(encoder.training(FOUR, KEY, 0, position).text()).isEqualTo(encoded.text());
      seen.merge(encoded.text(), 1, Integer::sum);
    }
    // Six pairs, 200 expected of each: chi-square with 5 degrees of freedom is above 20.5 once in
    // a thousand.
    assertThat(seen).hasSize(6);
    assertThat(seen.values().stream().mapToDouble(n -> (n - 200.0) * (n - 200) / 200).sum())
        .isLessThan(20.5);
  }

  @Test
  void oneSentenceThatIsTooLongIsCut() {
    CaptionEncoder encoder = encoder(OverLength.SENTENCE_SAMPLING, 5);
    Set<String> seen = new HashSet<>();
    for (long position = 0; position < 100; position++) {
      EncodedCaption encoded = encoder.training(FOUR, KEY, 0, position);
      assertThat(encoded.fit()).isEqualTo(Fit.TRUNCATED);
      assertThat(encoded.ids()).hasSize(5).endsWith(49_407);
      seen.add(encoded.text());
    }
    assertThat(seen).hasSameElementsAs(Sentences.of(FOUR));
  }

  @Test
  void evaluationSeesTheLeadingSentences() {
    EncodedCaption encoded = encoder(OverLength.SENTENCE_SAMPLING, 14).evaluation(FOUR);
    assertThat(encoded.text()).isEqualTo("Dense stroma is seen. Glands are fused.");
    assertThat(encoder(OverLength.TRUNCATE, 14).evaluation(FOUR).text()).isEqualTo(FOUR);
  }

  @Test
  void templatesAreDrawnByPositionAndCountTowardsTheLength() {
    List<String> templates = List.of("{caption}", "An H&E image: {caption}");
    var encoder = new CaptionEncoder(TOKENIZER, 20, OverLength.SENTENCE_SAMPLING, templates);
    int plain = 0;
    for (long position = 0; position < 400; position++) {
      EncodedCaption encoded = encoder.training(FOUR, KEY, 0, position);
      assertThat(encoded.fit()).isEqualTo(Fit.SAMPLED);
      assertThat(TOKENIZER.untruncatedLength(encoded.text())).isLessThanOrEqualTo(20);
      plain += encoded.text().startsWith("An H&E image: ") ? 0 : 1;
    }
    assertThat(plain).isBetween(150, 250);
    assertThat(encoder.evaluation("Fat.").text()).isEqualTo("Fat.");
    assertThat(encoder.evaluation("").text()).isEmpty();
  }

  /// PathGen's captions: 340 of 500 are too long for CLIP, and sampling spares all but a few.
  @Test
  void realCaptionsKeepTheirSentences() throws IOException {
    Map<Fit, Integer> truncating = new HashMap<>();
    Map<Fit, Integer> sampling = new HashMap<>();
    List<String> captions = SentencesTest.pathGenCaptions();
    for (int i = 0; i < captions.size(); i++) {
      Fit cut = encoder(OverLength.TRUNCATE, 77).training(captions.get(i), KEY, 0, i).fit();
      truncating.merge(cut, 1, Integer::sum);
      EncodedCaption sampled =
          encoder(OverLength.SENTENCE_SAMPLING, 77).training(captions.get(i), KEY, 0, i);
      sampling.merge(sampled.fit(), 1, Integer::sum);
      assertThat(sampled.ids().length).isLessThanOrEqualTo(77);
    }
    assertThat(truncating).isEqualTo(Map.of(Fit.TRUNCATED, 340, Fit.WHOLE, 160));
    assertThat(sampling).isEqualTo(Map.of(Fit.SAMPLED, 340, Fit.WHOLE, 160));
  }

  private static CaptionEncoder encoder(OverLength rule, int contextLength) {
    return new CaptionEncoder(TOKENIZER, contextLength, rule, List.of());
  }
}
