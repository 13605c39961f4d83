package dev.eosin.data.parquet;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.jspecify.annotations.Nullable;

/// The pages of one column of one row group: where each lies and which rows it holds, so that a row
/// is read without the rest of its row group.
///
/// @param dictionary where the dictionary lies, where there is one
/// @param runs in the order of their rows
record ParquetPages(
    ParquetFile file,
    CompressionCodec codec,
    ParquetSchema.Leaf leaf,
    Optional<Place> dictionary,
    List<Run> runs) {
  /// A page's header and what follows it.
  record Place(long start, int headerBytes, PageHeader header) {
    long end() {
      return start + headerBytes + header.getCompressed_page_size();
    }

    /// Number of values; each row has one, unless rows repeat.
    int values() {
      return switch (header.getType()) {
        case DATA_PAGE -> header.getData_page_header().getNum_values();
        case DATA_PAGE_V2 -> header.getData_page_header_v2().getNum_values();
        case DICTIONARY_PAGE -> header.getDictionary_page_header().getNum_values();
        case INDEX_PAGE -> 0;
      };
    }
  }

  /// Pages that together hold whole rows: almost always one.
  ///
  /// @param firstRow in the row group
  record Run(List<Place> pages, int firstRow) {}

  ParquetPages {
    runs = List.copyOf(runs);
  }

  /// The run that holds a row of the row group.
  int runOf(int row) {
    int low = 0;
    int high = runs.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) / 2;
      if (runs.get(middle).firstRow() <= row) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /// The run's values, unpacked but not decoded, without the dictionary.
  ///
  /// @throws IOException when they are damaged
  ParquetRun unpack(Run run) throws IOException {
    List<DataPage> pages = new ArrayList<>();
    for (Place place : run.pages()) {
      pages.add(data(place));
    }
    return new ParquetRun(Optional.empty(), pages);
  }

  /// The dictionary that all runs share, where there is one, without any values.
  ///
  /// @throws IOException when it is damaged
  ParquetRun unpackDictionary() throws IOException {
    return dictionary.isEmpty()
        ? new ParquetRun(Optional.empty(), List.of())
        : new ParquetRun(Optional.of(dictionary(dictionary.get())), List.of());
  }

  /// The most bytes that one value costs to read: those of the largest page, unpacked.
  long largestPageBytes() {
    return Stream.concat(dictionary.stream(), runs.stream().flatMap(run -> run.pages().stream()))
        .mapToLong(place -> place.header().getUncompressed_page_size())
        .max()
        .orElse(0);
  }

  private DataPage data(Place place) throws IOException {
    return place.header().getType() == PageType.DATA_PAGE ? first(place) : second(place);
  }

  private ParquetDictionary dictionary(Place place) throws IOException {
    var header = place.header().getDictionary_page_header();
    byte[] bytes =
        ParquetCodec.unpack(codec, body(place), place.header().getUncompressed_page_size());
    // Each entry takes a byte at least, but for booleans, which have no dictionaries.
    if (header.getNum_values() < 0 || header.getNum_values() > bytes.length) {
      throw new IOException("a dictionary is shorter than its header says");
    }
    DictionaryPage page =
        new DictionaryPage(
            BytesInput.from(bytes), header.getNum_values(), encoding(header.getEncoding()));
    return ParquetDictionary.of(page, leaf.column());
  }

  private DataPage first(Place place) throws IOException {
    DataPageHeader header = place.header().getData_page_header();
    byte[] bytes =
        ParquetCodec.unpack(codec, body(place), place.header().getUncompressed_page_size());
    return new DataPageV1(
        BytesInput.from(bytes),
        header.getNum_values(),
        bytes.length,
        null,
        encoding(header.getRepetition_level_encoding()),
        encoding(header.getDefinition_level_encoding()),
        encoding(header.getEncoding()));
  }

  private DataPage second(Place place) throws IOException {
    DataPageHeaderV2 header = place.header().getData_page_header_v2();
    byte[] body = body(place);
    int repetition = header.getRepetition_levels_byte_length();
    int definition = header.getDefinition_levels_byte_length();
    long levels = (long) repetition + definition;
    if (repetition < 0 || definition < 0 || levels > body.length) {
      throw new EOFException("a page is shorter than its levels");
    }
    byte[] packed = Arrays.copyOfRange(body, (int) levels, body.length);
    int unpacked = place.header().getUncompressed_page_size() - (int) levels;
    boolean isPacked = !header.isSetIs_compressed() || header.isIs_compressed();
    byte[] values =
        isPacked && packed.length > 0 ? ParquetCodec.unpack(codec, packed, unpacked) : packed;
    return DataPageV2.uncompressed(
        header.getNum_rows(),
        header.getNum_nulls(),
        header.getNum_values(),
        BytesInput.from(body, 0, repetition),
        BytesInput.from(body, repetition, definition),
        encoding(header.getEncoding()),
        BytesInput.from(values),
        null);
  }

  private byte[] body(Place place) throws IOException {
    return file.read(place.start() + place.headerBytes(), place.header().getCompressed_page_size())
        .array();
  }

  private static Encoding encoding(org.apache.parquet.format.@Nullable Encoding encoding)
      throws IOException {
    if (encoding == null) {
      throw new IOException("a page has an unknown encoding");
    }
    return Encoding.valueOf(encoding.name());
  }
}
