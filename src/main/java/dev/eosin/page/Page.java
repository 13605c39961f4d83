package dev.eosin.page;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A page of sections, with a list of them at its top.
public final class Page {
  /// Whatever slips in, a browser neither runs nor loads it.
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ink: #1d1d22; --paper: #fff; --line: #d8d8de; --soft: #f3f3f6;
        --faint: #5d5d68; --shade: rgb(70 70 80 / .45); --accent: #8e2f63; --good: #d9efdb; --bad: #fadcdc; --red: #8b1a1a; --green: #14521a }
      @media (prefers-color-scheme: dark) { :root { --ink: #e8e8ee; --paper: #17171b; --line: #3b3b44;
        --soft: #222228; --faint: #a8a8b4; --shade: rgb(200 200 215 / .45); --accent: #e58fbe; --good: #1d3b22; --bad: #4a2024; --red: #f2a0a0;
        --green: #9fdca6 } }
      * { box-sizing: border-box }
      body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 84rem; padding: 1rem;
        color: var(--ink); background: var(--paper); overflow-wrap: anywhere }
      h1 { font-size: 1.6rem; margin: .5rem 0 } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem;
        border-bottom: 2px solid var(--line); padding-bottom: .2rem } h3 { font-size: 1.05rem; margin: 1.4rem 0 .4rem }
      a { color: var(--accent) } p { margin: .4rem 0; max-width: 60rem } small, .faint { color: var(--faint); font-size: 13px }
      nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .5rem 0 }
      .scroll { overflow-x: auto; max-width: 100%; background:
        linear-gradient(to right, var(--paper) 40%, transparent) left / 2.5rem 100% no-repeat local,
        linear-gradient(to left, var(--paper) 40%, transparent) right / 2.5rem 100% no-repeat local,
        linear-gradient(to right, var(--shade), transparent) left / .9rem 100% no-repeat scroll,
        linear-gradient(to left, var(--shade), transparent) right / .9rem 100% no-repeat scroll }
      table { border-collapse: collapse; margin: .4rem 0 }
      th, td { padding: .25rem .7rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line) }
      th, td, figcaption, p { unicode-bidi: plaintext }
      th, td { overflow-wrap: break-word } td.text { overflow-wrap: anywhere; min-width: 5rem }
      th { font-weight: 600; min-width: 4.5rem } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
      table.facts td { min-width: 10rem; overflow-wrap: anywhere }
      table.facts th { white-space: normal; overflow-wrap: anywhere; min-width: 7rem }
      table.cells td, table.cells th { border: 1px solid var(--line); padding: .25rem .5rem }
      caption { text-align: left; white-space: normal }
      @media (max-width: 30rem) { body { padding: .75rem } th, td { padding-right: .4rem } th, td.text { min-width: 3.5rem }
        thead th.number { white-space: normal; min-width: 0 }
        .steps, .steps thead, .steps tbody { display: block } .steps th, .steps td { border: 0; padding: .1rem 0 }
        .steps tr { display: grid; grid-template-columns: repeat(4, 1fr); gap: 0 .4rem; padding: .25rem 0;
          border-bottom: 1px solid var(--line) }
        .steps [scope=row], .steps th.text, .steps .share { grid-column: 1 / -1 } }
      td.own { outline: 2px solid var(--accent); outline-offset: -2px }
      td small { display: block } .cells small { color: inherit }
      pre { background: var(--soft); padding: .75rem; overflow-x: auto; font-size: 13px; white-space: pre-wrap }
      .note { border-left: 4px solid var(--accent); padding-left: .75rem }
      .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0 1.5rem }
      .chart { margin: .6rem 0; max-width: 40rem } .chart svg { width: 100%; height: auto; display: block }
      .chart text { font: 12px system-ui, sans-serif; fill: var(--ink) } .chart .axis { stroke: var(--line); fill: none }
      .legend { list-style: none; padding: 0; margin: .2rem 0; display: flex; flex-wrap: wrap; gap: .1rem .9rem; font-size: 13px }
      .legend svg { width: 18px; height: 12px; display: inline-block; vertical-align: middle; margin-right: .3rem }
      .tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr)); gap: .8rem; margin: .5rem 0 }
      figure { margin: 0 } figcaption { font-size: 13px; line-height: 1.35 }
      .tiles img, .gone { width: 100%; aspect-ratio: 1; object-fit: contain; background: var(--soft); display: block }
      .gone { display: grid; place-items: center; font-size: 12px; color: var(--faint); padding: .5rem; text-align: center }
      .right { border-top: 4px solid #2f8f46 } .wrong { border-top: 4px solid #c8383f }
      del { background: var(--bad); color: var(--red) } ins { background: var(--good); color: var(--green) }
      """;

  private Page() {}

  /// A part of a page.
  ///
  /// @param title in the list and above it
  /// @param body what it shows
  public record Section(String title, Html body) {}

  /// A page's title: what was done, and of which file or folder.
  public static String title(String what, Path of) {
    Path whole = of.toAbsolutePath().normalize();
    Path name = whole.getFileName() == null ? whole : whole.getFileName();
    return what + ": " + Excerpt.name(name.toString());
  }

  /// The page as a file has it.
  ///
  /// @param lead what comes before the sections
  public static String of(String title, Html lead, List<Section> sections) {
    List<Section> shown = new ArrayList<>(sections);
    Html head = new Html().open("html", "lang", "en").open("head").open("meta", "charset", "utf-8");
    head.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    head.open("meta", "http-equiv", "Content-Security-Policy", "content", POLICY);
    // Without it, a browser that serves the file would ask for a picture of the site.
    head.open("link", "rel", "icon", "href", "data:,").element("title", title);
    Html body = new Html().open("body").line().element("h1", title).line().add(lead).line();
    if (shown.size() > 2) {
      body.add(list(shown));
    }
    for (int i = 0; i < shown.size(); i++) {
      body.open("section", "id", anchor(i)).element("h2", shown.get(i).title()).line();
      body.add(shown.get(i).body()).line().close("section").line();
    }
    return "<!DOCTYPE html>\n%s<style>\n%s</style></head>\n%s</body></html>\n"
        .formatted(head, STYLE, body);
  }

  private static Html list(List<Section> sections) {
    Html list = new Html().open("nav", "aria-label", "Sections").open("ul");
    for (int i = 0; i < sections.size(); i++) {
      list.open("li").element("a", sections.get(i).title(), "href", "#" + anchor(i)).close("li");
    }
    return list.close("ul").close("nav").line();
  }

  private static String anchor(int section) {
    return "section-" + (section + 1);
  }
}
