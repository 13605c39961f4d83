package dev.eosin.eval.asking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.random.RandomKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OtherPicturesTest {
  private static List<Picture> pictures(int distinct, int copies) {
    List<Picture> pictures = new ArrayList<>();
    for (int i = 0; i < distinct * copies; i++) {
      pictures.add(new Picture("file-" + i, "digest-" + i % distinct, List.of()));
    }
    return pictures;
  }

  @Test
  void everyDrawIsADerangementOfContentsAndNoTwoDrawsAgreeAnywhere() {
    for (int distinct = 1; distinct < 12; distinct++) {
      for (long seed = 0; seed < 20; seed++) {
        List<Picture> pictures = pictures(distinct, 3);
        OtherPictures others = OtherPictures.of(pictures, new RandomKey(seed), 5);
        assertThat(others.draws()).isEqualTo(Math.min(5, distinct - 1));
        for (Picture own : pictures) {
          Set<String> seen = new HashSet<>(Set.of(own.digest()));
          for (int draw = 0; draw < others.draws(); draw++) {
            assertThat(seen.add(others.of(own, draw).digest())).isTrue();
          }
        }
        for (int draw = 0; draw < others.draws(); draw++) {
          Set<String> shown = new HashSet<>();
          for (Picture own : pictures) {
            shown.add(others.of(own, draw).digest());
          }
          assertThat(shown).hasSize(distinct);
        }
      }
    }
  }

  @Test
  void aSeedAlwaysGivesTheSameAndMoreDrawsBeginWithFewer() {
    List<Picture> pictures = pictures(20, 1);
    OtherPictures five = OtherPictures.of(pictures, new RandomKey(3), 5);
    OtherPictures nine = OtherPictures.of(pictures, new RandomKey(3), 9);
    OtherPictures elsewhere = OtherPictures.of(pictures, new RandomKey(4), 5);
    List<String> same = new ArrayList<>();
    List<String> other = new ArrayList<>();
    for (Picture own : pictures) {
      for (int draw = 0; draw < 5; draw++) {
        same.add(five.of(own, draw).digest());
        other.add(elsewhere.of(own, draw).digest());
        assertThat(nine.of(own, draw)).isEqualTo(five.of(own, draw));
      }
    }
    assertThat(same).isNotEqualTo(other);
  }
}
