package dev.eosin.text;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What a sentencepiece `.model` file says.
///
/// Source: sentencepiece 0.2.2, `sentencepiece_model.proto`; the names here are its.
///
/// @param pieces by id
/// @param unigram whether it is a unigram model; else it merges pairs
/// @param byteFallback whether what has no piece is spelled in bytes
/// @param unk, bos, eos, pad ids; -1 where there is none
/// @param characterMap the compiled normalisation, empty where text is taken as it is
record SentencePieceModel(
    List<Piece> pieces,
    boolean unigram,
    boolean byteFallback,
    int unk,
    int bos,
    int eos,
    int pad,
    byte[] characterMap,
    boolean dummyPrefix,
    boolean removeExtraWhitespace) {

  /// @param score a log probability, or minus the rank of its merge
  record Piece(String text, float score, Kind kind) {}

  /// The kinds, in the order of the format's numbers from 1 on.
  enum Kind {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE;

    /// Whether text never spells it.
    boolean special() {
      return this == UNKNOWN || this == CONTROL;
    }
  }

  private static final int UNIGRAM = 1;
  private static final int BPE = 2;

  /// @throws DataException when the file is no sentencepiece model, or of a kind that is not
  ///   honoured
  static SentencePieceModel read(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    try {
      return new Reading(file).model(new ProtobufFields(bytes));
    } catch (ProtobufFields.Malformed e) {
      boolean ranks =
          new String(bytes, 0, Math.min(64, bytes.length), StandardCharsets.UTF_8)
              .matches("(?s)[A-Za-z0-9+/]+=* \\d+\\n.*");
      throw new DataException(
          ranks
              ? file
                  + ": is a tiktoken file, not a sentencepiece model; use the tokenizer.json that"
                  + " the model comes with in the Hugging Face format"
              : "%s: not a sentencepiece model: %s".formatted(file, e.getMessage()),
          e);
    }
  }

  /// The values while a file is read, first as the format's defaults.
  private static final class Reading {
    private final Path file;
    private final List<Piece> pieces = new ArrayList<>();
    private int type = UNIGRAM;
    private boolean byteFallback;
    private int unk;
    private int bos = 1;
    private int eos = 2;
    private int pad = -1;
    private byte[] map = {};
    private boolean prefix = true;
    private boolean removeExtra = true;

    Reading(Path file) {
      this.file = file;
    }

    SentencePieceModel model(ProtobufFields fields) throws DataException {
      while (fields.next()) {
        switch (fields.number()) {
          case 1 -> pieces.add(piece(fields.message()));
          case 2 -> trainer(fields.message());
          case 3 -> normaliser(fields.message());
          case 5 -> denormaliser(fields.message());
          default -> fields.skip();
        }
      }
      if (pieces.isEmpty()) {
        throw new ProtobufFields.Malformed("it has no pieces");
      }
      if (type != UNIGRAM && type != BPE) {
        throw unsupported("model type %d; 1 (unigram) and 2 (bpe) are".formatted(type));
      }
      return new SentencePieceModel(
          List.copyOf(pieces),
          type == UNIGRAM,
          byteFallback,
          unk,
          valid(bos),
          valid(eos),
          valid(pad),
          map,
          prefix,
          removeExtra);
    }

    private int valid(int id) {
      return id < pieces.size() ? id : -1;
    }

    private DataException unsupported(String what) {
      return new DataException("%s: not supported: %s".formatted(file, what));
    }

    private static Piece piece(ProtobufFields fields) {
      String text = "";
      float score = 0;
      long kind = 1;
      while (fields.next()) {
        switch (fields.number()) {
          case 1 -> text = fields.text();
          case 2 -> score = fields.real();
          case 3 -> kind = fields.integer();
          default -> fields.skip();
        }
      }
      if (kind < 1 || kind > Kind.values().length) {
        throw new ProtobufFields.Malformed("piece '%s' is of kind %d".formatted(text, kind));
      }
      return new Piece(text, score, Kind.values()[(int) kind - 1]);
    }

    private void trainer(ProtobufFields fields) throws DataException {
      while (fields.next()) {
        switch (fields.number()) {
          case 3 -> type = (int) fields.integer();
          case 24 -> refuse(fields.flag(), "treat_whitespace_as_suffix");
          case 35 -> byteFallback = fields.flag();
          case 40 -> unk = (int) fields.integer();
          case 41 -> bos = (int) fields.integer();
          case 42 -> eos = (int) fields.integer();
          case 43 -> pad = (int) fields.integer();
          default -> fields.skip();
        }
      }
    }

    private void normaliser(ProtobufFields fields) throws DataException {
      while (fields.next()) {
        switch (fields.number()) {
          case 2 -> map = fields.bytes();
          case 3 -> prefix = fields.flag();
          case 4 -> removeExtra = fields.flag();
          case 5 -> refuse(!fields.flag(), "escape_whitespaces false");
          default -> fields.skip();
        }
      }
    }

    private void denormaliser(ProtobufFields fields) throws DataException {
      while (fields.next()) {
        if (fields.number() == 2) {
          refuse(fields.bytes().length > 0, "a denormalizer");
        } else {
          fields.skip();
        }
      }
    }

    private void refuse(boolean set, String what) throws DataException {
      if (set) {
        throw unsupported(what);
      }
    }
  }
}
