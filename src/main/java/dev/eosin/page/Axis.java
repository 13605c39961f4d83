package dev.eosin.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The numbers along one side of a chart.
///
/// @param title what they are
/// @param low at its beginning
/// @param high at its end
/// @param ticks numbers that are written
record Axis(String title, double low, double high, List<Double> ticks) {
  private static final int TICKS = 5;
  private static final double[] STEPS = {1, 2, 2.5, 5, 10};

  Axis {
    ticks = List.copyOf(ticks);
  }

  /// Around values, ending at ticks.
  ///
  /// @param low the least of them
  /// @param high the largest
  static Axis around(String title, double low, double high) {
    double from = Double.isFinite(low) ? low : 0;
    double to = Double.isFinite(high) ? high : 1;
    if (from == to) {
      double margin = from == 0 ? 0.5 : Math.abs(from) / 2;
      from -= margin;
      to += margin;
    }
    double rough = (to - from) / TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = 10 * power;
    for (double each : STEPS) {
      if (each * power >= rough) {
        step = each * power;
        break;
      }
    }
    List<Double> ticks = new ArrayList<>();
    long first = (long) Math.floor(from / step + 1e-9);
    long last = (long) Math.ceil(to / step - 1e-9);
    for (long tick = first; tick <= last; tick++) {
      ticks.add(tick * step);
    }
    return new Axis(title, ticks.getFirst(), ticks.getLast(), ticks);
  }

  /// From 0 to 1.
  static Axis share(String title) {
    return new Axis(title, 0, 1, List.of(0.0, 0.2, 0.4, 0.6, 0.8, 1.0));
  }

  /// 0 at its beginning, 1 at its end.
  double at(double value) {
    return (value - low) / (high - low);
  }

  /// As it is written.
  static String text(double tick) {
    double most = Math.abs(tick);
    if (most >= 1e5 || most > 0 && most < 1e-3) {
      return String.format(Locale.ROOT, "%.0e", tick).replace("e-0", "e-").replace("e+0", "e");
    }
    String plain = String.format(Locale.ROOT, "%,.4f", tick);
    return plain.contains(".") ? plain.replaceFirst("0+$", "").replaceFirst("\\.$", "") : plain;
  }
}
