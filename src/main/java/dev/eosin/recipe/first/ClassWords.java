package dev.eosin.recipe.first;

import dev.eosin.config.DataException;
import dev.eosin.data.tables.LabelTexts;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What the labels of a first recipe show, in words: labels such as `ADI` or `01_TUMOR` tell a text
/// tower nothing.
///
/// @param texts by label; empty where the labels are words already
/// @param reason where they come from, one line; empty where the labels are words already
/// @param asks whether they are only proposals that somebody has to mend
record ClassWords(Map<String, String> texts, Optional<String> reason, boolean asks) {
  /// A data set that many have.
  private record Known(String name, Map<String, String> texts) {}

  private static final List<Known> KNOWN =
      List.of(
          new Known(
              "NCT-CRC-HE (Kather et al. 2018)",
              Map.of(
                  "ADI", "adipose tissue",
                  "BACK", "background",
                  "DEB", "debris",
                  "LYM", "lymphocytes",
                  "MUC", "mucus",
                  "MUS", "smooth muscle",
                  "NORM", "normal colon mucosa",
                  "STR", "cancer-associated stroma",
                  "TUM", "colorectal adenocarcinoma epithelium")),
          new Known(
              "colorectal histology textures (Kather et al. 2016)",
              Map.of(
                  "01_TUMOR", "tumour epithelium",
                  "02_STROMA", "simple stroma",
                  "03_COMPLEX", "complex stroma",
                  "04_LYMPHO", "immune cells",
                  "05_DEBRIS", "debris",
                  "06_MUCOSA", "normal mucosal glands",
                  "07_ADIPOSE", "adipose tissue",
                  "08_EMPTY", "background")),
          new Known(
              "LC25000 (Borkowski et al. 2019)",
              Map.of(
                  "colon_aca", "colon adenocarcinoma",
                  "colon_n", "benign colonic tissue",
                  "lung_aca", "lung adenocarcinoma",
                  "lung_n", "benign lung tissue",
                  "lung_scc", "lung squamous cell carcinoma")));

  /// Words have small letters, and neither digits nor underscores.
  private static final Pattern CODE = Pattern.compile(".*[0-9_].*|[^\\p{Ll}]*|.");

  private static final Pattern NUMBERING = Pattern.compile("^[0-9]+[_. -]+(?=.)");

  ClassWords {
    texts = Collections.unmodifiableMap(new LinkedHashMap<>(texts));
  }

  /// @param folder in which a table may say what labels show
  /// @param labels in the order of the classes
  /// @throws DataException when the folder cannot be listed
  static ClassWords of(Path folder, Set<String> labels) throws DataException {
    if (labels.stream().noneMatch(label -> CODE.matcher(label).matches())) {
      return new ClassWords(Map.of(), Optional.empty(), false);
    }
    Optional<LabelTexts> table = LabelTexts.in(folder, labels);
    if (table.isPresent()) {
      return found(labels, table.get().texts(), "label_text of " + table.get().table());
    }
    for (Known known : KNOWN) {
      if (known.texts().keySet().containsAll(labels)) {
        return found(labels, known.texts(), "the labels are those of " + known.name());
      }
    }
    Map<String, String> proposed = new LinkedHashMap<>();
    labels.forEach(label -> proposed.put(label, proposal(label)));
    return new ClassWords(
        proposed,
        Optional.of("class-names: the labels read like codes; write what each one shows, in words"),
        true);
  }

  private static ClassWords found(Set<String> labels, Map<String, String> all, String source) {
    Map<String, String> texts = new LinkedHashMap<>();
    labels.forEach(label -> texts.put(label, all.getOrDefault(label, label)));
    return new ClassWords(texts, Optional.of("class-names: " + source), false);
  }

  private static String proposal(String label) {
    String words = NUMBERING.matcher(label).replaceFirst("").replace('_', ' ').strip();
    String text = words.isBlank() ? label : words;
    return text.contains(" ") || text.length() > 4 ? text.toLowerCase(Locale.ROOT) : text;
  }
}
