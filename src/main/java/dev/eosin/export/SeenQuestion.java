package dev.eosin.export;

import dev.eosin.config.DataException;
import dev.eosin.image.transforms.TileGrid;
import dev.eosin.language.T5Decoder;
import dev.eosin.language.TokenPart;
import dev.eosin.language.chat.Message;
import dev.eosin.qformer.InstructText;
import dev.eosin.vllm.ConversationRows;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// How a model that sees is asked, as programs of others have to know it.
///
/// @param pixels how images are prepared
/// @param grid how an image's tiles are laid out, for a connector that looks at them
/// @param before what stands before a question, its image's mark included where it has one
/// @param after what stands behind a question
/// @param front ids before those of the text
/// @param back ids behind them
/// @param mark the id in whose place the image stands
/// @param instructed whether a Q-Former reads the text, too
/// @param cleaned whether Eosin takes some of a question's characters away
/// @param ends ids that end an answer
record SeenQuestion(
    ExamplePixels pixels,
    Optional<TileGrid> grid,
    String before,
    String after,
    List<Integer> front,
    List<Integer> back,
    int mark,
    boolean instructed,
    boolean cleaned,
    List<Integer> ends) {
  /// Stands for a question; no template has it.
  private static final String QUESTION = "\uE000";

  /// No token has it.
  private static final int NOWHERE = -1;

  SeenQuestion {
    front = List.copyOf(front);
    back = List.copyOf(back);
    ends = List.copyOf(ends);
  }

  /// Of a model in LLaVA's manner: the image stands where its template has it.
  ///
  /// @throws DataException when the template has no words for a question
  static SeenQuestion of(ExportedVisionLanguage model) throws DataException {
    ConversationRows rows = model.stored().rows();
    var asked = List.of(new Message(Message.Role.USER, QUESTION));
    List<String> around = around(rows.encoder().promptText(ConversationRows.marked(asked, 1)));
    return new SeenQuestion(
        ExamplePixels.of(rows.transform(), model.stored().normalisation()),
        rows.grid(),
        around.getFirst(),
        around.getLast(),
        ids(rows.encoder().begin()),
        List.of(),
        rows.slots().id(),
        false,
        false,
        model.stored().ends());
  }

  /// Of a second stage: the image stands before everything.
  ///
  /// @throws DataException when how images are prepared cannot be read
  static SeenQuestion of(ExportedReader reader) throws DataException {
    InstructText text = reader.stored().text();
    TokenPart part = reader.language();
    boolean encoder = part instanceof T5Decoder;
    List<String> around = around(text.asking(QUESTION));
    return new SeenQuestion(
        ExamplePixels.of(reader.stored().transform(), reader.stored().normalisation()),
        Optional.empty(),
        around.getFirst(),
        around.getLast(),
        Stream.concat(
                Stream.of(NOWHERE),
                ids(encoder ? OptionalInt.empty() : text.ids().begin()).stream())
            .toList(),
        encoder ? List.of(text.end()) : List.of(),
        NOWHERE,
        reader.reader().instructed(),
        text.cleans(),
        List.of(text.end()));
  }

  private static List<String> around(String prompt) {
    int place = prompt.indexOf(QUESTION);
    return List.of(prompt.substring(0, place), prompt.substring(place + QUESTION.length()));
  }

  private static List<Integer> ids(OptionalInt id) {
    return id.isPresent() ? List.of(id.getAsInt()) : List.of();
  }

  /// What fills the gaps of either language.
  Map<String, String> values() {
    Map<String, String> values = new HashMap<>(pixels.values());
    values.put("before", ExampleText.quoted(before));
    values.put("after", ExampleText.quoted(after));
    values.put("mark", Integer.toString(mark));
    values.put("front", front.stream().map(id -> id + ", ").collect(Collectors.joining()));
    values.put("back", back.stream().map(id -> ", " + id).collect(Collectors.joining()));
    values.put("first", front.stream().map(id -> id + "L").collect(Collectors.joining(", ")));
    values.put("last", back.stream().map(id -> id + "L").collect(Collectors.joining(", ")));
    values.put("form", form());
    grid.ifPresent(some -> values.put("grids", grids(some)));
    return values;
  }

  /// Columns and rows of each grid, in the order in which they are tried.
  private static String grids(TileGrid grid) {
    return grid.grids().stream()
        .map(one -> "(%d, %d)".formatted(one.columns(), one.rows()))
        .collect(Collectors.joining(", "));
  }

  private String form() {
    String around = "The words around QUESTION are those that the model was trained on.";
    return cleaned
        ? around + " Eosin writes it in lower case and without most punctuation; do so, too."
        : around;
  }
}
