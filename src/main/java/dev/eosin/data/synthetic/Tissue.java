package dev.eosin.data.synthetic;

/// What a tile shows; the order is the order of the classes.
enum Tissue {
  NORMAL_MUCOSA("normal-mucosa", "normal colon mucosa"),
  ADENOCARCINOMA("adenocarcinoma", "colorectal adenocarcinoma"),
  SQUAMOUS_CARCINOMA("squamous-carcinoma", "squamous cell carcinoma"),
  STROMA("stroma", "fibrous stroma"),
  SMOOTH_MUSCLE("smooth-muscle", "smooth muscle"),
  ADIPOSE("adipose", "adipose tissue"),
  LYMPHOCYTES("lymphocytes", "lymphocytes"),
  MUCUS("mucus", "mucus"),
  NECROSIS("necrosis", "necrotic debris");

  private final String label;
  private final String text;

  Tissue(String label, String text) {
    this.label = label;
    this.text = text;
  }

  /// The class in files and reports.
  String label() {
    return label;
  }

  /// The class in prompts.
  String text() {
    return text;
  }
}
