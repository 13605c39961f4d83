package dev.eosin.qformer;

import dev.eosin.config.DataException;
import dev.eosin.data.Caption;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.data.order.Preparation;
import dev.eosin.data.order.RowShape;
import dev.eosin.data.order.SampleOrder;
import dev.eosin.data.order.TokenRow;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import dev.eosin.text.EncodedCaption.Fit;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Questions about an image with their answers, and captions as answers to an instruction, as rows
/// of a second stage.
///
/// @param transform makes an image into the tower's input
/// @param text makes the ids
public record InstructRows(TileTransform transform, InstructText text) implements Preparation {
  /// The sequence that the Q-Former reads, where it reads any.
  public static final String INSTRUCTION = "instruction";

  /// The sequence that the language model reads before its answer.
  public static final String PROMPT = "prompt";

  /// The sequence that is learned: the answer with what ends it.
  public static final String ANSWER = "answer";

  private static final RandomKey UNUSED = new RandomKey(0);

  /// What a sample asks and answers, in the models' words.
  private record Said(String asked, String answer) {}

  @Override
  public RowShape shape() {
    InstructTextSettings settings = text.settings();
    int filler = text.ids().filler();
    Map<String, RowShape.Sequence> sequences = new LinkedHashMap<>();
    text.qformer()
        .ifPresent(
            tokenizer ->
                sequences.put(
                    INSTRUCTION,
                    new RowShape.Sequence(settings.qformerLength(), tokenizer.paddingId(), false)));
    sequences.put(PROMPT, new RowShape.Sequence(settings.promptLength(), filler, false));
    sequences.put(ANSWER, new RowShape.Sequence(settings.answerLength(), filler, true));
    return new RowShape(transform.height(), transform.width(), 1, sequences);
  }

  @Override
  public Prepared training(Sample sample, SampleOrder order, long position) throws IOException {
    long epoch = order.epoch(position);
    RgbImage image = seen(sample, order.key().stream(Purpose.AUGMENTATION, epoch, position));
    RandomStream words = order.key().stream(Purpose.CAPTION_TEMPLATE, epoch, position);
    int which = words.nextInt(text.settings().captions().size());
    return prepared(sample, image, said(sample, Optional.of(order), position, which));
  }

  /// The first caption, as an answer to the first instruction.
  @Override
  public Prepared evaluation(Sample sample, long position) throws IOException {
    RgbImage image = seen(sample, UNUSED.stream(Purpose.AUGMENTATION, 0, position));
    return prepared(sample, image, said(sample, Optional.empty(), position, 0));
  }

  private RgbImage seen(Sample sample, RandomStream random) throws IOException {
    if (sample.images().size() != 1) {
      throw new DataException(
          "%s: has %d images, where a question is about one; name the field of its image"
              .formatted(sample.key(), sample.images().size()));
    }
    return transform.apply(sample.images().getFirst().read(), random);
  }

  private Said said(Sample sample, Optional<SampleOrder> order, long position, int which)
      throws DataException {
    return switch (sample.content()) {
      case QuestionAnswer content -> about(sample, content.question(), content);
      case SampleContent.Captions(List<Caption> captions) -> {
        if (captions.isEmpty()) {
          throw new DataException(sample.key() + ": there is no caption and no question");
        }
        Caption drawn = order.map(o -> o.caption(position, captions)).orElse(captions.getFirst());
        yield answered(sample, text.describing(which), drawn.text(), "the caption");
      }
      case SampleContent.Conversation(List<SampleContent.Turn> turns) -> {
        if (turns.size() != 2 || !turns.getFirst().asks() || turns.getLast().asks()) {
          throw new DataException(
              "%s: is a conversation of %d turns; a question with its answer is expected"
                  .formatted(sample.key(), turns.size()));
        }
        yield asked(sample, turns.getFirst().text(), Kind.OPEN, turns.getLast().text());
      }
      case SampleContent.Document _ ->
          throw new DataException(
              sample.key()
                  + ": is text alone, where questions with answers or captions are expected");
    };
  }

  /// Options stand on lines of their own, as they are asked; the answer begins with its letter.
  private Said about(Sample sample, String question, QuestionAnswer content) throws DataException {
    if (content.kind() != Kind.CHOICE) {
      return asked(sample, question, content.kind(), content.answer());
    }
    StringBuilder options = new StringBuilder(question);
    String answer = content.answer();
    for (int place = 0; place < content.options().size(); place++) {
      String lettered = "%c: %s".formatted('A' + place, content.options().get(place));
      options.append('\n').append(lettered);
      answer = content.options().get(place).equals(content.answer()) ? lettered : answer;
    }
    return asked(sample, options.toString(), Kind.CHOICE, answer);
  }

  private Said asked(Sample sample, String question, Kind kind, String answer)
      throws DataException {
    if (question.isBlank()) {
      throw new DataException(sample.key() + ": the question is empty");
    }
    return answered(sample, text.asking(question, kind), answer, "the answer");
  }

  private Said answered(Sample sample, String asked, String answer, String what)
      throws DataException {
    if (text.cleaned(answer).isBlank()) {
      throw new DataException("%s: %s is empty".formatted(sample.key(), what));
    }
    return new Said(asked, text.answering(answer));
  }

  private Prepared prepared(Sample sample, RgbImage image, Said said) {
    int[] answer = text.answer(said.answer());
    boolean[] supervised = new boolean[answer.length];
    Arrays.fill(supervised, true);
    Map<String, TokenRow> tokens = new LinkedHashMap<>();
    if (text.qformer().isPresent()) {
      tokens.put(INSTRUCTION, new TokenRow(text.instruction(said.asked())));
    }
    tokens.put(PROMPT, new TokenRow(text.prompt(said.asked())));
    tokens.put(ANSWER, new TokenRow(answer, Optional.of(supervised)));
    boolean cut = text.cuts(said.asked()) || answer[answer.length - 1] != text.end();
    return new Prepared(
        List.of(image),
        tokens,
        "%s >>%s<<".formatted(said.asked(), said.answer()),
        cut ? Fit.TRUNCATED : Fit.WHOLE);
  }
}
