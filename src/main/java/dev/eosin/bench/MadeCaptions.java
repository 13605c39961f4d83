package dev.eosin.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// Rows such as a collection from social media has: tweets, answers to them, copies that differ in
/// a word or two, questions, other languages, web addresses. A row is a function of its number.
record MadeCaptions(RandomKey key) {
  private static final String WORDS =
      """
      atypical cells nests glands stroma fibrous necrosis lymphocytes tumour nuclei pleomorphic
      mitoses papillary tubular ducts squamous basaloid spindle epithelioid mucin keratin pearls
      vessels perineural invasion capsule follicular colloid hyperchromatic nucleoli cytoplasm clear
      eosinophilic granular vacuolated inflammation plasma neutrophils granuloma giant multinucleated
      fibrosis hyaline oedema myxoid cartilage bone adipose muscle epidermis dermis mucosa submucosa
      serosa colon stomach liver kidney lung breast thyroid prostate bladder uterus ovary pancreas
      spleen marrow node skin salivary tongue larynx oesophagus brain meninges retina carcinoma
      adenoma sarcoma melanoma lymphoma hamartoma polyp dysplasia metaplasia hyperplasia atrophy
      ulcer erosion abscess haemorrhage thrombus infarct amyloid calcification pigment melanin iron
      copper cholesterol clefts foam histiocytes eosinophils mast palisading whorled storiform
      trabecular cribriform solid cystic villous serrated flat sessile pedunculated infiltrating
      circumscribed encapsulated lobulated nodular diffuse patchy focal moderate marked mild severe
      high low grade power magnification field section biopsy resection specimen margin positive
      negative stain ring signet rosettes psammoma bodies inclusions grooves halo koilocytes
      """;
  private static final List<String> LINKS =
      List.of("with", "and", "in the", "of the", "within", "next to", "surrounded by", "showing");
  private static final List<String> FOREIGN =
      List.of(
          "Biopsia de %s con células atípicas y áreas de necrosis en un paciente de %d años",
          "Schnitt durch %s mit chronischer Entzündung und Nekrosen bei einem Patienten von %d Jahren",
          "Coupe histologique de %s montrant une inflammation chronique chez un patient de %d ans");

  /// Writes rows, one JSON object a line.
  void write(Path file, int rows) throws IOException {
    ObjectMapper json = new ObjectMapper();
    List<String> words = List.of(WORDS.strip().split("\\s+"));
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      for (int row = 0; row < rows; row++) {
        out.write(json.writeValueAsBytes(row(row, words)));
        out.write('\n');
      }
    }
  }

  private ObjectNode row(int row, List<String> words) {
    RandomStream random = key.stream(Purpose.SAMPLE_ORDER, 0, row);
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    boolean answer = row > 0 && random.nextDouble() < 0.2;
    fields.put("id", "row-" + row).put("image", "images/%07d.jpg".formatted(row));
    fields.put("caption", caption(row, words, random));
    fields.put("source", answer ? "reply" : "tweet");
    fields.put("sensitive", random.nextDouble() < 0.01);
    fields.put("parent", answer ? "row-" + random.nextInt(row) : "");
    fields.put("likes", random.nextInt(200)).put("patient", "P" + random.nextInt(1 + row / 3));
    return fields.put("split", random.nextDouble() < 0.9 ? "train" : "test");
  }

  private String caption(int row, List<String> words, RandomStream random) {
    double kind = random.nextDouble();
    if (kind < 0.03) {
      String word = words.get(random.nextInt(words.size()));
      return FOREIGN.get(random.nextInt(FOREIGN.size())).formatted(word, 20 + random.nextInt(70));
    }
    boolean copy = row > 0 && kind < 0.2;
    String caption =
        copy ? changed(own(random.nextInt(row), words), words, random) : own(row, words);
    String marks = kind > 0.7 ? " #pathology https://t.co/" + row : "";
    return (kind > 0.97 ? caption + " What is it?" : caption) + marks;
  }

  /// The caption of a row as if it were no copy: 8 to 60 words.
  private String own(int row, List<String> words) {
    RandomStream random = key.stream(Purpose.SAMPLE_ORDER, 1, row);
    int length = 8 + random.nextInt(53);
    StringBuilder caption = new StringBuilder();
    for (int i = 0; i < length; i++) {
      String word =
          i % 3 == 2
              ? LINKS.get(random.nextInt(LINKS.size()))
              : words.get(random.nextInt(words.size()));
      caption.append(
          i == 0 ? word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1) : " " + word);
    }
    return caption.append('.').toString();
  }

  /// None to three words are others.
  private static String changed(String caption, List<String> words, RandomStream random) {
    String[] parts = caption.split(" ", -1);
    for (int edits = random.nextInt(4); edits > 0; edits--) {
      parts[random.nextInt(parts.length)] = words.get(random.nextInt(words.size()));
    }
    return String.join(" ", parts);
  }
}
