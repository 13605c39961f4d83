package dev.eosin.data;

/// The sizes of a batch's buffers.
///
/// @param size rows
/// @param contextLength ids in a row
/// @param paddingId what short rows of ids are filled with
record BatchShape(int size, int height, int width, int contextLength, int paddingId) {
  BatchShape(int size, Preparation preparation) {
    this(
        size,
        preparation.transform().height(),
        preparation.transform().width(),
        preparation.captions().contextLength(),
        preparation.captions().tokenizer().paddingId());
  }

  int imageBytes() {
    return 3 * height * width;
  }
}
