package dev.eosin.data.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardPathsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a.tar                   | a.tar
          s-{008..010}.tar        | s-008.tar s-009.tar s-010.tar
          s-{8..10}.tar           | s-8.tar s-9.tar s-10.tar
          s-{0..6..3}.tar         | s-0.tar s-3.tar s-6.tar
          s-{2..1}.tar            | s-2.tar s-1.tar
          {a,b}/{0..1}.tar        | a/0.tar a/1.tar b/0.tar b/1.tar
          {x{1..2},y,}.tar        | x1.tar x2.tar y.tar .tar
          a{1..2}.tar::b.tar      | a1.tar a2.tar b.tar
          """)
  void bracesAreReplacedAsAShellDoes(String path, String expected) {
    assertThat(ShardPaths.expand(path)).containsExactly(expected.split(" ", -1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          s-{0..1.tar                 | has a { without its }
          s-{}.tar                    | {} is neither a range
          s-{0..x}.tar                | {0..x} is neither a range
          s-{0..99999999}.tar         | more than a million
          {0..999}{0..999}{0..9}.tar  | more than a million
          s-{0..4..0}.tar             | more than a million
          a.tar::                     | found an empty text
          """)
  void whatCannotBeMeantIsRefused(String path, String reason) {
    assertThatThrownBy(() -> ShardPaths.expand(path))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("path: ")
        .hasMessageContaining(reason);
  }

  @Test
  void foldersAndPatternsAreListedByName() throws IOException {
    for (String name : List.of("b.tar", "a.tar", "c.txt", "a.tar.eosin-index")) {
      Files.createFile(folder.resolve(name));
    }
    List<String> all = List.of(folder + "/a.tar", folder + "/b.tar");
    assertThat(ShardPaths.shards(folder.toString())).isEqualTo(all);
    assertThat(ShardPaths.shards(folder + "/?.tar")).isEqualTo(all);
    assertThat(ShardPaths.shards("https://host/s-{0..1}.tar::" + folder))
        .startsWith("https://host/s-0.tar", "https://host/s-1.tar")
        .endsWith(folder + "/b.tar");
    assertThatThrownBy(() -> ShardPaths.shards(folder + "/z*.tar"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no shard here is named z*.tar");
  }

  @Test
  void commandsAndOtherServersAreRefusedWithWhatIsSupported() {
    for (String path :
        List.of(
            "pipe:aws s3 cp s3://bucket/{000..127}.tar -",
            "s3://bucket/a.tar",
            "gs://bucket/a.tar",
            "a.tar::hdfs://host/b.tar")) {
      assertThatThrownBy(() -> ShardPaths.expand(path))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("path: '")
          .hasMessageContaining(
              "supported are files, folders, patterns and, with 'cache', addresses at http:// and https://");
    }
    assertThat(ShardPaths.expand("https://host/a.tar::b:c.tar"))
        .containsExactly("https://host/a.tar", "b:c.tar");
  }
}
