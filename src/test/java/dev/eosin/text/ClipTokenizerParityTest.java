package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The recorded captions of open_clip's SimpleTokenizer and transformers' CLIPTokenizer. The
/// fixtures are numbers of the peers; they must be met exactly.
@Tag("parity")
class ClipTokenizerParityTest {
  private static final ParityCase CASE = ParityCase.open("tokenizer-clip");
  private static JsonNode expected;
  private static ClipTokenizer tokenizer;
  private static HuggingFaceClipTokenizer huggingFace;

  @BeforeAll
  static void read() throws IOException {
    expected = new ObjectMapper().readTree(CASE.file("expected.json").toFile());
    tokenizer = ClipTokenizer.load();
    huggingFace = HuggingFaceClipTokenizer.open(CASE.file("tokenizer.json"));
  }

  @AfterAll
  static void close() {
    huggingFace.close();
  }

  @TestFactory
  Stream<DynamicTest> cleanedTextIsOpenClips() {
    return rows(
        "cleaned",
        (text, row) -> assertThat(tokenizer.cleaned(text)).isEqualTo(row.get("cleaned").asText()));
  }

  @TestFactory
  Stream<DynamicTest> idsAreOpenClips() {
    int length = expected.get("context_length").asInt();
    return rows(
        "open_clip",
        (text, row) ->
            assertThat(tokenizer.encode(text, length)).isEqualTo(ints(row.get("open_clip"))));
  }

  @TestFactory
  Stream<DynamicTest> untruncatedLengthIsOpenClips() {
    return rows(
        "open_clip_untruncated_length",
        (text, row) ->
            assertThat(tokenizer.untruncatedLength(text))
                .isEqualTo(row.get("open_clip_untruncated_length").asInt()));
  }

  @TestFactory
  Stream<DynamicTest> decodedTextIsOpenClips() {
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode row : expected.get("decode")) {
      int[] ids = unpadded(ints(row.get("ids")));
      tests.add(
          DynamicTest.dynamicTest(
              "decode " + tests.size(),
              () -> assertThat(tokenizer.decode(ids)).isEqualTo(row.get("text").asText())));
    }
    assertThat(tests).isNotEmpty();
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> idsAreHuggingFaces() {
    int length = expected.get("context_length").asInt();
    return rows(
        "hf",
        (text, row) -> assertThat(huggingFace.encode(text, length)).isEqualTo(ints(row.get("hf"))));
  }

  @Test
  void paddingIsThePeers() {
    assertThat(tokenizer.paddingId()).isEqualTo(expected.get("open_clip_pad").asInt());
    assertThat(huggingFace.paddingId()).isEqualTo(expected.get("hf_pad").asInt());
  }

  private static Stream<DynamicTest> rows(String field, BiConsumer<String, JsonNode> check) {
    JsonNode rows = expected.get("rows");
    assertThat(rows).isNotEmpty();
    return IntStream.range(0, rows.size())
        .mapToObj(
            i ->
                DynamicTest.dynamicTest(
                    "%s of row %d".formatted(field, i),
                    () -> check.accept(rows.get(i).get("text").asText(), rows.get(i))));
  }

  private static int[] unpadded(int[] ids) {
    return IntStream.of(ids).filter(id -> id != tokenizer.paddingId()).toArray();
  }

  static int[] ints(JsonNode node) {
    return IntStream.range(0, node.size()).map(i -> node.get(i).asInt()).toArray();
  }
}
