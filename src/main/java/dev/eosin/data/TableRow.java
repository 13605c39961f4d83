package dev.eosin.data;

import java.util.List;
import java.util.Optional;

/// What a row of a table says of one sample; blank texts are left out.
///
/// @param image the image's path as the row gives it, or what names it; blank where it has none
/// @param captions empty where the row has none
record TableRow(
    String image, List<Caption> captions, Optional<String> label, Optional<String> group) {
  TableRow {
    captions = List.copyOf(captions);
  }
}
