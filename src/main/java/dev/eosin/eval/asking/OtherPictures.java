package dev.eosin.eval.asking;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Which other picture each is exchanged for: several derangements of the distinct pictures, so
/// that none stays in its place and no two draws give a picture the same other one.
///
/// The pictures stand in a random circle; a draw moves all of them by a number of places of its
/// own.
final class OtherPictures {
  private final List<Picture> circle;
  private final Map<String, Integer> places = new LinkedHashMap<>();
  private final List<Integer> moves;

  private OtherPictures(List<Picture> circle, List<Integer> moves) {
    this.circle = List.copyOf(circle);
    this.moves = List.copyOf(moves);
    for (int i = 0; i < circle.size(); i++) {
      places.put(circle.get(i).digest(), i);
    }
  }

  /// A function of the key and the pictures' order alone.
  ///
  /// @param pictures of the questions; those of one digest are one
  /// @param draws that are wanted; of n distinct pictures there are at most n - 1
  static OtherPictures of(List<Picture> pictures, RandomKey key, int draws) {
    Map<String, Picture> distinct = new LinkedHashMap<>();
    pictures.forEach(picture -> distinct.putIfAbsent(picture.digest(), picture));
    List<Picture> circle = new ArrayList<>(distinct.values());
    shuffle(circle, key.stream(RandomKey.Purpose.OTHER_IMAGE, 0, 0));
    List<Integer> moves = new ArrayList<>();
    for (int move = 1; move < circle.size(); move++) {
      moves.add(move);
    }
    shuffle(moves, key.stream(RandomKey.Purpose.OTHER_IMAGE, 0, 1));
    return new OtherPictures(circle, moves.subList(0, Math.min(draws, moves.size())));
  }

  private static void shuffle(List<?> list, RandomStream random) {
    for (int i = list.size() - 1; i > 0; i--) {
      Collections.swap(list, i, random.nextInt(i + 1));
    }
  }

  /// How many draws there are; none for a single picture.
  int draws() {
    return moves.size();
  }

  int pictures() {
    return circle.size();
  }

  /// Another picture, whose bytes differ.
  Picture of(Picture own, int draw) {
    int place = Objects.requireNonNull(places.get(own.digest()));
    return circle.get((place + moves.get(draw)) % circle.size());
  }
}
