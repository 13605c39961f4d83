package dev.eosin.vllm;

import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.Tokens;
import dev.eosin.data.order.MeasuredPreparation;
import dev.eosin.data.order.RowShape;
import dev.eosin.data.order.SampleOrder;
import dev.eosin.data.order.TokenRow;
import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.TileGrid;
import dev.eosin.image.transforms.TileTransform;
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
import java.util.HashMap;
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
/// @param turns what a question is read with
public record ConversationRows(
    TileTransform transform,
    Optional<TileGrid> grid,
    ChatEncoder encoder,
    ImageSlots slots,
    int filler,
    int mostImages,
    boolean blank,
    Turns turns)
    implements MeasuredPreparation {
  /// The name of the sequence that is learned.
  public static final String TEXT = "text";

  /// The name of the sequence that counts the tiles of each image.
  public static final String TILES = "tiles";

  /// The name of the sequence that says how long the texts of a row are, where turns are apart:
  /// what all of them begin with, then each.
  public static final String TURNS = "turns";

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
    Map<String, RowShape.Sequence> sequences = new HashMap<>();
    sequences.put(TEXT, new RowShape.Sequence(slots.length(), filler, true));
    if (grid.isPresent()) {
      sequences.put(TILES, new RowShape.Sequence(Math.max(1, mostImages), 0, false));
    }
    if (turns == Turns.APART) {
      sequences.put(TURNS, new RowShape.Sequence(slots.length() + 1, 0, false));
    }
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
    if (turns == Turns.TOGETHER) {
      int[] ids = ids(sample);
      if (ids.length <= slots.length()) {
        return new Size(ids.length, images > 0, Optional.empty());
      }
    }
    ChatRow whole = laid(sample).row();
    if (whole.ids().length <= slots.length()) {
      return new Size(whole.ids().length, images > 0, Optional.empty());
    }
    return new Size(whole.ids().length, images > 0, slots.flaw(whole, images));
  }

  private void requireAllowed(Sample sample) throws DataException {
    if (sample.images().size() > mostImages) {
      throw new DataException(
          "%s: has %d images, at most %d are allowed"
              .formatted(sample.key(), sample.images().size(), mostImages));
    }
  }

  private Prepared prepared(Sample sample, RandomStream random) throws IOException {
    requireAllowed(sample);
    ApartTurns whole = laid(sample);
    ChatRow row;
    try {
      Optional<ChatRow> fitted = slots.limited(whole.row(), sample.images().size());
      row = fitted.orElseThrow(() -> new DataException("is longer than allowed, and left out"));
    } catch (DataException e) {
      throw new DataException("%s: %s".formatted(sample.key(), e.getMessage()), e);
    }
    List<RgbImage> images = new ArrayList<>();
    List<Integer> counts = new ArrayList<>();
    for (Sample.ImageReader image : sample.images()) {
      see(image, random, images, counts);
    }
    Map<String, TokenRow> tokens = new HashMap<>();
    tokens.put(TEXT, new TokenRow(row.ids(), Optional.of(row.supervised())));
    if (grid.isPresent()) {
      int[] tiles = counts.stream().mapToInt(Integer::intValue).toArray();
      tokens.put(TILES, new TokenRow(tiles));
    }
    if (turns == Turns.APART) {
      tokens.put(TURNS, new TokenRow(whole.parts(row.ids().length)));
    }
    boolean cut = row.ids().length < whole.row().ids().length;
    return new Prepared(images, tokens, row.text(), cut ? Fit.TRUNCATED : Fit.WHOLE);
  }

  /// The texts of some rows of a batch, as [dev.eosin.language.rows.TokenRows#branched] takes them;
  /// empty where turns are together.
  static Optional<List<int[]>> texts(Batch batch, int from, int to) {
    if (!batch.tokens().containsKey(TURNS)) {
      return Optional.empty();
    }
    Tokens lengths = batch.tokens(TURNS);
    List<int[]> texts = new ArrayList<>();
    for (int row = from; row < to; row++) {
      int start = row * lengths.width();
      texts.add(Arrays.copyOfRange(lengths.ids(), start, start + lengths.lengths()[row]));
    }
    return Optional.of(texts);
  }

  /// The first rows of a batch as they read: an image as its mark and its number of tokens, what is
  /// asked for between `>>` and `<<`. Where turns are apart, `|` stands before each.
  ///
  /// @param most so many rows
  public List<String> read(Batch batch, int most) {
    Tokens tokens = batch.tokens(TEXT);
    List<String> read = new ArrayList<>();
    for (int row = 0; row < Math.min(most, batch.size()); row++) {
      var text = new StringBuilder();
      int from = row * tokens.width();
      for (int length : texts(batch, row, row + 1).map(List::getFirst).orElse(whole(tokens, row))) {
        text.append(text.isEmpty() ? "" : " | ").append(text(tokens, from, from + length));
        from += length;
      }
      read.add(batch.rows().get(row).key() + ": " + text.toString().replace("\n", "\\n"));
    }
    return read;
  }

  private static int[] whole(Tokens tokens, int row) {
    return new int[] {tokens.lengths()[row]};
  }

  private String text(Tokens tokens, int start, int end) {
    var text = new StringBuilder();
    int from = start;
    for (int to; from < end; from = to) {
      to = from + 1;
      while (to < end && alike(tokens, from, to)) {
        to++;
      }
      text.append(part(tokens, from, to));
    }
    return text.toString();
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

  /// The whole row, its images in their places.
  private ApartTurns laid(Sample sample) throws DataException {
    int images = sample.images().size();
    try {
      List<Message> messages = marked(messages(sample), images);
      return switch (turns) {
        case TOGETHER -> {
          ChatRow row = slots.expanded(encoder.conversation(messages), images);
          yield new ApartTurns(row, new int[] {row.ids().length});
        }
        case APART -> ApartTurns.of(ApartTurns.alone(messages), encoder, slots, images);
      };
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

  /// The ids of a question with its images in their places; one without marks is taken for one
  /// about one picture.
  ///
  /// @throws DataException when the template has no words for it
  public int[] question(String text) throws DataException {
    int images = Math.max(1, text.split(MARK, -1).length - 1);
    List<Message> asked = marked(List.of(new Message(Role.USER, text)), images);
    return slots.expanded(encoder.prompt(asked), images);
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
