package dev.eosin.data.synthetic;

import java.util.List;

/// What pathologists call the drawn tissues and the findings in them.
final class Vocabulary {
  private Vocabulary() {}

  static List<String> synonyms(Tissue tissue) {
    return switch (tissue) {
      case NORMAL_MUCOSA -> List.of("benign colonic mucosa", "normal colonic crypts");
      case ADENOCARCINOMA -> List.of("moderately differentiated adenocarcinoma", "colon cancer");
      case SQUAMOUS_CARCINOMA -> List.of("keratinising squamous carcinoma", "squamous cancer");
      case STROMA -> List.of("collagenous stroma", "fibrous connective tissue");
      case SMOOTH_MUSCLE -> List.of("muscularis propria", "smooth muscle bundles");
      case ADIPOSE -> List.of("mature fat", "fatty tissue");
      case LYMPHOCYTES -> List.of("a lymphoid aggregate", "lymphoid tissue");
      case MUCUS -> List.of("extracellular mucin", "a mucin pool");
      case NECROSIS -> List.of("tumour necrosis", "necrosis with debris");
    };
  }

  static List<String> findings(Tissue tissue) {
    return switch (tissue) {
      case NORMAL_MUCOSA ->
          List.of(
              "round crypts with goblet cells",
              "regular glands with basal nuclei",
              "evenly spaced crypts in loose lamina propria");
      case ADENOCARCINOMA ->
          List.of(
              "irregular crowded glands",
              "pleomorphic hyperchromatic nuclei",
              "infiltrating glands with dirty luminal debris");
      case SQUAMOUS_CARCINOMA ->
          List.of(
              "keratin pearls",
              "nests of polygonal eosinophilic cells",
              "whorled keratin among atypical squamous cells");
      case STROMA ->
          List.of(
              "wavy collagen fibres",
              "spindle cells between pink fibres",
              "loosely woven collagen bundles");
      case SMOOTH_MUSCLE ->
          List.of(
              "parallel bundles with cigar-shaped nuclei",
              "long eosinophilic fascicles",
              "aligned muscle fibres");
      case ADIPOSE ->
          List.of(
              "large empty adipocytes",
              "clear vacuoles with thin rims",
              "fat cells with peripheral nuclei");
      case LYMPHOCYTES ->
          List.of(
              "sheets of small round dark nuclei",
              "small cells with scant cytoplasm",
              "densely packed lymphoid cells");
      case MUCUS ->
          List.of(
              "pale blue-grey lakes with strands",
              "floating cells in mucin",
              "wispy acellular material");
      case NECROSIS ->
          List.of(
              "granular pink debris with nuclear dust",
              "ghost outlines of dead cells",
              "karyorrhexis and smudged eosinophilic material");
    };
  }

  /// @param cellularity from 0 to 1
  static List<String> density(Tissue tissue, double cellularity) {
    String what =
        switch (tissue) {
          case NORMAL_MUCOSA -> "inflammatory cells in the lamina propria";
          case ADENOCARCINOMA -> "tumour glands";
          case SQUAMOUS_CARCINOMA -> "tumour cells";
          case STROMA -> "spindle nuclei";
          case SMOOTH_MUSCLE -> "muscle nuclei";
          case ADIPOSE -> "rim nuclei";
          case LYMPHOCYTES -> "small cells side by side";
          case MUCUS -> "floating cells";
          case NECROSIS -> "nuclear fragments";
        };
    if (cellularity < 1 / 3.0) {
      return List.of("few " + what, "sparse " + what);
    }
    return cellularity < 2 / 3.0
        ? List.of("some " + what, "a moderate number of " + what)
        : List.of("many " + what, "dense " + what);
  }
}
