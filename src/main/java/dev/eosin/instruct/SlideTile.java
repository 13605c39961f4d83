package dev.eosin.instruct;

/// A tile as its folders name it.
///
/// @param source where the slide is from; empty where there is one
/// @param label the class
/// @param slide the slide's folder from the root, with `/`
/// @param path from the root, with `/`
record SlideTile(String source, String label, String slide, String path) {
  /// The name of the slide's own folder.
  String slideName() {
    return slide.substring(slide.lastIndexOf('/') + 1);
  }

  /// Slides of one class of one source.
  String kind() {
    return source.isEmpty() ? label : source + "/" + label;
  }
}
