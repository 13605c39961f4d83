package dev.eosin.data.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SourceSettingsTest {
  private static final Path PATH = Path.of("labels.csv");
  private static final CsvColumns IMAGE_ONLY =
      new CsvColumns("filepath", Optional.empty(), List.of(), Optional.empty(), Optional.empty());
  private static final CsvColumns WITH_CAPTION =
      new CsvColumns(
          "filepath", Optional.of("caption"), List.of(), Optional.of("label"), Optional.empty());

  @Test
  void aTemplateNeedsAHole() {
    assertThatThrownBy(
            () -> new FolderSettings(PATH, Map.of(), List.of("An image."), List.of("png")))
        .hasMessage("templates: 'An image.' has no {} where the class text belongs");
  }

  @Test
  void aClassNeedsAText() {
    assertThatThrownBy(
            () -> new FolderSettings(PATH, Map.of("ADI", " "), List.of(), List.of("png")))
        .hasMessage("class-names: 'ADI' has no text");
  }

  @Test
  void classesKeepTheOrderOfTheRecipe() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("TUM", "tumour");
    names.put("ADI", "fat");
    names.put("MUC", "mucus");
    FolderSettings settings = new FolderSettings(PATH, names, List.of(), List.of("PNG"));
    assertThat(settings.classNames().keySet()).containsExactly("TUM", "ADI", "MUC");
    assertThat(settings.extensions()).containsExactly("png");
  }

  @Test
  void aSeparatorIsOneCharacter() {
    for (String separator : List.of("", ",,", "\"", "\n", "é")) {
      assertThatThrownBy(() -> csv(separator, IMAGE_ONLY, List.of()))
          .hasMessageContaining("is not one ASCII character");
    }
    assertThat(csv("\t", IMAGE_ONLY, List.of()).separator()).isEqualTo("\t");
  }

  @Test
  void captionsComeFromOnePlace() {
    assertThatThrownBy(() -> csv(",", WITH_CAPTION, List.of("An image of {}.")))
        .hasMessageContaining("captions come from columns.caption already");
  }

  @Test
  void templatesNeedLabels() {
    assertThatThrownBy(() -> csv(",", IMAGE_ONLY, List.of("An image of {}.")))
        .hasMessageContaining("'label' is missing");
  }

  private static CsvSettings csv(String separator, CsvColumns columns, List<String> templates) {
    return new CsvSettings(
        PATH, separator, Optional.empty(), columns, Map.of(), Map.of(), templates);
  }
}
