package dev.eosin.data.parquet;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;

/// Finds the pages of one column of one row group by their headers. What the pages hold is read
/// only where rows repeat and no header counts them.
final class ParquetIndexer {
  private final ParquetFile file;
  private final ColumnMetaData chunk;
  private final ParquetSchema.Leaf leaf;
  private final List<ParquetPages.Run> runs = new ArrayList<>();
  private Optional<ParquetPages.Place> dictionary = Optional.empty();
  private long rows;

  ParquetIndexer(ParquetFile file, ColumnMetaData chunk, ParquetSchema.Leaf leaf) {
    this.file = file;
    this.chunk = chunk;
    this.leaf = leaf;
  }

  /// @param expectedRows of the row group
  /// @throws IOException when the pages are damaged or hold another number of rows
  ParquetPages index(long expectedRows) throws IOException {
    long position = ParquetFile.start(chunk);
    long end = position + chunk.getTotal_compressed_size();
    long values = 0;
    while (values < chunk.getNum_values() && position < end) {
      ParquetPages.Place place = place(position, end);
      if (place.header().getType() == PageType.DICTIONARY_PAGE) {
        dictionary = Optional.of(place);
      } else if (place.values() > 0) {
        values += place.values();
        add(place);
      }
      position = place.end();
    }
    if (values != chunk.getNum_values() || rows != expectedRows) {
      throw new IOException(
          "column %s has %d rows in a row group of %d".formatted(leaf.name(), rows, expectedRows));
    }
    return pages(runs);
  }

  private ParquetPages pages(List<ParquetPages.Run> some) {
    return new ParquetPages(file, chunk.getCodec(), leaf, dictionary, some);
  }

  private ParquetPages.Place place(long position, long end) throws IOException {
    CountedInput in = new CountedInput(file, position, end);
    PageHeader header = Util.readPageHeader(in);
    boolean whole =
        header.getType() != null
            && header.getCompressed_page_size() >= 0
            && switch (header.getType()) {
              case DATA_PAGE -> header.getData_page_header() != null;
              case DATA_PAGE_V2 -> header.getData_page_header_v2() != null;
              case DICTIONARY_PAGE -> header.getDictionary_page_header() != null;
              case INDEX_PAGE -> true;
            };
    if (!whole) {
      throw new IOException("a page header of column %s is incomplete".formatted(leaf.name()));
    }
    ParquetPages.Place place = new ParquetPages.Place(position, in.count, header);
    if (place.end() > end
        || place.header().getType() != PageType.INDEX_PAGE && place.values() < 0) {
      throw new IOException("a page of column %s is too long".formatted(leaf.name()));
    }
    return place;
  }

  private void add(ParquetPages.Place place) throws IOException {
    int first = Math.toIntExact(rows);
    boolean continues = false;
    if (!leaf.isRepeated()) {
      rows += place.values();
    } else if (place.header().getType() == PageType.DATA_PAGE_V2) {
      // Rows never go on in the next page of this version.
      rows += place.header().getData_page_header_v2().getNum_rows();
    } else {
      continues = countRows(place);
    }
    if (continues && !runs.isEmpty()) {
      ParquetPages.Run last = runs.removeLast();
      List<ParquetPages.Place> joined = new ArrayList<>(last.pages());
      joined.add(place);
      runs.add(new ParquetPages.Run(joined, last.firstRow()));
    } else {
      runs.add(new ParquetPages.Run(List.of(place), first));
    }
  }

  /// @return whether the page begins inside a row
  private boolean countRows(ParquetPages.Place place) throws IOException {
    ParquetPages.Run alone = new ParquetPages.Run(List.of(place), 0);
    ParquetPages found = pages(List.of(alone));
    ParquetRun.Rows counted = found.unpack(alone).with(found.unpackDictionary()).countRows(leaf);
    rows += counted.count();
    return counted.continues();
  }

  /// Reads ahead in the file, and counts what was taken.
  private static final class CountedInput extends InputStream {
    private static final int AHEAD_BYTES = 4_096;
    private final ParquetFile file;
    private final long start;
    private final long end;
    private byte[] ahead = new byte[0];
    private int aheadStart;
    private int count;

    CountedInput(ParquetFile file, long start, long end) {
      this.file = file;
      this.start = start;
      this.end = end;
    }

    @Override
    public int read() throws IOException {
      if (count - aheadStart == ahead.length) {
        long left = end - start - count;
        if (left <= 0) {
          return -1;
        }
        aheadStart = count;
        ahead = file.read(start + count, (int) Math.min(AHEAD_BYTES, left)).array();
      }
      return ahead[count++ - aheadStart] & 0xff;
    }
  }
}
