package dev.eosin.vllm;

import dev.eosin.config.DataException;
import dev.eosin.data.Batch;
import dev.eosin.data.MeasuredPreparation;
import dev.eosin.data.RowShape;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.SampleOrder;
import dev.eosin.data.TokenRow;
import dev.eosin.data.Tokens;
import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.TileGrid;
import dev.eosin.image.TileTransform;
import dev.eosin.language.chat.ChatEncoder;
import dev.eosin.language.chat.ChatRow;
import dev.eosin.language.chat.Message;
import dev.eosin.language.chat.Message.Role;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import dev.eosin.text.EncodedCaption.Fit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Conversations about images as rows. Where a sample does not say where its images stand, they
/// come before its first question, each on a line of its own.
///
/// @param transform makes an image into the tower's input
/// @param grid of the tiles that a connector sees besides, where it is one
/// @param encoder makes the ids; its `<image>` acts
/// @param slots where images stand among the ids
/// @param filler of shorter rows; no result depends on it
/// @param mostImages of a row
/// @param blank whether a grey image stands in the place of each
public record ConversationRows(
    TileTransform transform,
    Optional<TileGrid> grid,
    ChatEncoder encoder,
    ImageSlots slots,
    int filler,
    int mostImages,
    boolean blank)
    implements MeasuredPreparation {
  /// The name of the sequence that is learned.
  public static final String TEXT = "text";

  /// The name of the sequence that counts the tiles of each image.
  public static final String TILES = "tiles";

  /// Where an image stands in a text.
  public static final String MARK = "<image>";

  private static final byte GREY = 127;
  private static final RandomKey UNUSED = new RandomKey(0);

  /// @throws IllegalArgumentException when tiles are of another size than the tower's input
  public ConversationRows {
    int side = grid.map(TileGrid::tile).orElse(transform.width());
    if (side != transform.width() || side != transform.height() && grid.isPresent()) {
      throw new IllegalArgumentException(
          "tiles of %d px for a tower of %d x %d px"
              .formatted(side, transform.width(), transform.height()));
    }
  }

  @Override
  public RowShape shape() {
    int tiles = grid.map(ConversationRows::most).orElse(0);
    var text = new RowShape.Sequence(slots.length(), filler, true);
    Map<String, RowShape.Sequence> sequences =
        grid.isPresent()
            ? Map.of(TEXT, text, TILES, new RowShape.Sequence(Math.max(1, mostImages), 0, false))
            : Map.of(TEXT, text);
    return new RowShape(transform.height(), transform.width(), mostImages * (1 + tiles), sequences);
  }

  private static int most(TileGrid grid) {
    return grid.grids().stream().mapToInt(TileGrid.Grid::tiles).max().orElseThrow();
  }

  @Override
  public Prepared training(Sample sample, SampleOrder order, long position) throws IOException {
    long epoch = order.epoch(position);
    return prepared(sample, order.key().stream(Purpose.AUGMENTATION, epoch, position));
  }

  @Override
  public Prepared evaluation(Sample sample, long position) throws IOException {
    return prepared(sample, UNUSED.stream(Purpose.AUGMENTATION, 0, position));
  }

  @Override
  public int longest() {
    return slots.length();
  }

  @Override
  public Size size(Sample sample) throws IOException {
    requireAllowed(sample);
    int images = sample.images().size();
    int[] ids = ids(sample);
    if (ids.length <= slots.length()) {
      return new Size(ids.length, images > 0, Optional.empty());
    }
    ChatRow whole = expanded(sample, encoded(sample));
    return new Size(whole.ids().length, images > 0, slots.flaw(whole, images));
  }

  private void requireAllowed(Sample sample) throws DataException {
    if (sample.images().size() > mostImages) {
      throw new DataException(
          "%s: has %d images, at most %d are allowed"
              .formatted(sample.key(), sample.images().size(), mostImages));
    }
  }

  private ChatRow expanded(Sample sample, ChatRow row) throws DataException {
    try {
      return slots.expanded(row, sample.images().size());
    } catch (DataException e) {
      throw new DataException("%s: %s".formatted(sample.key(), e.getMessage()), e);
    }
  }

  private Prepared prepared(Sample sample, RandomStream random) throws IOException {
    requireAllowed(sample);
    ChatRow whole = encoded(sample);
    ChatRow row;
    try {
      Optional<ChatRow> fitted = slots.fitted(whole, sample.images().size());
      row = fitted.orElseThrow(() -> new DataException("is longer than allowed, and left out"));
    } catch (DataException e) {
      throw new DataException("%s: %s".formatted(sample.key(), e.getMessage()), e);
    }
    List<RgbImage> images = new ArrayList<>();
    List<Integer> counts = new ArrayList<>();
    for (Sample.ImageReader image : sample.images()) {
      see(image, random, images, counts);
    }
    TokenRow text = new TokenRow(row.ids(), Optional.of(row.supervised()));
    Map<String, TokenRow> tokens = Map.of(TEXT, text);
    if (grid.isPresent()) {
      int[] tiles = counts.stream().mapToInt(Integer::intValue).toArray();
      tokens = Map.of(TEXT, text, TILES, new TokenRow(tiles));
    }
    int added = sample.images().size() * (slots.tokens() - 1);
    boolean cut = row.ids().length < whole.ids().length + added;
    return new Prepared(images, tokens, row.text(), cut ? Fit.TRUNCATED : Fit.WHOLE);
  }

  /// The first rows of a batch as they read: an image as its mark and its number of tokens, what is
  /// asked for between `>>` and `<<`.
  ///
  /// @param most so many rows
  public List<String> read(Batch batch, int most) {
    Tokens tokens = batch.tokens(TEXT);
    List<String> read = new ArrayList<>();
    for (int row = 0; row < Math.min(most, batch.size()); row++) {
      var text = new StringBuilder();
      int from = row * tokens.width();
      int end = from + tokens.lengths()[row];
      for (int to; from < end; from = to) {
        to = from + 1;
        while (to < end && alike(tokens, from, to)) {
          to++;
        }
        text.append(part(tokens, from, to));
      }
      read.add(batch.rows().get(row).key() + ": " + text.toString().replace("\n", "\\n"));
    }
    return read;
  }

  private boolean alike(Tokens tokens, int one, int other) {
    return (tokens.ids()[one] == slots.id()) == (tokens.ids()[other] == slots.id())
        && tokens.supervised()[one] == tokens.supervised()[other];
  }

  private String part(Tokens tokens, int from, int to) {
    if (tokens.ids()[from] == slots.id()) {
      return "%s x %d".formatted(MARK, to - from);
    }
    String words = encoder.tokenizer().decode(Arrays.copyOfRange(tokens.ids(), from, to), false);
    return tokens.supervised()[from] ? ">>" + words + "<<" : words;
  }

  /// An image as the tower takes it, without anything drawn.
  RgbImage fitted(RgbImage image) {
    RgbImage shown = shown(image);
    return grid.isPresent()
        ? grid.get().squashed(shown)
        : transform.apply(shown, UNUSED.stream(Purpose.AUGMENTATION, 0, 0));
  }

  private RgbImage shown(RgbImage image) {
    if (!blank) {
      return image;
    }
    byte[] grey = new byte[image.pixels().length];
    Arrays.fill(grey, GREY);
    return new RgbImage(image.width(), image.height(), grey);
  }

  /// The tiles of an image; none without a grid.
  List<RgbImage> tiles(RgbImage image) {
    return grid.map(some -> some.tiles(shown(image))).orElse(List.of());
  }

  private void see(
      Sample.ImageReader image, RandomStream random, List<RgbImage> images, List<Integer> counts)
      throws IOException {
    if (grid.isEmpty()) {
      Raster read = image.read();
      images.add(transform.apply(blank ? shown(read.toRgb()) : read, random));
      return;
    }
    RgbImage rgb = shown(image.read().toRgb());
    List<RgbImage> tiles = grid.get().tiles(rgb);
    images.add(grid.get().squashed(rgb));
    images.addAll(tiles);
    counts.add(tiles.size());
  }

  /// Of the whole row, its images in their places.
  private int[] ids(Sample sample) throws DataException {
    int images = sample.images().size();
    try {
      return slots.expanded(encoder.ids(marked(messages(sample), images)), images);
    } catch (DataException e) {
      throw new DataException("%s: %s".formatted(sample.key(), e.getMessage()), e);
    }
  }

  private ChatRow encoded(Sample sample) throws DataException {
    try {
      return encoder.conversation(marked(messages(sample), sample.images().size()));
    } catch (DataException e) {
      throw new DataException("%s: %s".formatted(sample.key(), e.getMessage()), e);
    }
  }

  /// One empty answer among others is learned by its end alone.
  private static void requireWords(List<Message> messages) throws DataException {
    List<Message> answers =
        messages.stream().filter(message -> message.role() == Role.ASSISTANT).toList();
    if (!answers.isEmpty() && answers.stream().allMatch(one -> one.content().isBlank())) {
      throw new DataException(
          answers.size() == 1
              ? "the answer is empty"
              : "all %d answers are empty".formatted(answers.size()));
    }
  }

  private static List<Message> messages(Sample sample) throws DataException {
    List<Message> said =
        switch (sample.content()) {
          case SampleContent.Conversation conversation -> Message.of(conversation);
          case SampleContent.QuestionAnswer asked -> pair(asked.question(), asked.answer());
          case SampleContent.Captions captions -> {
            if (captions.captions().isEmpty()) {
              throw new DataException("there is no caption");
            }
            yield pair("", captions.captions().getFirst().text());
          }
          case SampleContent.Document _ ->
              throw new DataException(
                  "is text alone, where questions with answers, conversations or captions are expected");
        };
    requireWords(said);
    return said;
  }

  private static List<Message> pair(String question, String answer) {
    return List.of(new Message(Role.USER, question), new Message(Role.ASSISTANT, answer));
  }

  /// The messages with a mark for each image.
  public static List<Message> marked(List<Message> messages, int images) {
    boolean said = messages.stream().anyMatch(message -> message.content().contains(MARK));
    if (said || images == 0) {
      return messages;
    }
    List<Message> marked = new ArrayList<>(messages);
    for (int i = 0; i < marked.size(); i++) {
      Message message = marked.get(i);
      if (message.role() == Role.USER) {
        String content = message.content().isEmpty() ? "" : "\n" + message.content();
        String marks = String.join("\n", Collections.nCopies(images, MARK));
        marked.set(i, new Message(Role.USER, marks + content));
        return marked;
      }
    }
    return messages;
  }
}
