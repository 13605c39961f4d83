package dev.eosin.curate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.curate.rules.WordRule;
import dev.eosin.curate.steps.CurationStep.Clean;
import dev.eosin.curate.steps.CurationStep.Hashtags;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptionMarksTest {
  private static final Clean ALL = new Clean(true, true, Hashtags.WORD, true, true);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Tumour nests. https://t.co/a1B2 | Tumour nests.
          See www.site.org/x for more, pic.twitter.com/Zz | See for more,
          #dermpath case by @some_one : CD20 # 3 | dermpath case by: CD20 # 3
          Grade #2 of a@b.org, H&E#stain | Grade #2 of a@b.org, H&E#stain
          Mitoses 🔬👩🏽‍⚕️ 5 → 7, © ® ✔️ end 🇩🇪 | Mitoses 5 → 7, © ® end
          Lactic&nbsp;acid &amp; &lt;5 mm | Lactic acid & <5 mm
          """)
  void marksGoAndWordsStay(String caption, String expected) {
    assertThat(CaptionMarks.cleaned(caption, ALL)).isEqualTo(expected);
  }

  @Test
  void eachMarkIsLeftWhereItIsNotAskedFor() {
    String caption = "Nests #derm @one 🔬 https://x.org";
    assertThat(CaptionMarks.cleaned(caption, new Clean(true, false, Hashtags.KEEP, false, false)))
        .isEqualTo(caption);
    assertThat(CaptionMarks.cleaned(caption, new Clean(true, true, Hashtags.REMOVE, true, true)))
        .isEqualTo("Nests");
  }

  @Test
  void wordsAndTheirBeginningsAreFound() {
    WordRule rule = WordRule.of(List.of("carcinom*", "CD20"));
    assertThat(rule.find("A Carcinomatous growth")).contains("carcinomatous");
    assertThat(rule.find("cd20 positive")).contains("cd20");
    assertThat(rule.find("CD200 and adenocarcinoma")).isEmpty();
  }
}
