package dev.eosin.vllm;

import dev.eosin.config.DataException;
import dev.eosin.data.order.OverLength;
import dev.eosin.language.chat.ChatRow;
import java.util.Arrays;
import java.util.Optional;

/// The places of images in rows of ids: a mark becomes as many ids as an image has tokens, none of
/// which is asked for; then rows that are too long are dealt with. Images are never cut.
///
/// Source: LLaVA's `prepare_inputs_labels_for_multimodal` (`llava_arch.py`), which truncates after
/// the images are in, too.
///
/// @param id of the mark `<image>`
/// @param tokens of an image
/// @param length most ids of a row
/// @param overLength what becomes of longer ones
public record ImageSlots(int id, int tokens, int length, OverLength overLength) {
  /// A row with its images, as long as it may be; empty where it is dropped.
  ///
  /// @param images that the row has
  /// @throws DataException when marks and images differ in number, an image would be cut, nothing
  ///   that is asked for is left, or the row is refused
  public Optional<ChatRow> fitted(ChatRow row, int images) throws DataException {
    return limited(expanded(row, images), images);
  }

  /// A row that has its images, as [#fitted].
  ///
  /// @throws DataException as there
  Optional<ChatRow> limited(ChatRow whole, int images) throws DataException {
    if (whole.ids().length <= length) {
      return Optional.of(whole);
    }
    return switch (overLength) {
      case DROP -> Optional.empty();
      case REFUSE ->
          throw new DataException(
              "has %d ids with its %d images, %d are allowed; allow more, or let over-length cut or drop"
                  .formatted(whole.ids().length, images, length));
      case CUT -> Optional.of(cut(whole, images));
    };
  }

  /// Whatever its length.
  ///
  /// @throws DataException when marks and images differ in number
  public ChatRow expanded(ChatRow row, int images) throws DataException {
    int marks = (int) Arrays.stream(row.ids()).filter(one -> one == id).count();
    if (marks != images) {
      throw new DataException(
          "%d image marks for %d images; each image has one <image> in the text"
              .formatted(marks, images));
    }
    int[] ids = new int[row.ids().length + marks * (tokens - 1)];
    boolean[] supervised = new boolean[ids.length];
    int to = 0;
    for (int i = 0; i < row.ids().length; i++) {
      int copies = row.ids()[i] == id ? tokens : 1;
      Arrays.fill(ids, to, to + copies, row.ids()[i]);
      supervised[to] = row.supervised()[i] && row.ids()[i] != id;
      to += copies;
    }
    return new ChatRow(row.text(), ids, supervised);
  }

  /// The ids of a prompt with its images.
  ///
  /// @throws DataException when marks and images differ in number
  public int[] expanded(int[] prompt, int images) throws DataException {
    return expanded(new ChatRow("", prompt, new boolean[prompt.length]), images).ids();
  }

  private ChatRow cut(ChatRow whole, int images) throws DataException {
    Optional<String> flaw = flaw(whole, images);
    if (flaw.isPresent()) {
      throw new DataException(flaw.get());
    }
    return first(whole);
  }

  private ChatRow first(ChatRow whole) {
    int kept = Math.min(length, whole.ids().length);
    return new ChatRow(
        whole.text(), Arrays.copyOf(whole.ids(), kept), Arrays.copyOf(whole.supervised(), kept));
  }

  /// Why nothing can be learned of the first ids of a row; empty where something can.
  ///
  /// @param whole with its images in their places
  public Optional<String> flaw(ChatRow whole, int images) {
    for (int i = length; i < whole.ids().length; i++) {
      if (whole.ids()[i] == id) {
        return Optional.of(
            "an image would be cut: the row has %d ids with its %d images, of which %d are allowed; allow more"
                .formatted(whole.ids().length, images, length));
      }
    }
    ChatRow first = first(whole);
    return first.asked() > 0
        ? Optional.empty()
        : Optional.of(
            "none of its first %d ids (of %d) is asked for: what precedes the answer fills the row alone; allow more"
                .formatted(first.ids().length, whole.ids().length));
  }
}
