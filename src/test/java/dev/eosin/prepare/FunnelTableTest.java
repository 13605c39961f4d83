package dev.eosin.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

/// Funnels of every kind look alike.
class FunnelTableTest {
  @Test
  void itSaysWhatIsLeftBehindEachReason() {
    SequencedMap<String, Long> left = new LinkedHashMap<>();
    left.put("<i>", 500_000L);
    left.put("failed", 0L);
    String table = FunnelTable.of(2_000_000, left).toString();
    assertThat(table)
        .contains("<th scope=\"row\">&lt;i&gt;</th>")
        .contains(">500,000</td><td class=\"number\">1,500,000</td>", "75.0 %")
        .contains("<table class=\"funnel\">");
    assertThat(FunnelTable.of(0, left).toString()).contains("<small>0.0 %</small>");
  }

  @Test
  void manyCountsStandBelowEachOtherOnNarrowScreens() {
    FunnelTable table = new FunnelTable("Step", List.of("In", "Out", "Left"), 10);
    assertThatThrownBy(() -> table.row("words", 8, List.of(10L, 2L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("2 counts for 3 columns");
    assertThat(table.row("words", 8, List.of(10L, 2L, 8L)).html().toString())
        .contains("<table class=\"steps\">", "<td class=\"share\"", "80.0 %");
  }
}
