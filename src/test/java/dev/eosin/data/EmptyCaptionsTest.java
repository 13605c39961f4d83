package dev.eosin.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.eosin.config.Binder;
import dev.eosin.config.ByteSize;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeFile;
import dev.eosin.data.batches.BadRow;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.opened.DataSets;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.data.shard.TarBytes;
import dev.eosin.data.webdataset.ShardPack;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomKey;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.CaptionText;
import dev.eosin.text.ClipTokenizer;
import dev.eosin.text.TextSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An empty caption is a bad row, whichever source it comes from: replaced in training, left out of
/// evaluations, listed, and a reason to stop above the limit.
class EmptyCaptionsTest {
  private static final ClipTokenizer TOKENIZER = ClipTokenizer.load();
  private static final RandomKey KEY = new RandomKey(3);

  /// Nothing is left of these after clean-up.
  private static final List<String> EMPTY =
      List.of("", "  \n", "\uFEFF", "\0", "&nbsp;", "\u3000", "&#65279;", "\u001b[0m");

  @TempDir Path folder;

  @BeforeEach
  void makeImages() throws IOException {
    for (int i = 0; i < 12; i++) {
      Files.write(folder.resolve(i + ".png"), png(i));
    }
  }

  private static String caption(int sample) {
    return sample < EMPTY.size() ? EMPTY.get(sample) : "\uFEFFCaption\uFEFF " + sample;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"csv", "json", "jsonl", "llava", "pathgen", "txt", "json member", "packed"})
  void everySourceHasTheSameRule(String kind) throws IOException {
    String source = source(kind);
    assertThatThrownBy(() -> batches(open(source, "1 %"), new ArrayList<>()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("bad-rows.limit")
        .hasMessageContaining("caption");

    DataSets data = open(source, "100 %");
    List<String> captions = new ArrayList<>();
    List<BadRow> bad = batches(data, captions);
    assertThat(captions)
        .hasSize(24)
        .containsOnly("Caption 8", "Caption 9", "Caption 10", "Caption 11");
    assertThat(bad).hasSizeGreaterThan(8);
    assertThat(bad).allMatch(row -> row.reason().contains("caption"));
    assertThat(Files.readAllLines(folder.resolve("bad-rows.jsonl"))).hasSize(bad.size());

    List<String> evaluated = new ArrayList<>();
    try (BatchLoader batches = data.evaluationBatches(DataSets.TRAIN, data.train(), 12)) {
      while (batches.hasNext()) {
        evaluated.addAll(batches.next().captions());
      }
    }
    assertThat(evaluated).containsExactly("Caption 8", "Caption 9", "Caption 10", "Caption 11");
  }

  @Test
  void packsLeaveThemOut() throws IOException {
    Source source = open(source("csv"), "100 %").train();
    ShardPack.Summary summary =
        ShardPack.write(source, ByteSize.parse("1MB"), folder.resolve("packs"));
    assertThat(summary.written()).isEqualTo(4);
    assertThat(summary.unreadable()).isEqualTo(8);
  }

  @Test
  void theLimitIsNamedWhenATableIsOpened() throws IOException {
    String source = source("csv");
    assertThatThrownBy(() -> open(source, "50 %"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(
            "data.train: 8 of 12 samples have an empty caption, for example 0.png (line 2), 1.png (line 3),")
        .hasMessageContaining("bad-rows.limit is 50 %");
    assertThat(open(source, "70 %").notes())
        .hasSize(1)
        .first()
        .asString()
        .contains("8 of 12 samples have an empty caption");
  }

  @Test
  void shardsAsUsersHaveThem() throws IOException {
    Path shard = FieldData.copy("blank-captions.tar", folder);
    String source = "{ type: webdataset, path: %s }".formatted(shard);
    DataSets data = open(source, "100 %");
    assertThat(data.train().size()).isEqualTo(12);
    List<String> captions = new ArrayList<>();
    List<BadRow> bad = batches(data, captions);
    assertThat(bad.stream().map(BadRow::key).distinct())
        .containsExactlyInAnyOrder(
            "blank-captions.tar/000001",
            "blank-captions.tar/000002",
            "blank-captions.tar/000003",
            "blank-captions.tar/000004");
    assertThat(captions).allMatch(text -> text.startsWith("colon adenocarcinoma"));
    assertThatThrownBy(() -> batches(open(source, "1 %"), new ArrayList<>()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("more than data.bad-rows.limit (1 %) allows")
        .hasMessageContaining("the caption is empty");
  }

  @Test
  void whatHasNoIdsIsEmptyWhateverIsPutAroundIt() {
    for (List<String> templates : List.of(List.<String>of(), List.of("An image: {caption}"))) {
      CaptionEncoder encoder =
          new CaptionEncoder(TOKENIZER, 16, TextSettings.OverLength.TRUNCATE, templates);
      for (int i = 0; i < 12; i++) {
        String caption = caption(i);
        assertThat(encoder.isEmpty(caption, encoder.evaluation(caption)))
            .as("caption %d", i)
            .isEqualTo(i < EMPTY.size());
        assertThat(CaptionText.isEmpty(caption)).isEqualTo(i < EMPTY.size());
      }
    }
  }

  @Test
  void textThatIsNotUtf8IsABadRowOfAShardAndRefusedInATable() throws IOException {
    TarBytes tar = new TarBytes();
    for (int i = 0; i < 4; i++) {
      byte[] text = "caf\u00e9 au lait %d".formatted(i).getBytes(StandardCharsets.UTF_8);
      byte[] latin = "caf\u00e9 au lait %d".formatted(i).getBytes(StandardCharsets.ISO_8859_1);
      tar.file(i + ".png", png(i)).file(i + ".txt", i == 1 ? latin : text);
    }
    Path shard = Files.write(folder.resolve("a.tar"), tar.bytes());
    Source source = open("{ type: webdataset, path: %s }".formatted(shard), "1 %").train();
    assertThat(source.get(0).texts()).containsExactly("caf\u00e9 au lait 0");
    assertThat(source.get(1).key()).isEqualTo("a.tar/1");
    assertThatThrownBy(() -> source.get(1).image().read())
        .isInstanceOf(DataException.class)
        .hasMessageContaining("a.tar: 1.txt: line 1, byte 3: 0xE9 is not UTF-8");
    Path table = FieldData.copy("latin1.csv", folder);
    for (String yaml :
        List.of(
            "{ type: csv, path: %s, columns: { image: image, caption: caption } }",
            "{ type: jsonl, path: %s, fields: { image: image, caption: caption } }",
            "{ type: llava-json, path: %s }")) {
      assertThatThrownBy(() -> open(yaml.formatted(table), "1 %"))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("latin1.csv: line 3, byte 108: 0xEF is not UTF-8")
          .hasMessageContaining("iconv -f WINDOWS-1252 -t UTF-8");
    }
  }

  private String source(String kind) throws IOException {
    List<String> lines = new ArrayList<>();
    TarBytes tar = new TarBytes();
    for (int i = 0; i < 12; i++) {
      String text = json(caption(i));
      lines.add(
          switch (kind) {
            case "csv", "packed" -> "%d.png,\"%s\"".formatted(i, caption(i));
            case "json", "jsonl" -> "{\"image\":\"%d.png\",\"caption\":%s}".formatted(i, text);
            case "llava" ->
                "{\"image\":\"%d.png\",\"conversations\":[{\"from\":\"gpt\",\"value\":%s}]}"
                    .formatted(i, text);
            case "pathgen" ->
                "{\"wsi_id\":\"s\",\"position\":[%d,0],\"caption\":%s}".formatted(i, text);
            default -> "";
          });
      Files.write(folder.resolve("s_%d_0.png".formatted(i)), png(i));
      tar.file(i + ".png", png(i));
      if (kind.equals("txt")) {
        tar.file(i + ".txt", caption(i));
      } else {
        tar.file(i + ".json", "{\"c\":%s}".formatted(text));
      }
    }
    Path file = folder.resolve("data");
    switch (kind) {
      case "csv", "packed" -> Files.writeString(file, "image,caption\n" + String.join("\n", lines));
      case "json" -> Files.writeString(file, "[" + String.join(",\n", lines) + "]");
      case "txt", "json member" -> Files.write(file, tar.bytes());
      default -> Files.writeString(file, String.join("\n", lines));
    }
    return switch (kind) {
      case "csv" ->
          "{ type: csv, path: %s, columns: { image: image, caption: caption } }".formatted(file);
      case "json", "jsonl" ->
          "{ type: %s, path: %s, fields: { image: image, caption: caption } }"
              .formatted(kind, file);
      case "llava" -> "{ type: llava-json, path: %s }".formatted(file);
      case "pathgen" -> "{ type: pathgen-json, path: %s, images: %s }".formatted(file, folder);
      case "txt" -> "{ type: webdataset, path: %s }".formatted(file);
      case "packed" -> packed(file);
      default -> "{ type: webdataset, path: %s, json: { captions: [c] } }".formatted(file);
    };
  }

  /// Shards whose captions another tool emptied after they were packed.
  private String packed(Path table) throws IOException {
    TarBytes tar = new TarBytes();
    for (int i = 0; i < 12; i++) {
      tar.file("%09d.png".formatted(i), png(i))
          .file(
              "%09d.json".formatted(i),
              "{\"key\":\"%d\",\"captions\":[{\"text\":%s,\"weight\":1.0}]}"
                  .formatted(i, json(caption(i))));
    }
    Files.write(table, tar.bytes());
    return "{ type: webdataset, path: %s, json: { captions: [captions] } }".formatted(table);
  }

  private static String json(String text) {
    return TextNode.valueOf(text).toString();
  }

  private List<BadRow> batches(DataSets data, List<String> captions) throws IOException {
    List<BadRow> bad = new ArrayList<>();
    Path list = folder.resolve("bad-rows.jsonl");
    Files.deleteIfExists(list);
    try (BatchLoader loader = data.trainingBatches(KEY, new BatchSettings(8), 0, list)) {
      for (int batch = 0; batch < 3; batch++) {
        Batch next = loader.next();
        captions.addAll(next.captions());
        bad.addAll(next.badRows());
      }
    }
    return bad;
  }

  private static DataSets open(String source, String limit) throws IOException {
    String yaml =
        """
        train: %s
        image: { size: 4 px }
        text: { length: 16 }
        bad-rows: { limit: %s }
        """
            .formatted(source, limit);
    DataSettings settings =
        Binder.bind(
            RecipeFile.parse(Path.of("data.yaml"), yaml, List.of(), Map.of()), DataSettings.class);
    return DataSets.open(settings, TOKENIZER);
  }

  private static byte[] png(int value) throws IOException {
    byte[] pixels = new byte[3 * 16];
    Arrays.fill(pixels, (byte) value);
    return Png.encode(new RgbImage(4, 4, pixels));
  }
}
